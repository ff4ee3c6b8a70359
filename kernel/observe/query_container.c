/* What is known of a container: container.NAME.… */
#include "kernel/observe/query_fact.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>

/* "" where it is unknown, so that the fact does not hold. */
static void add_amount(struct buf *out, uint64_t value)
{
	if (value == MODEL_NO_LIMIT)
		buf_add(out, "max");
	else if (value != MODEL_UNKNOWN)
		query_number(out, value);
}

static void add_yes(struct buf *out, bool yes)
{
	buf_add(out, yes ? "yes" : "no");
}

static const struct model_process *first_process(
        const struct model *m, const struct model_container *c)
{
	return c->pid ? model_process(m, c->pid) : NULL;
}

/* The host uid that uid 0 inside stands for, out of "0 100000 65536": inside, outside, length. */
static void add_root_uid(const struct model_container *c, struct buf *out)
{
	for (const char *at = c->uid_map; at && *at; at = strchr(at, ',')) {
		unsigned inside, outside, length;
		at += strspn(at, ", ");
		if (sscanf(at, "%u %u %u", &inside, &outside, &length) == 3 && inside == 0) {
			query_number(out, outside);
			return;
		}
	}
}

static const struct model_mount *top_mount(
        const struct model *m, uint64_t mnt_ns, const char *prefix, const char *path)
{
	size_t n = strlen(prefix);
	const struct model_mount *found = NULL;

	if (n && !strcmp(path, "/"))
		path = "";
	for (size_t i = 0; i < m->n_mounts; i++) {
		const struct model_mount *mount = &m->mounts[i];
		if (mount->mnt_ns == mnt_ns && !strncmp(mount->target, prefix, n) &&
		        !strcmp(mount->target + n, path))
			found = mount; /* a later one covers the earlier */
	}
	return found;
}

/* What the container has, or will have after pivot_root, at `path`. Until then its mount table is
 * a copy of the host's with its future root somewhere below, and the copied mounts do not count. */
static const struct model_mount *container_mount(
        const struct model *m, const struct model_container *c, const char *path)
{
	uint64_t own = c->ns[NS_MNT];
	const struct model_mount *here, *hosts;

	if (!own)
		return NULL;
	if (c->rootfs[0] && top_mount(m, own, c->rootfs, "/"))
		return top_mount(m, own, c->rootfs, path);
	here = top_mount(m, own, "", "/");
	hosts = top_mount(m, m->host.ns[NS_MNT], "", "/");
	if (here && hosts && !strcmp(here->source, hosts->source) &&
	        !strcmp(here->fstype, hosts->fstype) && !strcmp(here->options, hosts->options))
		return NULL;
	return top_mount(m, own, "", path);
}

/* Attributes of its control group, by name behind "cgroup". -EINVAL: no such attribute. */
static int cgroup_attribute(const struct model *m, const struct model_container *c,
        const char *attribute, struct buf *out)
{
	static const struct model_cgroup none = {.path = "",
	        .memory_current = MODEL_UNKNOWN,
	        .memory_max = MODEL_UNKNOWN,
	        .pids_current = MODEL_UNKNOWN,
	        .pids_max = MODEL_UNKNOWN,
	        .cpu_usage_us = MODEL_UNKNOWN,
	        .cpu_quota_us = MODEL_UNKNOWN,
	        .cpu_period_us = MODEL_UNKNOWN};
	const struct model_cgroup *g = c->cgroup < 0 ? &none : &m->cgroups[c->cgroup];
	const struct {
		const char *name;
		uint64_t value;
	} amounts[] = {
	        {".memory.current", g->memory_current},
	        {".memory.max", g->memory_max},
	        {".pids.current", g->pids_current},
	        {".pids.max", g->pids_max},
	        {".cpu.usage", g->cpu_usage_us},
	        {".cpu.quota", g->cpu_quota_us},
	        {".cpu.period", g->cpu_period_us},
	};

	for (size_t i = 0; i < sizeof amounts / sizeof *amounts; i++)
		if (!strcmp(attribute, amounts[i].name)) {
			add_amount(out, amounts[i].value);
			return 0;
		}
	if (!strcmp(attribute, "")) {
		buf_add(out, g->path);
		return 0;
	}
	if (!strcmp(attribute, ".processes"))
		query_number(out, g->processes);
	else if (!strcmp(attribute, ".frozen"))
		add_yes(out, g->frozen);
	else
		return -EINVAL;
	return 0;
}

/* "net_admin" or "cap_net_admin", whatever the case. */
static int capability_of(const char *name)
{
	char full[64];
	cap_value_t value;
	bool prefixed = !strncasecmp(name, "cap_", 4);

	if (snprintf(full, sizeof full, "%s%s", prefixed ? "" : "cap_", name) >= (int)sizeof full ||
	        cap_from_name(full, &value) < 0)
		return -1;
	return value < 64 ? (int)value : -1;
}

static int security_attribute(
        const struct model_process *first, const char *attribute, struct buf *out)
{
	static const struct model_process nobody;
	const struct model_process *p = first ? first : &nobody;

	if (!strncmp(attribute, "cap.", 4)) {
		int capability = capability_of(attribute + 4);
		if (capability < 0)
			return -EINVAL;
		add_yes(out, p->cap_effective >> capability & 1);
	} else if (!strcmp(attribute, "caps")) {
		if (first)
			query_number(out, (uint64_t)__builtin_popcountll(p->cap_effective));
	} else if (!strcmp(attribute, "seccomp")) {
		add_yes(out, p->seccomp != 0);
	} else if (!strcmp(attribute, "no_new_privs")) {
		add_yes(out, p->no_new_privs);
	} else if (!strcmp(attribute, "uid")) {
		if (first)
			query_number(out, p->uid);
	} else {
		return -EINVAL;
	}
	return 0;
}

/* "ID" or "ID.error"; ids have no dots. */
static int step_attribute(const struct model_container *c, const char *id, struct buf *out)
{
	size_t n = strcspn(id, ".");
	bool error = !strcmp(id + n, ".error");

	static const char *const words[] = {
	        [STEP_TODO] = "todo",
	        [STEP_DONE] = "done",
	        [STEP_FAILED] = "failed",
	};

	if (id[n] && !error)
		return -EINVAL;
	for (size_t i = 0; i < c->n_steps; i++)
		if (!strncmp(c->steps[i].id, id, n) && !c->steps[i].id[n]) {
			buf_add(out, error ? c->steps[i].error : words[c->steps[i].status]);
			return 0;
		}
	return -ENOENT;
}

static int mount_attribute(
        const struct model *m, const struct model_container *c, const char *path, struct buf *out)
{
	const struct model_mount *mount;

	if (path[0] != '/')
		return -EINVAL;
	mount = container_mount(m, c, path);
	buf_add(out, mount ? mount->fstype : "");
	return 0;
}

/* Its first process as it is numbered in its own namespaces. */
static void add_inside(
        const struct model *m, const struct model_container *c, bool pid, struct buf *out)
{
	const struct model_process *p = first_process(m, c);

	if (p && pid)
		query_number(out, (uint64_t)p->ns_pid);
	else if (p && p->ns_uid >= 0)
		query_number(out, (uint64_t)p->ns_uid);
}

static int link_attribute(
        const struct model *m, const struct model_container *c, const char *name, struct buf *out)
{
	for (size_t i = 0; c->ns[NS_NET] && i < m->n_links; i++) {
		const struct model_link *link = &m->links[i];
		if (link->net_ns != c->ns[NS_NET] || strcmp(link->name, name) != 0)
			continue;
		buf_add(out, *link->addresses ? link->addresses : link->up ? "up" : "down");
	}
	return *name ? 0 : -EINVAL;
}

static int container_attribute(const struct model *m, const struct model_container *c,
        const char *attribute, struct buf *out)
{
	int type = !strncmp(attribute, "ns.", 3) ? query_ns_type(attribute + 3) : -1;

	if (!strcmp(attribute, ""))
		buf_add(out, model_status_name(c->status));
	else if (!strcmp(attribute, "pid"))
		query_number(out, (uint64_t)c->pid);
	else if (!strcmp(attribute, "pid.inside"))
		add_inside(m, c, true, out);
	else if (!strcmp(attribute, "uid.inside"))
		add_inside(m, c, false, out);
	else if (!strcmp(attribute, "cgroup.inside"))
		buf_add(out, c->cgroup_inside);
	else if (!strncmp(attribute, "link.", 5))
		return link_attribute(m, c, attribute + 5, out);
	else if (!strcmp(attribute, "hostname"))
		buf_add(out, c->hostname);
	else if (!strcmp(attribute, "image"))
		buf_add(out, c->image);
	else if (!strcmp(attribute, "command"))
		buf_add(out, c->command);
	else if (!strcmp(attribute, "exit"))
		buf_addf(out, "%d", c->exit_code);
	else if (!strcmp(attribute, "processes"))
		query_number(out, c->processes);
	else if (!strcmp(attribute, "layers"))
		query_number(out, c->n_layers);
	else if (!strcmp(attribute, "root"))
		add_root_uid(c, out);
	else if (type >= 0 && c->ns[type])
		query_number(out, c->ns[type]);
	else if (type >= 0)
		return 0;
	else if (!strncmp(attribute, "mount.", 6))
		return mount_attribute(m, c, attribute + 6, out);
	else if (!strcmp(attribute, "changes"))
		query_number(out, c->n_changes);
	else if (!strncmp(attribute, "upper.", 6))
		return query_upper(c, attribute + 6, out);
	else if (!strncmp(attribute, "cgroup", 6))
		return cgroup_attribute(m, c, attribute + 6, out);
	else if (!strncmp(attribute, "step.", 5))
		return step_attribute(c, attribute + 5, out);
	else
		return security_attribute(first_process(m, c), attribute, out);
	return 0;
}

bool query_split(const struct model *m, const char *fact, struct query_parts *ret)
{
	static const char prefix[] = "container.";
	const char *rest = fact + sizeof prefix - 1;
	size_t n = 0;

	if (strncmp(fact, prefix, sizeof prefix - 1) || !*rest)
		return false;
	*ret = (struct query_parts){.attribute = ""};
	/* Names may hold dots: the longest name that exists counts, else the first word. */
	for (size_t i = 0; i < m->n_containers; i++) {
		size_t len = strlen(m->containers[i].name);
		if (len > n && !strncmp(rest, m->containers[i].name, len) &&
		        (!rest[len] || rest[len] == '.')) {
			n = len;
			ret->container = &m->containers[i];
		}
	}
	if (!n)
		n = strcspn(rest, ".");
	ret->name = rest;
	ret->name_length = n;
	if (rest[n] == '.')
		ret->attribute = rest + n + 1;
	return n > 0 && (!rest[n] || rest[n + 1]);
}

int query_container(const struct model *m, const char *fact, struct buf *out)
{
	static const struct model_container absent = {.name = "",
	        .image = "",
	        .command = "",
	        .hostname = "",
	        .uid_map = "",
	        .rootfs = "",
	        .cgroup_inside = "",
	        .ports = "",
	        .cgroup = -1};
	struct query_parts parts;
	auto_buf ignored = BUF_INIT;
	int r;

	if (!query_split(m, fact, &parts))
		return -EINVAL;
	if (parts.container)
		return container_attribute(m, parts.container, parts.attribute, out);
	/* The name of the fact is checked all the same: a typing error is one before the container
	 * is made, too. */
	r = container_attribute(m, &absent, parts.attribute, &ignored);
	return r == 0 ? -ENOENT : r;
}
