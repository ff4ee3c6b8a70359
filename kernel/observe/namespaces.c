/* Namespaces have no list of their own that everybody may read: they are found as the links
 * /proc/PID/ns/TYPE of the processes that live in them, namespaces(7). */
#include "kernel/observe/reading.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <string.h>

struct member {
	enum ns_type type;
	uint64_t inode;
	pid_t pid;
	size_t processes;
};

static int by_type_inode_pid(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* The outermost ancestor of ours whose links may be read: what started the terminal we are in. */
static const struct model_process *outermost_ancestor(const struct model *m)
{
	const struct model_process *p = model_process(m, getpid()), *found = NULL;

	for (int steps = 0; p && steps < 256; steps++) {
		if (p->ns[NS_USER])
			found = p;
		p = p->ppid > 0 ? model_process(m, p->ppid) : NULL;
	}
	return found;
}

/* "The host's" namespaces are those of process 1. Where its links are kept from us (from ordinary
 * users; from root with fewer capabilities than it has) somebody else stands for it: a kernel
 * thread, which is in no other; our outermost ancestor; in a recorded tree the process with the
 * lowest number. Not simply we ourselves: a lab lives in a mount namespace apart. */
static const struct model_process *host_process(const struct reading *r)
{
	const struct model *m = r->model;
	const struct model_process *first = model_process(m, 1), *lowest = NULL;

	if (first && first->ns[NS_USER])
		return first;
	for (size_t i = 0; i < m->n_processes; i++) {
		const struct model_process *p = &m->processes[i];
		if (!p->ns[NS_USER])
			continue;
		if (p->role == ROLE_KERNEL_THREAD)
			return p;
		if (!lowest && r->extra[i].levels <= 1)
			lowest = p;
	}
	return r->live ? outermost_ancestor(m) : lowest;
}

/* Counts who is in each set of namespaces, and says which of those are not the host's. */
static void count_sets(const struct reading *r)
{
	const struct model *m = r->model;
	struct ns_set *sets = r->ns_sets->all;

	for (size_t i = 0; i < r->ns_sets->n; i++) {
		sets[i].processes = 0;
		sets[i].apart = 0;
		for (int t = 0; t < NS_COUNT; t++)
			if (sets[i].ns[t] && sets[i].ns[t] != m->host.ns[t])
				sets[i].apart |= 1U << t;
	}
	for (size_t i = 0; i < m->n_processes; i++) {
		struct ns_set *set = &sets[r->extra[i].ns_set];
		if (!set->processes++)
			set->first_pid = m->processes[i].pid; /* processes are by pid */
	}
}

static size_t list_members(const struct ns_sets *sets, struct member *members)
{
	size_t n = 0;

	for (size_t i = 0; i < sets->n; i++)
		for (int t = 0; t < NS_COUNT; t++)
			if (sets->all[i].processes && sets->all[i].ns[t])
				members[n++] = (struct member){(enum ns_type)t, sets->all[i].ns[t],
				        sets->all[i].first_pid, sets->all[i].processes};
	return n;
}

/* One namespace for each run of members with the same type and inode. */
static size_t group(const struct model *model, const struct member *members, size_t n,
        struct model_namespace *out)
{
	size_t groups = 0;

	for (size_t i = 0; i < n; i++) {
		const struct member *m = &members[i];
		struct model_namespace *last = groups ? &out[groups - 1] : NULL;
		if (!last || last->type != m->type || last->inode != m->inode) {
			last = &out[groups++];
			*last = (struct model_namespace){.type = m->type,
			        .inode = m->inode,
			        .initial = m->inode == model->host.ns[m->type],
			        .first_pid = m->pid};
		}
		last->processes += m->processes;
	}
	return groups;
}

int namespaces_collect(struct reading *r)
{
	struct model *m = r->model;
	const struct model_process *host = host_process(r);
	const size_t most = r->ns_sets->n * NS_COUNT + 1;
	auto_free struct member *members = calloc(most, sizeof *members);
	size_t n;

	if (host)
		memcpy(m->host.ns, host->ns, sizeof m->host.ns);
	m->namespaces = arena_alloc_unset(&m->arena, most * sizeof *m->namespaces);
	if (!members || !m->namespaces)
		return -ENOMEM;
	count_sets(r);
	n = list_members(r->ns_sets, members);
	qsort(members, n, sizeof *members, by_type_inode_pid);
	m->n_namespaces = group(m, members, n, m->namespaces);
	return 0;
}
