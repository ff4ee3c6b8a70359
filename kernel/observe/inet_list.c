#include "kernel/observe/inet_list.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/observe/netlink_dump.h"
#include "kernel/observe/netlink_inside.h"

#include <errno.h>
#include <inttypes.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int inet_list_add(struct inet_list *l, const struct inet_socket *s)
{
	const bool connected = s->told.state == INET_ESTABLISHED;

	if (connected && l->n_connected == INET_CONNECTED_MOST)
		l->cut = true;
	if (connected ? l->cut : l->n - l->n_connected == INET_LISTENERS_MOST)
		return 0;
	if (l->n == l->room) {
		size_t room = l->room ? l->room * 2 : 16;
		struct inet_socket *all = reallocarray(l->all, room, sizeof *all);
		if (!all)
			return -ENOMEM;
		l->all = all;
		l->room = room;
	}
	l->all[l->n++] = *s;
	l->n_connected += connected;
	return 0;
}

static int add_told(struct inet_list *l, const struct inet_told *told, uint64_t net_ns)
{
	const struct inet_socket s = {.told = *told, .net_ns = net_ns, .holder = {.fd = -1}};

	return inet_list_add(l, &s);
}

struct dump {
	struct inet_list *list;
	uint64_t net_ns;
	int protocol;
};

/* A list that was cut is not read to its end: there may be very many. */
static int on_socket(const struct nlmsghdr *message, void *data)
{
	struct dump *d = data;
	struct inet_told told;

	if (!inet_told_from_diag(mnl_nlmsg_get_payload(message), mnl_nlmsg_get_payload_len(message),
	            d->protocol, &told))
		return MNL_CB_OK;
	if (add_told(d->list, &told, d->net_ns) < 0)
		return MNL_CB_ERROR;
	return told.state == INET_ESTABLISHED && d->list->cut ? MNL_CB_STOP : MNL_CB_OK;
}

/* TCP sockets of both families in one go, as TCPDIAG_GETSOCK tells them; SOCK_DIAG_BY_FAMILY would
 * walk through the kernel's table once for each. */
static int ask_tcp(struct mnl_socket *socket, enum inet_state state, struct dump *d)
{
	char bytes[256] __attribute__((aligned(8)));
	struct nlmsghdr *request = mnl_nlmsg_put_header(bytes);
	struct inet_diag_req *wanted;

	request->nlmsg_type = TCPDIAG_GETSOCK;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request->nlmsg_seq = state;
	wanted = mnl_nlmsg_put_extra_header(request, sizeof *wanted);
	wanted->idiag_states = 1U << state;
	d->protocol = IPPROTO_TCP;
	return netlink_dump(socket, request, on_socket, d);
}

static int ask_udp(struct mnl_socket *socket, uint8_t family, struct dump *d)
{
	char bytes[256] __attribute__((aligned(8)));
	struct nlmsghdr *request = mnl_nlmsg_put_header(bytes);
	struct inet_diag_req_v2 *wanted;

	request->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request->nlmsg_seq = 100U + family;
	wanted = mnl_nlmsg_put_extra_header(request, sizeof *wanted);
	wanted->sdiag_family = family;
	wanted->sdiag_protocol = IPPROTO_UDP;
	wanted->idiag_states = 1U << INET_UNCONNECTED;
	d->protocol = IPPROTO_UDP;
	return netlink_dump(socket, request, on_socket, d);
}

/* Both families. A kernel may tell of TCP and not of UDP: that is a module of its own. Without IPv6
 * there is nobody to ask about it. */
static int ask_both_udp(struct mnl_socket *socket, struct dump *d, bool *ret_told)
{
	int result = ask_udp(socket, AF_INET, d);

	*ret_told = result != -ENOENT;
	if (result == 0)
		result = ask_udp(socket, AF_INET6, d);
	return result == -ENOENT ? 0 : result;
}

/* Connections come last: theirs is the list that may be left before its end. */
static int ask_kernel(struct reading *r, struct inet_list *l, uint64_t net_ns, pid_t pid,
        struct inet_wish wish, bool *ret_told_udp)
{
	struct mnl_socket *socket = netlink_open_inside(r, pid, NETLINK_SOCK_DIAG);
	struct dump d = {.list = l, .net_ns = net_ns};
	int result;

	if (!socket)
		return -EPERM;
	result = mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ? -errno : 0;
	if (result == 0 && wish.listening)
		result = ask_tcp(socket, INET_LISTENING, &d);
	if (result == 0 && wish.udp)
		result = ask_both_udp(socket, &d, ret_told_udp);
	if (result == 0 && wish.connected)
		result = ask_tcp(socket, INET_ESTABLISHED, &d);
	mnl_socket_close(socket);
	return result;
}

static bool is_wished(const struct inet_told *t, struct inet_wish wish)
{
	if (t->protocol == IPPROTO_UDP)
		return wish.udp;
	return t->state == INET_ESTABLISHED ? wish.connected : wish.listening;
}

static int read_file(int dir, const char *name, int protocol, struct inet_list *l, uint64_t net_ns,
        struct inet_wish wish)
{
	auto_buf text = BUF_INIT;
	struct inet_told told;
	char *at, *line;
	int result = 0;

	if (file_read_at(dir, name, READING_TABLE_BYTES, &text) < 0)
		return 0;
	at = text.data;
	while (result == 0 && (line = strsep(&at, "\n")))
		if (inet_told_from_line(line, protocol, &told) && is_wished(&told, wish))
			result = add_told(l, &told, net_ns);
	return result;
}

static int read_files(
        struct reading *r, struct inet_list *l, uint64_t net_ns, pid_t pid, struct inet_wish wish)
{
	static const struct {
		const char *name;
		int protocol;
	} files[] = {
	        {"net/tcp", IPPROTO_TCP},
	        {"net/tcp6", IPPROTO_TCP},
	        {"net/udp", IPPROTO_UDP},
	        {"net/udp6", IPPROTO_UDP},
	};
	auto_close dir = reading_process_dir(r, pid);
	int result = 0;

	for (size_t i = 0; dir >= 0 && result == 0 && i < sizeof files / sizeof *files; i++)
		if (files[i].protocol == IPPROTO_UDP ? wish.udp : wish.listening || wish.connected)
			result = read_file(dir, files[i].name, files[i].protocol, l, net_ns, wish);
	return result;
}

static void take_back(struct inet_list *l, size_t n)
{
	while (l->n > n)
		l->n_connected -= l->all[--l->n].told.state == INET_ESTABLISHED;
}

int inet_list_read(struct reading *r, struct inet_list *l, uint64_t net_ns, pid_t pid, bool own,
        struct inet_wish wish)
{
	const struct inet_wish only_udp = {.udp = true};
	const size_t before = l->n;
	bool told_udp = true;
	int result = -EPERM;

	if (r->live)
		result = ask_kernel(r, l, net_ns, own ? 0 : pid, wish, &told_udp);
	if (result == 0 && !told_udp)
		return read_files(r, l, net_ns, pid, only_udp);
	if (result < 0 && result != -ENOMEM) {
		take_back(l, before);
		result = read_files(r, l, net_ns, pid, wish);
	}
	return result;
}

/* "Tcp: RtoAlgorithm …" and below it "Tcp: 1 200 120000 -1 ActiveOpens PassiveOpens AttemptFails
 * EstabResets CurrEstab …" */
bool inet_counts_from_text(const char *text, struct inet_counts *ret)
{
	const char *names = strstr(text, "\nTcp: "), *numbers;
	struct inet_counts c;

	numbers = names ? strstr(names + 1, "\nTcp: ") : NULL;
	if (!numbers ||
	        sscanf(numbers, " Tcp: %*s %*s %*s %*s %" SCNu64 " %" SCNu64 " %*s %*s %" SCNu64,
	                &c.begun, &c.accepted, &c.connected) != 3)
		return false;
	*ret = c;
	return true;
}

bool inet_counts_read(struct reading *r, pid_t pid, struct inet_counts *ret)
{
	auto_close dir = reading_process_dir(r, pid);

	return dir >= 0 && reading_file(r, dir, "net/snmp") > 0 &&
	       inet_counts_from_text(r->scratch, ret);
}
