#include "kernel/observe/listeners.h"

#include "kernel/base/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	TRIES = 3,      /* looks for who listens: it may just be passing its socket on */
	PAUSE_MS = 500, /* between two questions that cost more */
};

/* A network namespace that is asked. */
struct place {
	const struct model_namespace *ns;
	bool own; /* it is ours */
	bool due; /* so long ago that more is asked */
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
	inet_translations_release(&c->translations);
	free(c);
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

static uint64_t now_ms(void)
{
	struct timespec t = {0};

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static struct listener_place *find_place(struct listener_cache *c, uint64_t net_ns)
{
	for (size_t i = 0; i < c->n_places; i++)
		if (c->places[i].net_ns == net_ns)
			return &c->places[i];
	return NULL;
}

/* What was listed of a namespace the last time: its connections, or its UDP sockets. */
static int keep(
        const struct listener_cache *c, struct inet_list *l, uint64_t net_ns, bool connected)
{
	int result = 0;

	for (size_t i = 0; i < c->n && result == 0; i++) {
		const struct inet_socket *s = &c->all[i];
		if (s->net_ns == net_ns && (connected ? s->told.state == INET_ESTABLISHED
		                                      : s->told.protocol == IPPROTO_UDP))
			result = inet_list_add(l, s);
	}
	return result;
}

/* One that nobody has accepted yet will be, and then nothing is counted. */
static bool has_unaccepted(const struct listener_cache *c, uint64_t net_ns)
{
	for (size_t i = 0; i < c->n && !c->all[i].told.inode; i++)
		if (c->all[i].net_ns == net_ns && c->all[i].told.state == INET_ESTABLISHED)
			return true;
	return false;
}

/* Whether those of the last time are those of now. What was counted is renewed before they are
 * asked for: one that comes meanwhile is seen the next time. */
static bool is_as_counted(
        struct reading *r, struct listener_place *p, const struct model_namespace *ns)
{
	const struct inet_counts old = p->counts;
	const bool knew = p->counted;

	p->counted = r->live && inet_counts_read(r, ns->first_pid, &p->counts);
	if (p->counted && !p->counts.connected)
		return true; /* none */
	return knew && p->counted && !memcmp(&old, &p->counts, sizeof old) && !r->listeners->cut &&
	       !has_unaccepted(r->listeners, ns->inode);
}

static int read_connected(
        struct reading *r, struct inet_list *l, struct listener_place *p, const struct place *at)
{
	const struct inet_wish wish = {.connected = true};

	if ((p->asked && !at->due) || is_as_counted(r, p, at->ns))
		return p->counts.connected || !p->counted
		               ? keep(r->listeners, l, at->ns->inode, true)
		               : 0;
	p->asked = true;
	r->listeners->translated = false;
	return inet_list_read(r, l, at->ns->inode, at->ns->first_pid, at->own, wish);
}

static int read_listeners(struct reading *r, struct inet_list *l, const struct place *at)
{
	struct listener_place *p = find_place(r->listeners, at->ns->inode);
	const bool keeps = p && !at->due;
	const struct inet_wish wish = {.listening = true, .udp = !keeps};
	int result;

	result = inet_list_read(r, l, at->ns->inode, at->ns->first_pid, at->own, wish);
	return result == 0 && keeps ? keep(r->listeners, l, at->ns->inode, false) : result;
}

/* The namespaces that are asked: the host's and those of containers. */
static size_t list_places(const struct reading *r, struct place *ret)
{
	const struct model *m = r->model;
	const struct model_process *self = r->live ? model_process(m, getpid()) : NULL;
	const uint64_t own = self ? self->ns[NS_NET] : 0, now = now_ms();
	const uint64_t asked = r->listeners->asked_ms;
	size_t n = 0;

	for (size_t i = 0; i < m->n_namespaces && n < LISTENER_PLACES; i++) {
		const struct model_namespace *ns = &m->namespaces[i];
		if (ns->type == NS_NET && is_asked(m, ns->inode))
			ret[n++] = (struct place){.ns = ns,
			        .own = ns->inode == own,
			        .due = !r->live || !asked || now - asked >= PAUSE_MS};
	}
	if (n && ret->due)
		r->listeners->asked_ms = now;
	return n;
}

static bool any_listens(const struct inet_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->all[i].told.state == INET_LISTENING)
			return true;
	return false;
}

static int list_all(struct reading *r, struct inet_list *l)
{
	struct listener_cache *c = r->listeners;
	struct listener_place known[LISTENER_PLACES];
	struct place places[LISTENER_PLACES];
	const size_t n = list_places(r, places);
	int result = 0;

	for (size_t i = 0; i < n && result == 0; i++)
		result = read_listeners(r, l, &places[i]);
	for (size_t i = 0; i < n; i++) {
		const struct listener_place *old = find_place(c, places[i].ns->inode);
		known[i] = old ? *old : (struct listener_place){.net_ns = places[i].ns->inode};
	}
	if (result == 0 && any_listens(l))
		for (size_t i = 0; i < n && result == 0; i++)
			result = read_connected(r, l, &known[i], &places[i]);
	else
		for (size_t i = 0; i < n; i++) /* nothing is kept of connections */
			known[i] = (struct listener_place){.net_ns = known[i].net_ns};
	memcpy(c->places, known, n * sizeof *known);
	c->n_places = n;
	return result;
}

static int by_inode(const void *a, const void *b)
{
	const struct inet_socket *x = a, *y = b;

	return (x->told.inode > y->told.inode) - (x->told.inode < y->told.inode);
}

static int by_place(const void *a, const void *b)
{
	const struct inet_socket *x = a, *y = b;

	if (x->net_ns != y->net_ns)
		return x->net_ns < y->net_ns ? -1 : 1;
	if (x->told.protocol != y->told.protocol)
		return x->told.protocol < y->told.protocol ? -1 : 1;
	if (x->told.local.port != y->told.local.port)
		return x->told.local.port < y->told.local.port ? -1 : 1;
	if (x->told.family != y->told.family)
		return x->told.family < y->told.family ? -1 : 1;
	return memcmp(x->told.local.address, y->told.local.address, sizeof x->told.local.address);
}

/* What was found out before. True when somebody is still to be looked for. */
static bool remember(const struct model *m, const struct listener_cache *c, struct inet_list *l)
{
	bool wanted = false;

	for (size_t i = 0; i < l->n; i++) {
		const struct inet_socket *old =
		        c->n ? bsearch(&l->all[i], c->all, c->n, sizeof *c->all, by_inode) : NULL;
		const struct model_process *p;
		int most;
		if (old && old->net_ns == l->all[i].net_ns) {
			l->all[i].holder = old->holder;
			l->all[i].tries = old->tries;
		}
		p = l->all[i].holder.pid ? model_process(m, l->all[i].holder.pid) : NULL;
		if (l->all[i].holder.pid && (!p || p->start_time != l->all[i].holder.start_time)) {
			l->all[i].holder = (struct holder){.fd = -1}; /* left to somebody */
			l->all[i].tries = 0;
		}
		/* Who is connected came by its socket before it was: one look is enough. */
		most = l->all[i].told.state == INET_ESTABLISHED ? 1 : TRIES;
		wanted |= !l->all[i].holder.pid && l->all[i].told.inode && l->all[i].tries++ < most;
	}
	return wanted;
}

/* Whether it may be the one who is sought, and is worth a look. */
static bool may_hold(const struct reading *r, size_t i, const uint64_t *nets, size_t n)
{
	const struct model_process *p = &r->model->processes[i];

	if (r->live && !r->extra[i].special && !r->extra[i].speaks)
		return false;
	for (size_t k = 0; k < n; k++)
		if (nets[k] == p->ns[NS_NET])
			return true;
	return false;
}

/* In which namespaces there is a socket whose holder is not known. */
static size_t list_unknown(const struct inet_list *l, uint64_t nets[LISTENER_PLACES])
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++) {
		size_t k = 0;
		if (l->all[i].holder.pid || !l->all[i].told.inode)
			continue;
		while (k < n && nets[k] != l->all[i].net_ns)
			k++;
		if (k == n && n < LISTENER_PLACES)
			nets[n++] = l->all[i].net_ns;
	}
	return n;
}

static int find_holders(struct reading *r, struct inet_list *l)
{
	auto_free struct sought *sought = calloc(l->n + 1, sizeof *sought);
	uint64_t nets[LISTENER_PLACES];
	const size_t n = list_unknown(l, nets);
	size_t looked = 0;

	if (!sought)
		return -ENOMEM;
	for (size_t i = 0; i < l->n; i++) /* by inode, as the list is now */
		sought[i] = (struct sought){l->all[i].told.inode, &l->all[i].holder};
	for (size_t i = 0; i < r->model->n_processes && looked < READING_MAX_HOLDERS; i++)
		if (may_hold(r, i, nets, n)) {
			socket_holder_look(r, &r->model->processes[i], sought, l->n);
			looked++;
		}
	return 0;
}

static int write_down(struct reading *r, const struct inet_list *l)
{
	struct model *m = r->model;
	auto_free struct inet_socket *sorted = calloc(l->n + 1, sizeof *sorted);
	size_t n = 0;

	m->listeners = arena_alloc(&m->arena, (l->n - l->n_connected + 1) * sizeof *m->listeners);
	if (!sorted || !m->listeners)
		return -ENOMEM;
	for (size_t i = 0; i < l->n; i++)
		if (l->all[i].told.state != INET_ESTABLISHED)
			sorted[n++] = l->all[i];
	qsort(sorted, n, sizeof *sorted, by_place);
	for (size_t i = 0; i < n; i++) {
		char address[INET6_ADDRSTRLEN];
		const struct inet_told *t = &sorted[i].told;
		const struct model_process *p =
		        sorted[i].holder.pid ? model_process(m, sorted[i].holder.pid) : NULL;
		inet_end_print(&t->local, t->family, address);
		m->listeners[m->n_listeners++] = (struct model_listener){.net_ns = sorted[i].net_ns,
		        .protocol = t->protocol == IPPROTO_UDP ? "udp" : "tcp",
		        .address = reading_string(r, address, strlen(address)),
		        .port = t->local.port,
		        .process = p ? (int)(p - m->processes) : -1};
	}
	return 0;
}

int listeners_read(struct reading *r)
{
	struct inet_list l = {0};
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
	r->listeners->cut = l.cut;
	return 0;
}
