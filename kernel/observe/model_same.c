#include "kernel/observe/model_same.h"

#include <string.h>

static bool same(const char *a, const char *b)
{
	return !strcmp(a, b);
}

/* Indices into arrays of two models say nothing: what stands there does. */
static const char *group_of(const struct model *m, int cgroup)
{
	return cgroup >= 0 && (size_t)cgroup < m->n_cgroups ? m->cgroups[cgroup].path : "";
}

static bool counts(const struct model_process *p)
{
	return p->role != ROLE_REGULAR && p->role != ROLE_KERNEL_THREAD;
}

static bool same_process(const struct model *ma, const struct model_process *a,
        const struct model *mb, const struct model_process *b)
{
	return a->pid == b->pid && a->start_time == b->start_time && a->ppid == b->ppid &&
	       a->uid == b->uid && a->role == b->role && !memcmp(a->ns, b->ns, sizeof a->ns) &&
	       a->cap_effective == b->cap_effective && a->cap_bounding == b->cap_bounding &&
	       a->seccomp == b->seccomp && a->seccomp_filters == b->seccomp_filters &&
	       a->no_new_privs == b->no_new_privs && same(a->cmdline, b->cmdline) &&
	       same(a->comm, b->comm) && same(group_of(ma, a->cgroup), group_of(mb, b->cgroup));
}

static bool same_processes(const struct model *a, const struct model *b)
{
	size_t i = 0, k = 0;

	for (;;) {
		while (i < a->n_processes && !counts(&a->processes[i]))
			i++;
		while (k < b->n_processes && !counts(&b->processes[k]))
			k++;
		if (i == a->n_processes || k == b->n_processes)
			return i == a->n_processes && k == b->n_processes;
		if (!same_process(a, &a->processes[i++], b, &b->processes[k++]))
			return false;
	}
}

static bool same_namespaces(const struct model *a, const struct model *b)
{
	if (a->n_namespaces != b->n_namespaces)
		return false;
	for (size_t i = 0; i < a->n_namespaces; i++)
		if (a->namespaces[i].type != b->namespaces[i].type ||
		        a->namespaces[i].inode != b->namespaces[i].inode)
			return false;
	return true;
}

static bool same_cgroups(const struct model *a, const struct model *b)
{
	if (a->n_cgroups != b->n_cgroups)
		return false;
	for (size_t i = 0; i < a->n_cgroups; i++) {
		const struct model_cgroup *x = &a->cgroups[i], *y = &b->cgroups[i];

		if (!same(x->path, y->path) || !same(x->controllers, y->controllers) ||
		        x->memory_max != y->memory_max || x->pids_max != y->pids_max ||
		        x->cpu_quota_us != y->cpu_quota_us ||
		        x->cpu_period_us != y->cpu_period_us || x->frozen != y->frozen)
			return false;
	}
	return true;
}

static bool same_mounts(const struct model *a, const struct model *b)
{
	if (a->n_mounts != b->n_mounts)
		return false;
	for (size_t i = 0; i < a->n_mounts; i++) {
		const struct model_mount *x = &a->mounts[i], *y = &b->mounts[i];

		if (x->id != y->id || x->parent_id != y->parent_id || x->mnt_ns != y->mnt_ns ||
		        !same(x->target, y->target) || !same(x->source, y->source) ||
		        !same(x->fstype, y->fstype) || !same(x->options, y->options) ||
		        !same(x->propagation, y->propagation))
			return false;
	}
	return true;
}

static pid_t listening(const struct model *m, const struct model_listener *l)
{
	return l->process < 0 ? 0 : m->processes[l->process].pid;
}

/* The next one that does not only wait for an answer. */
static size_t lasting(const struct model *m, size_t i)
{
	while (i < m->n_listeners && model_listener_is_passing(&m->listeners[i]))
		i++;
	return i;
}

static bool same_listeners(const struct model *a, const struct model *b)
{
	size_t i = lasting(a, 0), k = lasting(b, 0);

	for (; i < a->n_listeners && k < b->n_listeners;
	        i = lasting(a, i + 1), k = lasting(b, k + 1)) {
		const struct model_listener *x = &a->listeners[i], *y = &b->listeners[k];

		if (x->net_ns != y->net_ns || x->port != y->port ||
		        !same(x->protocol, y->protocol) || listening(a, x) != listening(b, y) ||
		        !same(x->address, y->address))
			return false;
	}
	return i == a->n_listeners && k == b->n_listeners;
}

static bool same_network(const struct model *a, const struct model *b)
{
	if (a->n_links != b->n_links || a->n_routes != b->n_routes)
		return false;
	for (size_t i = 0; i < a->n_links; i++) {
		const struct model_link *x = &a->links[i], *y = &b->links[i];

		if (x->net_ns != y->net_ns || x->index != y->index || x->up != y->up ||
		        x->master != y->master || x->peer_ns != y->peer_ns || x->peer != y->peer ||
		        !same(x->name, y->name) || !same(x->addresses, y->addresses))
			return false;
	}
	for (size_t i = 0; i < a->n_routes; i++) {
		const struct model_route *x = &a->routes[i], *y = &b->routes[i];

		if (x->net_ns != y->net_ns || !same(x->destination, y->destination) ||
		        !same(x->gateway, y->gateway) || !same(x->link, y->link))
			return false;
	}
	return same_listeners(a, b);
}

static bool same_steps(const struct model_container *a, const struct model_container *b)
{
	if (a->n_steps != b->n_steps)
		return false;
	for (size_t i = 0; i < a->n_steps; i++)
		if (a->steps[i].status != b->steps[i].status ||
		        !same(a->steps[i].id, b->steps[i].id))
			return false;
	return true;
}

static bool same_changes(const struct model_container *a, const struct model_container *b)
{
	if (a->n_changes != b->n_changes || a->more_changes != b->more_changes)
		return false;
	for (size_t i = 0; i < a->n_changes; i++)
		if (a->changes[i].kind != b->changes[i].kind ||
		        !same(a->changes[i].path, b->changes[i].path))
			return false;
	return true;
}

static bool same_containers(const struct model *a, const struct model *b)
{
	if (a->n_containers != b->n_containers)
		return false;
	for (size_t i = 0; i < a->n_containers; i++) {
		const struct model_container *x = &a->containers[i], *y = &b->containers[i];

		if (!same(x->name, y->name) || x->status != y->status || x->pid != y->pid ||
		        x->start_time != y->start_time || x->exit_code != y->exit_code ||
		        memcmp(x->ns, y->ns, sizeof x->ns) != 0 ||
		        !same(x->hostname, y->hostname) || !same(x->uid_map, y->uid_map) ||
		        !same(x->gid_map, y->gid_map) || !same(x->ports, y->ports) ||
		        !same(x->rootfs, y->rootfs) || x->n_layers != y->n_layers ||
		        !same_steps(x, y) || !same_changes(x, y))
			return false;
	}
	return true;
}

static bool same_images(const struct model *a, const struct model *b)
{
	if (a->n_images != b->n_images || a->n_layers != b->n_layers ||
	        a->n_measures != b->n_measures)
		return false;
	for (size_t i = 0; i < a->n_images; i++)
		if (!same(a->images[i].name, b->images[i].name) ||
		        !same(a->images[i].digest, b->images[i].digest))
			return false;
	for (size_t i = 0; i < a->n_layers; i++)
		if (!same(a->layers[i].directory, b->layers[i].directory))
			return false;
	return true;
}

bool model_same(const struct model *a, const struct model *b)
{
	return same(a->host.hostname, b->host.hostname) && a->n_daemons == b->n_daemons &&
	       same_processes(a, b) && same_namespaces(a, b) && same_cgroups(a, b) &&
	       same_containers(a, b) && same_network(a, b) && same_images(a, b) &&
	       same_mounts(a, b);
}
