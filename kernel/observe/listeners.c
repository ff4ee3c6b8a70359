#include "kernel/observe/listeners.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/observe/netlink_dump.h"
#include "kernel/observe/netlink_inside.h"
#include "kernel/observe/socket_holder.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	LISTENING = 10, /* TCP_LISTEN: include/net/tcp_states.h */
	LISTENERS_MOST = 1024,
	PLACES_MOST = 64, /* network namespaces that are asked */
	TRIES = 3,        /* looks for who listens: it may just be passing its socket on */
};

struct listener {
	struct listener_told told;
	uint64_t net_ns;
	struct holder holder;
	int tries;
};

struct listener_cache {
	struct listener *all; /* as listed last */
	size_t n;
};

struct list {
	struct listener *all;
	size_t n, room;
	uint64_t net_ns;
};

struct listener_cache *listener_cache_new(void)
{
	return calloc(1, sizeof(struct listener_cache));
}

void listener_cache_free(struct listener_cache *c)
{
	if (!c)
		return;
	free(c->all);
	free(c);
}

bool listener_from_diag(const void *payload, size_t n, struct listener_told *ret)
{
	struct inet_diag_msg m;

	if (n < sizeof m)
		return false;
	memcpy(&m, payload, sizeof m);
	if ((m.idiag_family != AF_INET && m.idiag_family != AF_INET6) || m.idiag_state != LISTENING)
		return false;
	*ret = (struct listener_told){
	        .family = m.idiag_family, .port = ntohs(m.id.idiag_sport), .inode = m.idiag_inode};
	memcpy(ret->address, m.id.idiag_src, m.idiag_family == AF_INET ? 4 : 16);
	return true;
}

/* "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711
 * …": the address is printed as words of this machine's byte order. */
bool listener_from_line(const char *line, struct listener_told *ret)
{
	char hex[33];
	unsigned port, state;
	struct listener_told told = {0};

	if (sscanf(line,
	            " %*u: %32[0-9A-F]:%4x %*[0-9A-F]:%*x %2x %*x:%*x %*x:%*x %*x %*u %*u %" SCNu64,
	            hex, &port, &state, &told.inode) != 4 ||
	        state != LISTENING || (strlen(hex) != 8 && strlen(hex) != 32))
		return false;
	told.family = strlen(hex) == 8 ? AF_INET : AF_INET6;
	told.port = (uint16_t)port;
	for (size_t word = 0; word * 8 < strlen(hex); word++) {
		char digits[9] = "";
		uint32_t value;
		memcpy(digits, hex + word * 8, 8);
		value = (uint32_t)strtoul(digits, NULL, 16);
		memcpy(told.address + word * 4, &value, sizeof value);
	}
	*ret = told;
	return true;
}

static int list_add(struct list *l, const struct listener_told *told)
{
	if (l->n == LISTENERS_MOST)
		return 0;
	if (l->n == l->room) {
		size_t room = l->room ? l->room * 2 : 16;
		struct listener *all = reallocarray(l->all, room, sizeof *all);
		if (!all)
			return -ENOMEM;
		l->all = all;
		l->room = room;
	}
	l->all[l->n++] =
	        (struct listener){.told = *told, .net_ns = l->net_ns, .holder = {.fd = -1}};
	return 0;
}

static int on_socket(const struct nlmsghdr *message, void *data)
{
	struct listener_told told;

	if (!listener_from_diag(
	            mnl_nlmsg_get_payload(message), mnl_nlmsg_get_payload_len(message), &told))
		return MNL_CB_OK;
	return list_add(data, &told) < 0 ? MNL_CB_ERROR : MNL_CB_OK;
}

static int ask(struct mnl_socket *socket, uint8_t family, struct list *l)
{
	char bytes[256] __attribute__((aligned(8)));
	struct nlmsghdr *request = mnl_nlmsg_put_header(bytes);
	struct inet_diag_req_v2 *wanted;

	request->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request->nlmsg_seq = family;
	wanted = mnl_nlmsg_put_extra_header(request, sizeof *wanted);
	wanted->sdiag_family = family;
	wanted->sdiag_protocol = IPPROTO_TCP;
	wanted->idiag_states = 1U << LISTENING;
	return netlink_dump(socket, request, on_socket, l);
}

static int ask_kernel(struct reading *r, pid_t pid, struct list *l)
{
	struct mnl_socket *socket = netlink_open_inside(r, pid, NETLINK_SOCK_DIAG);
	const size_t before = l->n;
	int result;

	if (!socket)
		return -EPERM;
	result = mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ? -errno : 0;
	if (result == 0)
		result = ask(socket, AF_INET, l);
	if (result == 0) {
		result = ask(socket, AF_INET6, l);
		result = result == -ENOENT ? 0 : result; /* a kernel without IPv6 */
	}
	mnl_socket_close(socket);
	if (result < 0)
		l->n = before;
	return result;
}

static int read_files(struct reading *r, pid_t pid, struct list *l)
{
	static const char *const files[] = {"net/tcp", "net/tcp6"};
	auto_close dir = reading_process_dir(r, pid);
	int result = 0;

	for (size_t i = 0; dir >= 0 && i < sizeof files / sizeof *files; i++) {
		auto_buf text = BUF_INIT;
		char *at, *line;
		struct listener_told told;
		if (file_read_at(dir, files[i], READING_TABLE_BYTES, &text) < 0)
			continue;
		at = text.data;
		while (result == 0 && (line = strsep(&at, "\n")))
			if (listener_from_line(line, &told))
				result = list_add(l, &told);
	}
	return result;
}

static bool is_asked(const struct model *m, uint64_t net_ns)
{
	if (net_ns == m->host.ns[NS_NET])
		return true;
	for (size_t i = 0; i < m->n_containers; i++)
		if (m->containers[i].ns[NS_NET] == net_ns)
			return true;
	return false;
}

static int list_all(struct reading *r, struct list *l)
{
	const struct model *m = r->model;
	const struct model_process *self = r->live ? model_process(m, getpid()) : NULL;
	const uint64_t own = self ? self->ns[NS_NET] : 0;
	int result = 0, asked = 0;

	for (size_t i = 0; i < m->n_namespaces && result == 0 && asked < PLACES_MOST; i++) {
		const struct model_namespace *ns = &m->namespaces[i];
		if (ns->type != NS_NET || !is_asked(m, ns->inode))
			continue;
		asked++;
		l->net_ns = ns->inode;
		result = r->live ? ask_kernel(r, ns->inode == own ? 0 : ns->first_pid, l) : -EPERM;
		if (result < 0 && result != -ENOMEM)
			result = read_files(r, ns->first_pid, l);
	}
	return result;
}

static int by_inode(const void *a, const void *b)
{
	const struct listener *x = a, *y = b;

	return (x->told.inode > y->told.inode) - (x->told.inode < y->told.inode);
}

static int by_place(const void *a, const void *b)
{
	const struct listener *x = a, *y = b;

	if (x->net_ns != y->net_ns)
		return x->net_ns < y->net_ns ? -1 : 1;
	if (x->told.port != y->told.port)
		return x->told.port < y->told.port ? -1 : 1;
	if (x->told.family != y->told.family)
		return x->told.family < y->told.family ? -1 : 1;
	return memcmp(x->told.address, y->told.address, sizeof x->told.address);
}

/* What was found out before. True when somebody is still to be looked for. */
static bool remember(const struct model *m, const struct listener_cache *c, struct list *l)
{
	bool wanted = false;

	for (size_t i = 0; i < l->n; i++) {
		const struct listener *old =
		        c->n ? bsearch(&l->all[i], c->all, c->n, sizeof *c->all, by_inode) : NULL;
		const struct model_process *p;
		if (old && old->net_ns == l->all[i].net_ns) {
			l->all[i].holder = old->holder;
			l->all[i].tries = old->tries;
		}
		p = l->all[i].holder.pid ? model_process(m, l->all[i].holder.pid) : NULL;
		if (l->all[i].holder.pid && (!p || p->start_time != l->all[i].holder.start_time)) {
			l->all[i].holder = (struct holder){.fd = -1}; /* left to somebody */
			l->all[i].tries = 0;
		}
		wanted |= !l->all[i].holder.pid && l->all[i].tries++ < TRIES;
	}
	return wanted;
}

/* Whether it may be the one who listens there, and is worth a look. */
static bool may_hold(const struct reading *r, size_t i, const struct list *l)
{
	const struct model_process *p;
	const bool special = r->extra[i].special || r->extra[i].speaks;

	if (r->live && !special)
		return false;
	p = &r->model->processes[i];
	for (size_t k = 0; k < l->n; k++)
		if (!l->all[k].holder.pid && l->all[k].net_ns == p->ns[NS_NET])
			return true;
	return false;
}

static int find_holders(struct reading *r, struct list *l)
{
	auto_free struct sought *sought = calloc(l->n + 1, sizeof *sought);
	size_t looked = 0;

	if (!sought)
		return -ENOMEM;
	for (size_t i = 0; i < l->n; i++) /* by inode, as the list is now */
		sought[i] = (struct sought){l->all[i].told.inode, &l->all[i].holder};
	for (size_t i = 0; i < r->model->n_processes && looked < READING_MAX_HOLDERS; i++)
		if (may_hold(r, i, l)) {
			socket_holder_look(r, &r->model->processes[i], sought, l->n);
			looked++;
		}
	return 0;
}

static int write_down(struct reading *r, const struct list *l)
{
	struct model *m = r->model;
	auto_free struct listener *sorted = calloc(l->n + 1, sizeof *sorted);

	m->listeners = arena_alloc(&m->arena, (l->n + 1) * sizeof *m->listeners);
	if (!sorted || !m->listeners)
		return -ENOMEM;
	memcpy(sorted, l->all, l->n * sizeof *sorted);
	qsort(sorted, l->n, sizeof *sorted, by_place);
	for (size_t i = 0; i < l->n; i++) {
		char address[INET6_ADDRSTRLEN] = "";
		const struct model_process *p =
		        sorted[i].holder.pid ? model_process(m, sorted[i].holder.pid) : NULL;
		inet_ntop(sorted[i].told.family, sorted[i].told.address, address, sizeof address);
		m->listeners[m->n_listeners++] = (struct model_listener){.net_ns = sorted[i].net_ns,
		        .address = reading_string(r, address, strlen(address)),
		        .port = sorted[i].told.port,
		        .process = p ? (int)(p - m->processes) : -1};
	}
	return 0;
}

int listeners_read(struct reading *r)
{
	struct list l = {0};
	int result = list_all(r, &l);

	if (result == 0 && l.n) {
		qsort(l.all, l.n, sizeof *l.all, by_inode);
		if (remember(r->model, r->listeners, &l))
			result = find_holders(r, &l);
	}
	if (result == 0 && l.n)
		result = write_down(r, &l);
	if (result < 0) {
		free(l.all);
		return result;
	}
	free(r->listeners->all);
	r->listeners->all = l.all;
	r->listeners->n = l.n;
	return 0;
}
