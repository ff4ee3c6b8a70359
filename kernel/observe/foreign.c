/* Containers that are somebody else's: no file tells of them, only their namespaces do.
 *
 * A process is taken to be in a container when its pid namespace is not the host's, or when both
 * its mount and its UTS namespace are its own. (A mount namespace alone is what many services
 * have; one of systemd's services may have both, systemd.exec(5), and is no container.) Those that
 * share a pid namespace are one container; one started inside another counts with the outer. */
#include "kernel/observe/reading.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { SHORT_ID = 12, LONG_ID = 64 };

static bool is_service(const struct model *m, const struct model_process *p)
{
	static const char tail[] = ".service";
	const char *path = p->cgroup >= 0 ? m->cgroups[p->cgroup].path : "";
	size_t n = strlen(path), len = sizeof tail - 1;

	return n >= len && !strcmp(path + n - len, tail);
}

static bool is_apart(const struct model *m, const struct model_process *p, enum ns_type type)
{
	return p->ns[type] && p->ns[type] != m->host.ns[type];
}

static bool is_contained(const struct reading *r, size_t i)
{
	const struct model *m = r->model;
	const struct model_process *p = &m->processes[i];
	const struct ns_set *set = &r->ns_sets->all[r->extra[i].ns_set];
	const bool by_pid = ns_set_is_apart(set, NS_PID) || r->extra[i].levels > 1;

	if (!by_pid && !(ns_set_is_apart(set, NS_MNT) && ns_set_is_apart(set, NS_UTS)))
		return false; /* nearly all: their rows are not looked at */
	return p->role != ROLE_KERNEL_THREAD && p->container < 0 && (by_pid || !is_service(m, p));
}

/* The outermost contained process that `i` descends from, maybe itself. */
static size_t outermost(const struct reading *r, const bool *contained, size_t i)
{
	for (int steps = 0; steps < 1024; steps++) {
		int parent = r->extra[i].parent;
		if (parent < 0 || !contained[parent])
			break;
		i = (size_t)parent;
	}
	return i;
}

/* What the processes of one container have in common. Where the links are kept from us, it is the
 * process that they descend from; inodes of namespaces are far above any pid. */
static uint64_t group_of(const struct model *m, const struct model_process *top)
{
	if (is_apart(m, top, NS_PID))
		return top->ns[NS_PID];
	return top->ns[NS_MNT] ? top->ns[NS_MNT] : (uint64_t)top->pid;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* Engines put the container's 64 digit id into the name of its control group; people know its
 * first twelve. */
static const char *id_in_path(struct reading *r, const char *path)
{
	size_t run = 0;

	for (const char *at = path; *at; at++) {
		run = is_hex(*at) ? run + 1 : 0;
		if (run == LONG_ID && !is_hex(at[1]))
			return reading_string(r, at + 1 - LONG_ID, SHORT_ID);
	}
	return NULL;
}

static bool is_taken(
        const struct container_list *l, const struct container_draft *self, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (&l->all[i] != self && !strcmp(l->all[i].container.name, name))
			return true;
	return false;
}

/* Its host name if it has one of its own, else its id, else the name of its first process. */
static void give_name(
        struct reading *r, const struct container_list *l, struct container_draft *draft)
{
	struct model_container *c = &draft->container;
	const struct model *m = r->model;
	const struct model_process *first = model_process(m, c->pid);
	const char *name =
	        c->ns[NS_UTS] && strcmp(c->hostname, m->host.hostname) ? c->hostname : "";
	char numbered[300];

	if (!*name && c->cgroup >= 0)
		name = id_in_path(r, m->cgroups[c->cgroup].path);
	if (!name || !*name)
		name = first && first->comm[0] ? first->comm : "container";
	if (is_taken(l, draft, name)) {
		int n = snprintf(numbered, sizeof numbered, "%.255s-%d", name, (int)c->pid);
		name = reading_string(r, numbered, (size_t)n);
	}
	c->name = name;
}

static struct container_draft *find_or_add(struct reading *r, struct container_list *l,
        size_t first_foreign, const struct model_process *top)
{
	uint64_t group = group_of(r->model, top);
	struct container_draft *draft;

	for (size_t i = l->n; i-- > first_foreign;)
		if (l->all[i].group == group)
			return &l->all[i];
	draft = container_list_add(l);
	if (draft) {
		draft->group = group;
		draft->container.status = CONTAINER_FOREIGN;
		draft->container.command = top->cmdline;
		draft->container.cgroup = top->cgroup;
		container_describe(r, draft, top);
	}
	return draft;
}

/* "unshare --pid --fork" stays outside of the pid namespace that it makes, whose process 1 is its
 * child: then that one is the container's first process. */
static void prefer_pid_one(struct reading *r, struct container_list *l, size_t first_foreign)
{
	struct model *m = r->model;

	for (size_t i = 0; i < m->n_processes; i++) {
		const struct model_process *p = &m->processes[i];
		struct container_draft *draft;
		if (p->container < (int)first_foreign || p->ns_pid != 1 || !is_apart(m, p, NS_PID))
			continue;
		draft = &l->all[p->container];
		if (draft->container.ns[NS_PID])
			continue;
		draft->container.command = p->cmdline;
		draft->container.cgroup = p->cgroup;
		container_describe(r, draft, p);
	}
}

int foreign_find(struct reading *r, struct container_list *l)
{
	struct model *m = r->model;
	auto_free bool *contained = calloc(m->n_processes + 1, sizeof *contained);
	size_t first_foreign = l->n;
	int result;

	if (!contained)
		return -ENOMEM;
	for (size_t i = 0; i < m->n_processes; i++)
		contained[i] = is_contained(r, i);
	for (size_t i = 0; i < m->n_processes; i++) {
		struct container_draft *draft;
		if (!contained[i])
			continue;
		draft = find_or_add(r, l, first_foreign, &m->processes[outermost(r, contained, i)]);
		if (!draft)
			return -ENOMEM;
		m->processes[i].container = (int)(draft - l->all);
	}
	if (l->n > first_foreign)
		prefer_pid_one(r, l, first_foreign);
	result = hostnames_read(r, l);
	for (size_t i = first_foreign; i < l->n; i++)
		give_name(r, l, &l->all[i]);
	return result;
}
