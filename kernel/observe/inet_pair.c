/* The two ends of TCP connections. Each end is told by its own namespace, with the addresses of
 * both: one is the other read backwards, where nothing translates them on the way. */
#include "kernel/observe/listeners.h"

#include "kernel/base/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Connected sockets by their addresses. */
struct ends {
	const struct inet_socket **all;
	size_t n;
};

static int compare(
        const struct inet_socket *s, const struct inet_end *local, const struct inet_end *remote)
{
	const int order = inet_end_compare(&s->told.local, local);

	return order ? order : inet_end_compare(&s->told.remote, remote);
}

static int by_addresses(const void *a, const void *b)
{
	const struct inet_socket *const *x = a, *const *y = b;
	const int order = compare(*x, &(*y)->told.local, &(*y)->told.remote);

	return order ? order : ((*x)->net_ns > (*y)->net_ns) - ((*x)->net_ns < (*y)->net_ns);
}

/* The first of those with these addresses; how many there are through `ret_n`. */
static size_t find(const struct ends *e, const struct inet_end *local,
        const struct inet_end *remote, size_t *ret_n)
{
	size_t low = 0, high = e->n, n = 0;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (compare(e->all[middle], local, remote) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + n < e->n && compare(e->all[low + n], local, remote) == 0)
		n++;
	*ret_n = n;
	return low;
}

/* Who is at the other end: in the same namespace, or the only one elsewhere. Networks of containers
 * may use the same addresses twice: who it is of several is not guessed. */
static const struct inet_socket *other_end(const struct ends *e, const struct inet_socket *s)
{
	size_t n, alike;
	const size_t first = find(e, &s->told.remote, &s->told.local, &n);

	for (size_t i = first; i < first + n; i++)
		if (e->all[i]->net_ns == s->net_ns && e->all[i] != s)
			return e->all[i];
	find(e, &s->told.local, &s->told.remote, &alike);
	return n == 1 && alike == 1 && !inet_end_is_loopback(&s->told.local) ? e->all[first] : NULL;
}

/* Whether translations may tell who it is: of connections to containers, when they were asked for
 * anew. */
static int know_translations(struct reading *r, struct listener_cache *c)
{
	int result;

	if (c->translated || !r->live)
		return 0;
	inet_translations_release(&c->translations);
	result = inet_translations_read(r, &c->translations);
	c->translated = result == 0;
	return result;
}

/* Who has connected by way of the host, which has put other addresses in the place of theirs. */
static const struct inet_socket *end_behind(
        const struct model *m, const struct ends *e, const struct inet_translation *t)
{
	const uint64_t host = m->host.ns[NS_NET];
	size_t n;
	const size_t first = find(e, &t->client, &t->asked, &n);

	for (size_t i = first; i < first + n; i++)
		if (e->all[i]->net_ns == host)
			return e->all[i];
	return n == 1 && !inet_end_is_loopback(&t->client) ? e->all[first] : NULL;
}

static int find_other_end(struct reading *r, struct listener_cache *c, const struct ends *e,
        const struct inet_socket *s, const struct inet_socket **ret)
{
	const struct inet_translation *t;
	int result;

	*ret = other_end(e, s);
	if (*ret || s->net_ns == r->model->host.ns[NS_NET])
		return 0;
	result = know_translations(r, c);
	t = result < 0 ? NULL
	               : inet_translations_find(&c->translations, &s->told.local, &s->told.remote);
	if (t)
		*ret = end_behind(r->model, e, t);
	return result;
}

/* The first TCP listener of a namespace on a port, or where it would be: they are by namespace,
 * protocol, port. */
static size_t first_listener(const struct model *m, uint64_t net_ns, unsigned port)
{
	size_t low = 0, high = m->n_listeners;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const struct model_listener *l = &m->listeners[middle];
		if (l->net_ns < net_ns ||
		        (l->net_ns == net_ns && !strcmp(l->protocol, "tcp") && l->port < port))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Who has accepted is connected by an address on which is listened. */
static bool was_accepted(const struct model *m, const struct inet_socket *s, const char *address)
{
	for (size_t i = first_listener(m, s->net_ns, s->told.local.port); i < m->n_listeners; i++) {
		const struct model_listener *l = &m->listeners[i];
		if (l->net_ns != s->net_ns || strcmp(l->protocol, "tcp") != 0 ||
		        l->port != s->told.local.port)
			return false;
		if (!strcmp(l->address, address) || !strcmp(l->address, "::") ||
		        !strcmp(l->address, "0.0.0.0"))
			return true;
	}
	return false;
}

static int index_of(const struct model *m, const struct inet_socket *s)
{
	const struct model_process *p = s && s->holder.pid ? model_process(m, s->holder.pid) : NULL;

	return p ? (int)(p - m->processes) : -1;
}

static const char *name_of(struct reading *r, const char *address, unsigned port)
{
	const bool six = strchr(address, ':') != NULL;
	char name[INET6_ADDRSTRLEN + 16];
	const int n = snprintf(
	        name, sizeof name, "%s%s%s:%u/tcp", six ? "[" : "", address, six ? "]" : "", port);

	return reading_string(r, name, (size_t)n);
}

int inet_pair(
        struct reading *r, struct listener_cache *c, struct model_connection *ret, size_t *ret_n)
{
	const struct model *m = r->model;
	auto_free const struct inet_socket **all = calloc(c->n + 1, sizeof *all);
	struct ends e = {.all = all};
	size_t n = 0;

	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < c->n; i++)
		if (c->all[i].told.state == INET_ESTABLISHED)
			all[e.n++] = &c->all[i];
	qsort(all, e.n, sizeof *all, by_addresses);
	for (size_t i = 0; i < e.n; i++) {
		const struct inet_socket *to = all[i], *from;
		char address[INET6_ADDRSTRLEN];
		struct model_connection one = {.count = 1, .to_net = to->net_ns};

		inet_end_print(&to->told.local, to->told.family, address);
		if (!was_accepted(m, to, address))
			continue;
		if (find_other_end(r, c, &e, to, &from) < 0)
			return -ENOMEM;
		if (!from && c->cut)
			continue; /* it may be one of those that are not listed */
		one.from = index_of(m, from);
		one.to = index_of(m, to);
		one.from_net = from ? from->net_ns : 0;
		one.socket = name_of(r, address, to->told.local.port);
		if (one.from < 0 || one.from != one.to)
			ret[n++] = one;
	}
	*ret_n = n;
	return 0;
}
