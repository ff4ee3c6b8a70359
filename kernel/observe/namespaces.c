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

/* In all of the host's namespaces, as nearly all are: one comparison, and a count. */
static bool is_of_host(const struct model *m, const struct model_process *p)
{
	return !memcmp(p->ns, m->host.ns, sizeof p->ns);
}

/* Memberships in the host's are only counted; the others are listed. */
static size_t list_members(
        const struct model *m, struct member *members, struct model_namespace initial[NS_COUNT])
{
	size_t n = 0, of_host = 0;
	pid_t first = 0;

	for (size_t i = 0; i < m->n_processes; i++) {
		const struct model_process *p = &m->processes[i];
		if (is_of_host(m, p)) {
			if (!of_host++)
				first = p->pid; /* processes are by pid */
			continue;
		}
		for (int t = 0; t < NS_COUNT; t++) {
			if (!p->ns[t])
				continue;
			if (p->ns[t] != m->host.ns[t])
				members[n++] = (struct member){(enum ns_type)t, p->ns[t], p->pid};
			else if (initial[t].processes++ == 0)
				initial[t].first_pid = p->pid;
		}
	}
	for (int t = 0; t < NS_COUNT && of_host; t++) {
		if (!m->host.ns[t])
			continue;
		if (!initial[t].processes || first < initial[t].first_pid)
			initial[t].first_pid = first;
		initial[t].processes += of_host;
	}
	return n;
}

static size_t count_apart(const struct model *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_processes; i++)
		for (int t = is_of_host(m, &m->processes[i]) ? NS_COUNT : 0; t < NS_COUNT; t++)
			n += m->processes[i].ns[t] && m->processes[i].ns[t] != m->host.ns[t];
	return n;
}

static int by_type_inode(const void *a, const void *b)
{
	const struct model_namespace *x = a, *y = b;

	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	return (x->inode > y->inode) - (x->inode < y->inode);
}

/* One namespace for each run of members with the same type and inode. */
static size_t group(const struct member *members, size_t n, struct model_namespace *out)
{
	size_t groups = 0;

	for (size_t i = 0; i < n; i++) {
		const struct member *m = &members[i];
		struct model_namespace *last = groups ? &out[groups - 1] : NULL;
		if (!last || last->type != m->type || last->inode != m->inode) {
			last = &out[groups++];
			*last = (struct model_namespace){
			        .type = m->type, .inode = m->inode, .first_pid = m->pid};
		}
		last->processes++;
	}
	return groups;
}

int namespaces_collect(struct reading *r)
{
	struct model *m = r->model;
	const struct model_process *host = host_process(r);
	struct model_namespace initial[NS_COUNT] = {0};
	auto_free struct member *members = NULL;
	size_t n;

	if (host)
		memcpy(m->host.ns, host->ns, sizeof m->host.ns);
	for (int t = 0; t < NS_COUNT; t++)
		initial[t] = (struct model_namespace){
		        .type = (enum ns_type)t, .inode = m->host.ns[t], .initial = true};
	n = count_apart(m);
	members = calloc(n + 1, sizeof *members);
	m->namespaces = arena_alloc(&m->arena, (n + NS_COUNT) * sizeof *m->namespaces);
	if (!members || !m->namespaces)
		return -ENOMEM;
	list_members(m, members, initial);
	qsort(members, n, sizeof *members, by_type_inode_pid);
	m->n_namespaces = group(members, n, m->namespaces);
	for (int t = 0; t < NS_COUNT; t++)
		if (initial[t].processes)
			m->namespaces[m->n_namespaces++] = initial[t];
	qsort(m->namespaces, m->n_namespaces, sizeof *m->namespaces, by_type_inode);
	return 0;
}
