/* Who is connected to whom. Over Unix sockets: which sockets are connected is told by the kernel at
 * once; who holds them is looked for once and kept, since it changes only with new sockets and new
 * processes. Over TCP: listeners.c and inet_pair.c. */
#include "kernel/base/cleanup.h"
#include "kernel/observe/listeners.h"
#include "kernel/observe/socket_holder.h"
#include "kernel/observe/socket_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FROM, TO, ENDS };
enum { HEIRS_MOST = 64 };

struct connection {
	uint64_t inodes[ENDS];
	struct holder holders[ENDS];
	bool looked; /* it was among those looked for: who is not known now will not be later */
};

struct socket_cache {
	struct connection *all; /* by the inode of who accepted */
	size_t n;
	struct holder *seen; /* processes that have been looked through, by pid */
	size_t n_seen;
};

struct socket_cache *socket_cache_new(void)
{
	return calloc(1, sizeof(struct socket_cache));
}

void socket_cache_free(struct socket_cache *c)
{
	if (!c)
		return;
	free(c->all);
	free(c->seen);
	free(c);
}

static int by_accepted(const void *a, const void *b)
{
	const struct connection *x = a, *y = b;

	return (x->inodes[TO] > y->inodes[TO]) - (x->inodes[TO] < y->inodes[TO]);
}

static int by_inode(const void *a, const void *b)
{
	const struct sought *x = a, *y = b;

	return (x->inode > y->inode) - (x->inode < y->inode);
}

static int by_pid(const void *a, const void *b)
{
	const struct holder *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

static bool lives(const struct model *m, const struct holder *h)
{
	const struct model_process *p = h->pid ? model_process(m, h->pid) : NULL;

	return p && p->start_time == h->start_time;
}

/* The connections of now, with what was found out about them before. */
static int bring_up_to_date(
        const struct model *m, struct socket_cache *c, const struct socket_list *l)
{
	struct connection *all = calloc(l->n + 1, sizeof *all);

	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < l->n; i++) {
		const struct connection *old;

		all[i] = (struct connection){.inodes = {l->all[i].from, l->all[i].to}};
		old = c->n ? bsearch(&all[i], c->all, c->n, sizeof *c->all, by_accepted) : NULL;
		if (old && old->inodes[FROM] == all[i].inodes[FROM])
			all[i] = *old;
		for (int end = 0; end < ENDS; end++) {
			struct holder *h = &all[i].holders[end];
			h->fd = -1;
			if (h->pid && !lives(m, h)) { /* it may have left it to somebody */
				*h = (struct holder){.fd = -1};
				all[i].looked = false;
			}
		}
	}
	free(c->all);
	c->all = all;
	c->n = l->n;
	return 0;
}

/* Programs that speak to daemons of engines and end when they are answered. */
bool connections_know(const char *comm)
{
	static const char *const names[] = {"docker", "docker-compose", "podman", "ctr", "nerdctl",
	        "crictl", "buildctl", "kubectl", "machinectl", "systemd-nspawn", "runc", "crun"};
	static const bool first[256] = {['d'] = true,
	        ['p'] = true,
	        ['c'] = true,
	        ['n'] = true,
	        ['b'] = true,
	        ['k'] = true,
	        ['m'] = true,
	        ['s'] = true,
	        ['r'] = true};

	for (size_t i = 0; first[(unsigned char)comm[0]] && i < sizeof names / sizeof *names; i++)
		if (!strcmp(comm, names[i]))
			return true;
	return false;
}

/* A recorded tree is small, and cannot be asked for peers. */
static bool is_of_interest(const struct reading *r, size_t i)
{
	if (r->live)
		return r->extra[i].speaks;
	return r->model->processes[i].role != ROLE_KERNEL_THREAD;
}

/* Looks through processes of interest: all when there is a new connection, else those that have
 * come since. */
static int look(
        struct reading *r, struct socket_cache *c, const struct sought *sought, size_t n, bool anew)
{
	const struct model *m = r->model;
	struct holder *seen = calloc(READING_MAX_HOLDERS, sizeof *seen);
	size_t n_seen = 0;

	if (!seen)
		return -ENOMEM;
	for (size_t i = 0; i < m->n_processes && n_seen < READING_MAX_HOLDERS; i++) {
		const struct model_process *p = &m->processes[i];
		struct holder key, *old;

		if (!is_of_interest(r, i))
			continue;
		key = (struct holder){p->pid, p->start_time, -1};
		seen[n_seen++] = key;
		old = c->n_seen ? bsearch(&key, c->seen, c->n_seen, sizeof *c->seen, by_pid) : NULL;
		if (anew || !old || old->start_time != p->start_time)
			socket_holder_look(r, p, sought, n);
	}
	free(c->seen);
	c->seen = seen; /* by pid, as processes are */
	c->n_seen = n_seen;
	return 0;
}

/* A process that has ended left its socket to a child, whose number is mostly one of the next. */
static void look_at_heirs(const struct reading *r, pid_t pid, const struct holder *h,
        const struct sought *sought, size_t n)
{
	const struct model *m = r->model;
	int looked = 0;

	for (size_t i = 0; i < m->n_processes && looked < HEIRS_MOST && !h->pid; i++) {
		const struct model_process *p = &m->processes[i];
		if (p->pid < pid || p->role == ROLE_KERNEL_THREAD)
			continue;
		socket_holder_look(r, p, sought, n);
		looked++;
	}
}

/* Who is at the other end of a socket whose one end was found. */
static void ask_for_peer(
        struct reading *r, const struct connection *c, const struct sought *sought, size_t n)
{
	const struct model *m = r->model;
	int known = c->holders[TO].pid ? TO : FROM;
	pid_t pid;

	if (!c->holders[known].pid || c->holders[!known].pid || !c->inodes[!known])
		return;
	pid = socket_holder_peer(&c->holders[known]);
	if (pid > 0 && model_process(m, pid))
		socket_holder_look(r, model_process(m, pid), sought, n);
	else if (pid > 0)
		look_at_heirs(r, pid, &c->holders[!known], sought, n);
}

static int find_holders(struct reading *r, struct socket_cache *c)
{
	auto_free struct sought *sought = calloc(c->n * ENDS + 1, sizeof *sought);
	bool anew = false;
	size_t n = 0;
	int result;

	if (!sought)
		return -ENOMEM;
	for (size_t i = 0; i < c->n; i++) {
		anew = anew || !c->all[i].looked;
		for (int end = 0; end < ENDS; end++)
			if (c->all[i].inodes[end])
				sought[n++] = (struct sought){
				        c->all[i].inodes[end], &c->all[i].holders[end]};
	}
	qsort(sought, n, sizeof *sought, by_inode);
	result = look(r, c, sought, n, anew);
	for (size_t i = 0; result == 0 && i < c->n; i++) {
		if (r->live && !c->all[i].looked)
			ask_for_peer(r, &c->all[i], sought, n);
		c->all[i].looked = true;
	}
	return result;
}

static int index_of(const struct model *m, const struct holder *h)
{
	const struct model_process *p = h->pid ? model_process(m, h->pid) : NULL;

	return p ? (int)(p - m->processes) : -1;
}

static int by_ends(const void *a, const void *b)
{
	const struct model_connection *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->to != y->to)
		return x->to < y->to ? -1 : 1;
	if (x->to_net != y->to_net)
		return x->to_net < y->to_net ? -1 : 1;
	if (x->from_net != y->from_net)
		return x->from_net < y->from_net ? -1 : 1;
	return strcmp(x->socket, y->socket);
}

static int write_down(struct reading *r, const struct socket_cache *c, const struct socket_list *l)
{
	struct model *m = r->model;
	const size_t most = c->n + r->listeners->n + 1;
	struct model_connection *all = arena_alloc(&m->arena, most * sizeof *all);
	size_t n = 0, kept = 0;

	if (!all || inet_pair(r, r->listeners, all, &n) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < c->n; i++) {
		const struct holder *h = c->all[i].holders;
		struct model_connection one = {
		        index_of(m, &h[FROM]), index_of(m, &h[TO]), l->all[i].name, 1, 0, 0};
		if (one.from != one.to)
			all[n++] = one;
	}
	qsort(all, n, sizeof *all, by_ends);
	for (size_t i = 0; i < n; i++)
		if (kept && by_ends(&all[kept - 1], &all[i]) == 0)
			all[kept - 1].count++;
		else
			all[kept++] = all[i];
	m->connections = all;
	m->n_connections = kept;
	return 0;
}

int connections_read(struct reading *r)
{
	struct socket_list list = {0};
	int result = r->live ? sockets_diag(r, &list) : -ENOTSUP;

	if (result < 0 && result != -ENOMEM)
		result = sockets_proc(r, &list);
	if (result == 0)
		result = socket_list_pair(&list);
	if (result == 0)
		result = bring_up_to_date(r->model, r->sockets, &list);
	if (result == 0)
		result = find_holders(r, r->sockets);
	if (result == 0)
		result = write_down(r, r->sockets, &list);
	socket_list_release(&list);
	return result;
}
