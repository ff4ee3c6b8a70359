/* What a kernel tells of listening sockets: hand-made answers, cut and wrong ones, and a socket of
 * ours on the loopback. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/observe/listeners.h"
#include "kernel/observe/observer.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

static void out_of_a_message(void **state)
{
	struct inet_diag_msg m = {.idiag_family = AF_INET, .idiag_state = 10, .idiag_inode = 4711};
	struct listener_told told = {0}, untouched = {0};

	(void)state;
	m.id.idiag_sport = htons(8080);
	m.id.idiag_src[0] = htonl(INADDR_LOOPBACK);
	assert_true(listener_from_diag(&m, sizeof m, &told));
	assert_int_equal(told.port, 8080);
	assert_int_equal(told.inode, 4711);
	assert_memory_equal(told.address, "\x7f\0\0\1", 4);

	for (size_t n = 0; n < sizeof m; n++) /* cut off anywhere */
		assert_false(listener_from_diag(&m, n, &untouched));
	m.idiag_state = 1; /* established */
	assert_false(listener_from_diag(&m, sizeof m, &untouched));
	m.idiag_state = 10;
	m.idiag_family = AF_UNIX;
	assert_false(listener_from_diag(&m, sizeof m, &untouched));
	assert_int_equal(untouched.port, 0);

	m.idiag_family = AF_INET6;
	memcpy(m.id.idiag_src, &in6addr_loopback, 16);
	assert_true(listener_from_diag(&m, sizeof m, &told));
	assert_memory_equal(told.address, &in6addr_loopback, 16);
}

static void out_of_a_line(void **state)
{
	static const char four[] =
	        "   1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 "
	        "00000000     0        0 4711 1 0000000000000000 100 0 0 10 0",
	                  six[] = "   0: 00000000000000000000000001000000:0050 "
	                          "00000000000000000000000000000000:0000 0A 00000000:00000000 "
	                          "00:00000000 00000000  33        0 12 1 0 100 0 0 10 0";
	/* All that is told, but not of a listener: it is connected. */
	static const char connected[] =
	        "   1: 0100007F:1F90 0100007F:0050 01 00000000:00000000 00:00000000 00000000 0 0 "
	        "4711";
	static const char *const none[] = {"",
	        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid",
	        connected, "   1: 0100007F:1F90",
	        "   1: 01007F:1F90 00000000:0000 0A 0:0 0:0 0 0 0 4711",
	        "   1: ZZ00007F:1F90 00000000:0000 0A 0:0 0:0 0 0 0 4711", "\n\n:::::"};
	struct listener_told told;

	(void)state;
	assert_true(listener_from_line(four, &told));
	assert_int_equal(told.family, AF_INET);
	assert_int_equal(told.port, 8080);
	assert_int_equal(told.inode, 4711);
	assert_true(listener_from_line(six, &told));
	assert_int_equal(told.family, AF_INET6);
	assert_int_equal(told.port, 80);
	assert_int_equal(told.inode, 12);
	if (htonl(1) !=
	        1) { /* the kernel prints in its own byte order; these are of a little endian */
		assert_memory_equal(told.address, &in6addr_loopback, 16);
	}
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		assert_false(listener_from_line(none[i], &told));
}

static bool listens(const struct model *m, const char *address, unsigned port)
{
	for (size_t i = 0; i < m->n_listeners; i++)
		if (m->listeners[i].port == port && !strcmp(m->listeners[i].address, address))
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
	assert_false(listens(m, "127.0.0.1", ntohs(at.sin_port))); /* bound alone */
	model_free(m);

	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(observer_read(o, &m, NULL), 0);
	assert_true(listens(m, "127.0.0.1", ntohs(at.sin_port)));
	model_free(m);

	close(fd);
	assert_int_equal(observer_read(o, &m, NULL), 0);
	assert_false(listens(m, "127.0.0.1", ntohs(at.sin_port)));
	model_free(m);
	observer_free(o);
	assert_int_equal(dir_remove_tree(AT_FDCWD, runtime), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(out_of_a_message),
	        cmocka_unit_test(out_of_a_line),
	        cmocka_unit_test(ours_on_the_loopback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
