#include "render/changes.h"

#include <string.h>

static enum scene_mark changed(bool different)
{
	return different ? MARK_CHANGED : MARK_NONE;
}

enum scene_mark mark_process(const struct model *before, const struct model_process *p)
{
	const struct model_process *old = before ? model_process(before, p->pid) : NULL;

	return changed(before && (!old || old->start_time != p->start_time));
}

/* By halves: namespaces are sorted by type, then inode, and there may be thousands. */
static bool had_namespace(const struct model *m, enum ns_type type, uint64_t inode)
{
	size_t low = 0, high = m->n_namespaces;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct model_namespace *ns = &m->namespaces[middle];
		if (ns->type == type && ns->inode == inode)
			return true;
		if (ns->type < type || (ns->type == type && ns->inode < inode))
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

enum scene_mark mark_namespace(const struct model *before, enum ns_type type, uint64_t inode)
{
	return changed(before && inode && !had_namespace(before, type, inode));
}

bool container_is_fresh(const struct model *before, const struct model_container *c)
{
	return before && !model_container(before, c->name);
}

enum scene_mark mark_container(const struct model *before, const struct model_container *c)
{
	const struct model_container *old = before ? model_container(before, c->name) : NULL;

	return changed(before && (!old || old->status != c->status || old->pid != c->pid ||
	                                 old->start_time != c->start_time));
}

enum scene_mark mark_cgroup(const struct model *before, const struct model_cgroup *g)
{
	const struct model_cgroup *old = before ? model_cgroup(before, g->path) : NULL;

	return changed(before &&
	               (!old || old->memory_max != g->memory_max || old->pids_max != g->pids_max ||
	                       old->cpu_quota_us != g->cpu_quota_us || old->frozen != g->frozen));
}

enum scene_mark mark_mount(const struct model *before, const struct model_mount *m)
{
	if (!before)
		return MARK_NONE;
	for (size_t i = 0; i < before->n_mounts; i++)
		if (before->mounts[i].id == m->id && before->mounts[i].mnt_ns == m->mnt_ns)
			return changed(strcmp(before->mounts[i].target, m->target) != 0);
	return MARK_CHANGED;
}

enum scene_mark mark_link(const struct model *before, const struct model_link *l)
{
	if (!before)
		return MARK_NONE;
	for (size_t i = 0; i < before->n_links; i++)
		if (before->links[i].net_ns == l->net_ns && before->links[i].index == l->index)
			return changed(before->links[i].up != l->up ||
			               strcmp(before->links[i].addresses, l->addresses) != 0);
	return MARK_CHANGED;
}

enum scene_mark mark_security(const struct model *before, const struct model_process *p)
{
	const struct model_process *old = before ? model_process(before, p->pid) : NULL;

	if (!before)
		return MARK_NONE;
	if (!old || old->start_time != p->start_time)
		return MARK_CHANGED;
	return changed(old->cap_effective != p->cap_effective || old->seccomp != p->seccomp ||
	               old->no_new_privs != p->no_new_privs);
}

static bool is_same(const struct model *before, int old, const struct model *now, int fresh)
{
	const struct model_process *x = old < 0 ? NULL : &before->processes[old];
	const struct model_process *y = fresh < 0 ? NULL : &now->processes[fresh];

	return x && y ? x->pid == y->pid && x->start_time == y->start_time : x == y;
}

enum scene_mark mark_connection(
        const struct model *before, const struct model *now, const struct model_connection *c)
{
	if (!before)
		return MARK_NONE;
	for (size_t i = 0; i < before->n_connections; i++) {
		const struct model_connection *old = &before->connections[i];
		if (is_same(before, old->from, now, c->from) &&
		        is_same(before, old->to, now, c->to) && !strcmp(old->socket, c->socket))
			return MARK_NONE;
	}
	return MARK_CHANGED;
}

enum scene_mark mark_text(const char *before, const char *now)
{
	return changed(before && strcmp(before, now) != 0);
}
