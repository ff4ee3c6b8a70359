/* What a kernel tells of sockets that listen and that are connected: hand-made answers, cut and
 * wrong ones, and sockets of ours on the loopback. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/observe/listeners.h"
#include "kernel/observe/observer.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

static const char four_loopback[16] = "\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\1";

static void out_of_a_message(void **state)
{
	struct inet_diag_msg m = {.idiag_family = AF_INET, .idiag_state = 10, .idiag_inode = 4711};
	struct inet_told told = {0}, untouched = {0};

	(void)state;
	m.id.idiag_sport = htons(8080);
	m.id.idiag_src[0] = htonl(INADDR_LOOPBACK);
	assert_true(inet_told_from_diag(&m, sizeof m, IPPROTO_TCP, &told));
	assert_int_equal(told.state, INET_LISTENING);
	assert_int_equal(told.local.port, 8080);
	assert_int_equal(told.inode, 4711);
	assert_memory_equal(told.local.address, four_loopback, 16);

	for (size_t n = 0; n < sizeof m; n++) /* cut off anywhere */
		assert_false(inet_told_from_diag(&m, n, IPPROTO_TCP, &untouched));
	m.idiag_state = 6; /* TIME_WAIT: nobody's any more */
	assert_false(inet_told_from_diag(&m, sizeof m, IPPROTO_TCP, &untouched));
	m.idiag_state = 7;
	assert_false(inet_told_from_diag(&m, sizeof m, IPPROTO_TCP, &untouched));
	assert_true(inet_told_from_diag(&m, sizeof m, IPPROTO_UDP, &told));
	assert_int_equal(told.protocol, IPPROTO_UDP);
	m.idiag_state = 1; /* UDP that is connected waits for nobody else */
	assert_false(inet_told_from_diag(&m, sizeof m, IPPROTO_UDP, &untouched));
	m.idiag_family = AF_UNIX;
	assert_false(inet_told_from_diag(&m, sizeof m, IPPROTO_TCP, &untouched));
	assert_int_equal(untouched.local.port, 0);

	m.idiag_family = AF_INET6;
	memcpy(m.id.idiag_src, &in6addr_loopback, 16);
	memcpy(m.id.idiag_dst, four_loopback, 16); /* IPv4 on a socket of IPv6 */
	m.id.idiag_dport = htons(40000);
	assert_true(inet_told_from_diag(&m, sizeof m, IPPROTO_TCP, &told));
	assert_int_equal(told.state, INET_ESTABLISHED);
	assert_memory_equal(told.local.address, &in6addr_loopback, 16);
	assert_memory_equal(told.remote.address, four_loopback, 16);
	assert_int_equal(told.remote.port, 40000);
	assert_true(inet_end_is_loopback(&told.local) && inet_end_is_loopback(&told.remote));
}

static void out_of_a_line(void **state)
{
	static const char four[] =
	        "   1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 "
	        "00000000     0        0 4711 1 0000000000000000 100 0 0 10 0",
	                  six[] = "   0: 00000000000000000000000001000000:0050 "
	                          "00000000000000000000000000000000:0000 0A 00000000:00000000 "
	                          "00:00000000 00000000  33        0 12 1 0 100 0 0 10 0",
	                  connected[] = "   1: 0100007F:1F90 0200007F:0050 01 00000000:00000000 "
	                                "00:00000000 00000000 0 0 4711",
	                  udp[] = "  411: 3500007F:0035 00000000:0000 07 00000000:00000000 "
	                          "00:00000000 00000000   101        0 977 2 0000000000000000 0";
	static const char *const none[] = {"",
	        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid",
	        "   1: 0100007F:1F90 0100007F:0050 06 0:0 00:0 0 0 0 4711", "   1: 0100007F:1F90",
	        "   1: 01007F:1F90 00000000:0000 0A 0:0 0:0 0 0 0 4711",
	        "   1: 0100007F:1F90 000000:0000 0A 0:0 0:0 0 0 0 4711",
	        "   1: ZZ00007F:1F90 00000000:0000 0A 0:0 0:0 0 0 0 4711", "\n\n:::::"};
	const bool little = htonl(1) != 1; /* the kernel prints in its own byte order */
	char printed[INET6_ADDRSTRLEN];
	struct inet_told told;

	(void)state;
	assert_true(inet_told_from_line(four, IPPROTO_TCP, &told));
	assert_int_equal(told.family, AF_INET);
	assert_int_equal(told.state, INET_LISTENING);
	assert_int_equal(told.local.port, 8080);
	assert_int_equal(told.inode, 4711);
	assert_true(inet_told_from_line(six, IPPROTO_TCP, &told));
	assert_int_equal(told.family, AF_INET6);
	assert_int_equal(told.local.port, 80);
	assert_int_equal(told.inode, 12);
	if (little)
		assert_memory_equal(told.local.address, &in6addr_loopback, 16);
	assert_true(inet_told_from_line(connected, IPPROTO_TCP, &told));
	assert_int_equal(told.state, INET_ESTABLISHED);
	assert_int_equal(told.remote.port, 80);
	inet_end_print(&told.remote, told.family, printed);
	assert_string_equal(printed, little ? "127.0.0.2" : "2.0.0.127");
	assert_false(inet_told_from_line(udp, IPPROTO_TCP, &told));
	assert_true(inet_told_from_line(udp, IPPROTO_UDP, &told));
	assert_int_equal(told.local.port, 53);
	assert_int_equal(told.inode, 977);
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		assert_false(inet_told_from_line(none[i], IPPROTO_TCP, &told));
}

static void counts_out_of_a_file(void **state)
{
	static const char text[] =
	        "Ip: Forwarding DefaultTTL\nIp: 1 64\n"
	        "Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails "
	        "EstabResets CurrEstab InSegs\n"
	        "Tcp: 1 200 120000 -1 27039 26316 650 2245 3 372908\nUdp: InDatagrams\nUdp: 1\n";
	struct inet_counts c = {0};
	char cut[sizeof text];

	(void)state;
	assert_true(inet_counts_from_text(text, &c));
	assert_int_equal(c.begun, 27039);
	assert_int_equal(c.accepted, 26316);
	assert_int_equal(c.connected, 3);
	c = (struct inet_counts){0};
	for (size_t n = 0; n < (size_t)(strstr(text, "2245") - text); n++) {
		memcpy(cut, text, n);
		cut[n] = '\0';
		assert_false(inet_counts_from_text(cut, &c));
	}
	assert_int_equal(c.begun, 0);
}

/* ---- ends and their other ends ---- */

enum { HOST = 1, RED, GREEN, BLUE };

static struct inet_end end(const char *address, unsigned port)
{
	struct inet_end e = {.port = (uint16_t)port};

	assert_int_equal(inet_pton(AF_INET6, address, e.address), 1);
	return e;
}

static struct inet_socket socket_of(uint64_t net_ns, const char *local, unsigned port,
        const char *remote, unsigned remote_port, pid_t holder)
{
	struct inet_socket s = {.net_ns = net_ns, .holder = {.pid = holder, .fd = -1}};

	s.told = (struct inet_told){.protocol = IPPROTO_TCP,
	        .family = AF_INET6,
	        .state = INET_ESTABLISHED,
	        .local = end(local, port),
	        .remote = end(remote, remote_port),
	        .inode = 1};
	return s;
}

static void ends_of_connections(void **state)
{
	static struct model_process processes[] = {
	        {.pid = 10}, {.pid = 20}, {.pid = 30}, {.pid = 40}};
	static struct model_listener listeners[] = {{HOST, "tcp", "127.0.0.1", 80, -1},
	        {HOST, "udp", "0.0.0.0", 99, -1}, {RED, "tcp", "0.0.0.0", 80, -1},
	        {RED, "tcp", "::", 81, -1}, {GREEN, "tcp", "0.0.0.0", 80, -1}};
	struct inet_socket sockets[] = {
	        /* over the bridge, from the host to red; red's socket is one of IPv6 */
	        socket_of(HOST, "::ffff:10.0.0.1", 40000, "::ffff:10.0.0.2", 80, 10),
	        socket_of(RED, "::ffff:10.0.0.2", 80, "::ffff:10.0.0.1", 40000, 20),
	        /* the same numbers on two loopbacks: each to its own */
	        socket_of(HOST, "::ffff:127.0.0.1", 80, "::ffff:127.0.0.1", 41000, 10),
	        socket_of(HOST, "::ffff:127.0.0.1", 41000, "::ffff:127.0.0.1", 80, 40),
	        socket_of(RED, "::ffff:127.0.0.1", 80, "::ffff:127.0.0.1", 41000, 20),
	        /* from far away */
	        socket_of(RED, "fd00::2", 81, "fd00::1", 50000, 20),
	        /* two that have the same addresses in two networks: not guessed */
	        socket_of(GREEN, "::ffff:10.1.0.2", 80, "::ffff:10.1.0.1", 42000, 30),
	        socket_of(HOST, "::ffff:10.1.0.1", 42000, "::ffff:10.1.0.2", 80, 10),
	        socket_of(BLUE, "::ffff:10.1.0.1", 42000, "::ffff:10.1.0.2", 80, 10),
	        /* nobody listens on either of its ports; a process that speaks to itself */
	        socket_of(HOST, "::ffff:127.0.0.1", 1000, "::ffff:127.0.0.1", 1001, 10),
	        socket_of(HOST, "::ffff:127.0.0.1", 80, "::ffff:127.0.0.1", 43000, 10),
	        socket_of(HOST, "::ffff:127.0.0.1", 43000, "::ffff:127.0.0.1", 80, 10),
	        /* on that address nobody listens */
	        socket_of(HOST, "::ffff:10.0.0.1", 80, "::ffff:10.0.0.9", 44000, 10),
	};
	static const struct {
		int from, to;
		uint64_t from_net, to_net;
		const char *socket;
	} wanted[] = {{0, 1, HOST, RED, "10.0.0.2:80/tcp"}, {-1, 2, 0, GREEN, "10.1.0.2:80/tcp"},
	        {3, 0, HOST, HOST, "127.0.0.1:80/tcp"}, {-1, 1, 0, RED, "127.0.0.1:80/tcp"},
	        {-1, 1, 0, RED, "[fd00::2]:81/tcp"}};
	struct listener_cache c = {.all = sockets, .n = sizeof sockets / sizeof *sockets};
	struct model_connection found[sizeof sockets / sizeof *sockets];
	struct reading r = {.model = model_new()};
	size_t n = 0, told = 0;

	(void)state;
	r.model->processes = processes;
	r.model->n_processes = 4;
	r.model->listeners = listeners;
	r.model->n_listeners = sizeof listeners / sizeof *listeners;
	assert_int_equal(inet_pair(&r, &c, found, &n), 0);
	assert_int_equal(n, sizeof wanted / sizeof *wanted);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++)
			told += found[k].from == wanted[i].from && found[k].to == wanted[i].to &&
			        found[k].from_net == wanted[i].from_net &&
			        found[k].to_net == wanted[i].to_net && found[k].count == 1 &&
			        !strcmp(found[k].socket, wanted[i].socket);
	assert_int_equal(told, n);

	c.cut = true; /* then who has no other end may have one that is not listed */
	assert_int_equal(inet_pair(&r, &c, found, &n), 0);
	assert_int_equal(n, 2);
	model_free(r.model);
}

static void translations(void **state)
{
	static const char line[] =
	        "ipv4     2 tcp      6 431998 ESTABLISHED src=127.0.0.1 dst=127.0.0.1 sport=33060 "
	        "dport=8080 src=10.88.0.2 dst=10.88.0.1 sport=80 dport=33060 [ASSURED] mark=0 "
	        "use=2";
	static const char *const none[] = {"",
	        "ipv4 2 udp 17 29 src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 src=10.0.0.3 "
	        "dst=10.0.0.1 sport=2 dport=1",
	        /* it is over */
	        "ipv4 2 tcp 6 100 TIME_WAIT src=127.0.0.1 dst=127.0.0.1 sport=33060 dport=8080 "
	        "src=10.88.0.2 dst=10.88.0.1 sport=80 dport=33060",
	        /* passed on as it is */
	        "ipv4 2 tcp 6 100 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 "
	        "src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1",
	        "ipv4 2 tcp 6 100 ESTABLISHED src=10.0.0.1 dst=nowhere sport=1 dport=2 "
	        "src=10.0.0.3 dst=10.0.0.1 sport=2 dport=1"};
	struct model_listener listener = {RED, "tcp", "0.0.0.0", 80, -1};
	struct inet_socket sockets[] = {
	        socket_of(HOST, "::ffff:127.0.0.1", 33060, "::ffff:127.0.0.1", 8080, 0),
	        /* the same numbers on the loopback of somebody else */
	        socket_of(GREEN, "::ffff:127.0.0.1", 33060, "::ffff:127.0.0.1", 8080, 0),
	        socket_of(RED, "::ffff:10.88.0.2", 80, "::ffff:10.88.0.1", 33060, 0),
	        socket_of(RED, "::ffff:10.88.0.2", 80, "::ffff:10.88.0.1", 33061, 0),
	};
	struct inet_translation t;
	struct listener_cache c = {.all = sockets, .n = 4, .translations = {&t, 1}};
	struct model_connection found[4];
	struct reading r = {.model = model_new()};
	char cut[sizeof line];
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < (size_t)(strrchr(line, '=') - line) - 50; i++) {
		memcpy(cut, line, i);
		cut[i] = '\0';
		assert_false(inet_translation_from_line(cut, &t));
	}
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		assert_false(inet_translation_from_line(none[i], &t));
	assert_true(inet_translation_from_line(line, &t));
	assert_memory_equal(t.client.address, four_loopback, 16);
	assert_int_equal(t.client.port, 33060);
	assert_int_equal(t.asked.port, 8080);
	assert_int_equal(t.server.port, 80);
	assert_int_equal(t.seen.port, 33060);

	r.model->host.ns[NS_NET] = HOST;
	r.model->listeners = &listener;
	r.model->n_listeners = 1;
	assert_int_equal(inet_pair(&r, &c, found, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(found[0].from_net, HOST);
	assert_int_equal(found[1].from_net, 0); /* of that nothing is kept */
	model_free(r.model);
}

static bool listens(const struct model *m, const char *protocol, const char *address, unsigned port)
{
	for (size_t i = 0; i < m->n_listeners; i++)
		if (m->listeners[i].port == port && !strcmp(m->listeners[i].address, address) &&
		        !strcmp(m->listeners[i].protocol, protocol))
			return true;
	return false;
}

static void ours_on_the_loopback(void **state)
{
	char runtime[] = "/tmp/cutaway-listeners.XXXXXX";
	struct observer_options options = {.runtime = mkdtemp(runtime)};
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct observer *o = NULL;
	struct model *m = NULL;

	(void)state;
	assert_non_null(options.runtime);
	assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
	assert_int_equal(observer_new(&options, &o, NULL), 0);

	assert_int_equal(observer_read(o, &m, NULL), 0);
	assert_false(listens(m, "tcp", "127.0.0.1", ntohs(at.sin_port))); /* bound alone */
	model_free(m);

	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(observer_read(o, &m, NULL), 0);
	assert_true(listens(m, "tcp", "127.0.0.1", ntohs(at.sin_port)));
	model_free(m);

	close(fd);
	assert_int_equal(observer_read(o, &m, NULL), 0);
	assert_false(listens(m, "tcp", "127.0.0.1", ntohs(at.sin_port)));
	model_free(m);
	observer_free(o);
	assert_int_equal(dir_remove_tree(AT_FDCWD, runtime), 0);
}

/* How many are connected to a port of the loopback, 0 when nobody is. */
static int connected(struct observer *o, unsigned port)
{
	char name[64];
	struct model *m = NULL;
	int count = 0;

	snprintf(name, sizeof name, "127.0.0.1:%u/tcp", port);
	assert_int_equal(observer_read(o, &m, NULL), 0);
	for (size_t i = 0; i < m->n_connections; i++)
		if (!strcmp(m->connections[i].socket, name)) {
			assert_int_equal(count, 0); /* all in one line */
			assert_true(m->connections[i].to_net == m->connections[i].from_net);
			assert_true(m->connections[i].to_net);
			count = (int)m->connections[i].count;
		}
	model_free(m);
	return count;
}

/* An observer that stays asks only now and then. */
static bool comes_to(struct observer *o, unsigned port, int count)
{
	for (int i = 0; i < 600; i++) {
		if (connected(o, port) == count)
			return true;
		poll(NULL, 0, 50);
	}
	return false;
}

static int connected_anew(struct observer_options *options, unsigned port)
{
	struct observer *o = NULL;
	int count;

	assert_int_equal(observer_new(options, &o, NULL), 0);
	count = connected(o, port);
	observer_free(o);
	return count;
}

/* Both ends are ours. Nobody looks for who they are: we are no daemon, and in no container. */
static void connected_on_the_loopback(void **state)
{
	char runtime[] = "/tmp/cutaway-listeners.XXXXXX";
	struct observer_options options = {.runtime = mkdtemp(runtime)};
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), clients[3], servers[3];
	struct observer *o = NULL;
	unsigned port;

	(void)state;
	assert_non_null(options.runtime);
	assert_int_equal(observer_new(&options, &o, NULL), 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
	port = ntohs(at.sin_port);
	assert_int_equal(connected(o, port), 0);
	for (int i = 0; i < 3; i++) {
		clients[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_int_equal(connect(clients[i], (const struct sockaddr *)&at, sizeof at), 0);
		servers[i] = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
		assert_true(servers[i] >= 0);
		assert_int_equal(connected_anew(&options, port), i + 1);
	}
	assert_true(comes_to(o, port, 3));
	close(clients[0]);
	close(servers[0]);
	assert_true(comes_to(o, port, 2));
	close(fd); /* nobody listens: nothing tells who accepted */
	assert_true(comes_to(o, port, 0));
	for (int i = 1; i < 3; i++) {
		close(clients[i]);
		close(servers[i]);
	}
	observer_free(o);
	assert_int_equal(dir_remove_tree(AT_FDCWD, runtime), 0);
}

static void udp_on_the_loopback(void **state)
{
	char runtime[] = "/tmp/cutaway-listeners.XXXXXX";
	struct observer_options options = {.runtime = mkdtemp(runtime)};
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof at;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_non_null(options.runtime);
	assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
	for (int connects = 0; connects < 2; connects++) {
		struct observer *o = NULL;
		struct model *m = NULL;

		assert_int_equal(observer_new(&options, &o, NULL), 0);
		assert_int_equal(observer_read(o, &m, NULL), 0);
		assert_int_equal(listens(m, "udp", "127.0.0.1", ntohs(at.sin_port)), !connects);
		model_free(m);
		observer_free(o);
		/* From now on it takes nothing from anybody else. */
		assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof at), 0);
	}
	close(fd);
	assert_int_equal(dir_remove_tree(AT_FDCWD, runtime), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(out_of_a_message),
	        cmocka_unit_test(out_of_a_line),
	        cmocka_unit_test(counts_out_of_a_file),
	        cmocka_unit_test(ends_of_connections),
	        cmocka_unit_test(translations),
	        cmocka_unit_test(ours_on_the_loopback),
	        cmocka_unit_test(connected_on_the_loopback),
	        cmocka_unit_test(udp_on_the_loopback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
