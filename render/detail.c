/* What one container is: processes, users, names and namespaces, and that each of them is something
 * else inside. */
#include "render/detail.h"
#include "render/changes.h"
#include "render/describe.h"
#include "render/wants.h"

#include <stdio.h>
#include <string.h>

enum { PROCESSES_MOST = 60 };

void detail_add(struct detail *d, const char *label, enum scene_role role, const char *host,
        const char *inside, const char *old)
{
	sides_add(d->t, label, role, host, inside, old ? mark_text(old, inside) : MARK_NONE);
}

bool detail_want(
        struct detail *d, const char *topic, const char *label, enum scene_role role, bool on_host)
{
	const struct view_want *want = want_find(d->in, d->name, topic);

	if (!want)
		return false;
	sides_ghost(d->t, label, role,
	        want->wanted && *want->wanted ? scene_clean(d->s, want->wanted) : "to come",
	        on_host);
	return true;
}

void detail_fact(struct detail *d, const char *attribute)
{
	sides_stand(d->t, scene_format(d->s, "fact:container.%s.%s", scene_clean(d->s, d->name),
	                          scene_clean(d->s, attribute)));
}

bool detail_own(const struct detail *d, enum ns_type type)
{
	return d->c && d->c->ns[type] && d->c->ns[type] != d->now->host.ns[type];
}

static void add_steps(struct detail *d)
{
	const struct model_container *c = d->c;
	size_t done = 0;
	struct side_line *l;

	if (!c || !c->n_steps || describe_failed_step(c) < c->n_steps)
		return;
	for (size_t i = 0; i < c->n_steps; i++)
		done += c->steps[i].status == STEP_DONE;
	if (done == c->n_steps)
		return;
	sides_group(d->t);
	l = sides_add(d->t, "steps", SCENE_CONTAINER,
	        scene_format(d->s, "%zu of %zu, next %s", done, c->n_steps,
	                scene_clean(d->s, c->steps[describe_next_step(c)].id)),
	        "", MARK_NONE);
	if (l)
		l->meter = (double)done / (double)c->n_steps;
}

static bool belongs(const struct detail *d, const struct model_process *p)
{
	return p->container >= 0 && (size_t)p->container < d->now->n_containers &&
	       &d->now->containers[p->container] == d->c;
}

static const char *process_host(struct detail *d, const struct model_process *p)
{
	return scene_format(d->s, "%d %s", (int)p->pid, describe_process(d->s, p));
}

static void add_process(struct detail *d, const char *label, const struct model_process *p)
{
	const char *name = describe_process(d->s, p);

	sides_add(d->t, label, SCENE_NAMESPACE_PID, process_host(d, p),
	        scene_format(d->s, "%d %s", (int)(p->ns_pid ? p->ns_pid : p->pid), name),
	        mark_process(d->before, p));
	sides_stand(d->t, scene_format(d->s, "process:%d", (int)p->pid));
}

/* What a process is told of one that is outside of its pid namespace: 0. */
static void add_parent(struct detail *d)
{
	const struct model_process *parent = model_process(d->now, d->p->ppid);
	bool sees = parent && parent->ns[NS_PID] == d->p->ns[NS_PID];

	if (parent)
		sides_add(d->t, "  its parent", SCENE_NAMESPACE_PID, process_host(d, parent),
		        sees ? process_host(d, parent) : "0 nobody in here", MARK_NONE);
}

static void add_gone_processes(struct detail *d)
{
	for (size_t i = 0; d->c_before && i < d->before->n_processes; i++) {
		const struct model_process *old = &d->before->processes[i];
		const struct model_process *p = model_process(d->now, old->pid);
		struct side_line *l;

		if (old->container < 0 || (size_t)old->container >= d->before->n_containers ||
		        &d->before->containers[old->container] != d->c_before ||
		        (p && p->start_time == old->start_time))
			continue;
		l = sides_add(d->t, "", SCENE_NAMESPACE_PID, process_host(d, old), "", MARK_GONE);
		if (l)
			l->on_host = true;
	}
}

static void add_processes(struct detail *d)
{
	size_t listed = 1;

	sides_group(d->t);
	if (!d->p) {
		if (!detail_want(d, "pid", "first process", SCENE_NAMESPACE_PID, true))
			sides_add(
			        d->t, "processes", SCENE_NAMESPACE_PID, "none now", "", MARK_NONE);
	} else {
		add_process(d, "first process", d->p);
		add_parent(d);
	}
	for (size_t i = 0; d->p && i < d->now->n_processes && listed < PROCESSES_MOST; i++) {
		const struct model_process *p = &d->now->processes[i];
		if (!belongs(d, p) || p == d->p)
			continue;
		add_process(d, listed == 1 ? "others" : "", p);
		listed++;
	}
	if (d->c && d->c->processes > listed && d->p)
		sides_add(d->t, "", SCENE_DIM,
		        scene_format(d->s, "+%zu more", d->c->processes - listed), "", MARK_NONE);
	add_gone_processes(d);
	detail_want(d, "processes", "processes", SCENE_NAMESPACE_PID, true);
	detail_want(d, "command", "command", SCENE_CONTAINER, true);
	detail_want(d, "image", "image", SCENE_LAYER, true);
}

/* "0 100000 65536": users inside from, outside from, how many. */
static void add_map(struct detail *d, const char *label, const char *map, const char *old)
{
	for (const char *at = map; at && *at;) {
		unsigned long inside, outside, count;

		if (sscanf(at, "%lu %lu %lu", &inside, &outside, &count) == 3 && count)
			detail_add(d, label, SCENE_NAMESPACE_USER,
			        scene_format(d->s, count > 1 ? "%lu … %lu" : "%lu", outside,
			                outside + count - 1),
			        scene_format(d->s, count > 1 ? "%lu … %lu" : "%lu", inside,
			                inside + count - 1),
			        NULL);
		if (old && strcmp(old, map) != 0 && d->t->n)
			d->t->lines[d->t->n - 1].mark = MARK_CHANGED;
		label = "";
		at = strchr(at, ',');
		if (at)
			at++;
	}
}

static const char *user_inside(struct detail *d, const struct model_process *p)
{
	return describe_user(d->s, (long)p->ns_uid);
}

/* The users of the other processes, each once. */
static void add_other_users(struct detail *d)
{
	size_t from = d->t->n;

	for (size_t i = 0; i < d->now->n_processes && d->t->n < from + 8; i++) {
		const struct model_process *p = &d->now->processes[i];
		const char *host = describe_user(d->s, (long)p->uid);
		bool known = !belongs(d, p) || (p->uid == d->p->uid && p->ns_uid == d->p->ns_uid);

		for (size_t k = from; k < d->t->n; k++)
			known = known || !strcmp(d->t->lines[k].host, host);
		if (!known)
			sides_add(d->t, scene_format(d->s, "  of %d", (int)p->pid),
			        SCENE_NAMESPACE_USER, host, user_inside(d, p), MARK_NONE);
	}
}

static void add_users(struct detail *d)
{
	const struct model_container *c = d->c, *old = d->c_before;

	sides_group(d->t);
	detail_want(d, "uid", "user", SCENE_NAMESPACE_USER, true);
	detail_want(d, "root", "root", SCENE_NAMESPACE_USER, true);
	if (!d->p)
		return;
	sides_add(d->t, "user", SCENE_NAMESPACE_USER, describe_user(d->s, (long)d->p->uid),
	        user_inside(d, d->p),
	        d->p_before && (d->p_before->uid != d->p->uid ||
	                               d->p_before->ns_uid != d->p->ns_uid)
	                ? MARK_CHANGED
	                : MARK_NONE);
	detail_fact(d, "uid");
	if (detail_own(d, NS_USER) && !*c->uid_map)
		sides_add(d->t, "users", SCENE_NAMESPACE_USER, "", "no map is written yet",
		        MARK_NONE);
	else if (detail_own(d, NS_USER) || strcmp(c->uid_map, "0 0 4294967295") != 0)
		add_map(d, "users", c->uid_map, old ? old->uid_map : NULL);
	else
		sides_add(d->t, "users", SCENE_NAMESPACE_USER, "all", "all", MARK_NONE);
	if (strcmp(c->gid_map, c->uid_map) != 0)
		add_map(d, "groups", c->gid_map, old ? old->gid_map : NULL);
	add_other_users(d);
}

static void add_hostname(struct detail *d)
{
	const struct model_container *c = d->c;

	sides_group(d->t);
	if (detail_want(d, "hostname", "host name", SCENE_NAMESPACE_UTS, false) || !d->p)
		return;
	detail_add(d, "host name", SCENE_NAMESPACE_UTS, scene_clean(d->s, d->now->host.hostname),
	        *c->hostname ? scene_clean(d->s, c->hostname) : "not to be read from here",
	        d->c_before ? scene_clean(d->s, d->c_before->hostname) : NULL);
	detail_fact(d, "hostname");
}

static void add_namespaces(struct detail *d)
{
	sides_group(d->t);
	for (int t = 0; t < NS_COUNT; t++) {
		uint64_t host = d->now->host.ns[t], inode = d->c && d->c->ns[t] ? d->c->ns[t]
		                                            : d->p              ? d->p->ns[t]
		                                                                : 0;
		enum scene_role role = describe_namespace_role((enum ns_type)t);
		const char *label = scene_format(d->s, "%s namespace", ns_names[t]);
		const char *number = scene_format(d->s, "%llu", (unsigned long long)host);
		char topic[32] = "ns.";

		strcat(topic, ns_names[t]);
		if (!detail_own(d, (enum ns_type)t) && detail_want(d, topic, label, role, false)) {
			d->t->lines[d->t->n - 1].host = host ? number : "?";
			continue;
		}
		if (!d->p)
			continue;
		sides_add(d->t, label, role, host ? number : "?",
		        inode ? scene_format(d->s, "%llu", (unsigned long long)inode)
		              : "not to be read",
		        mark_namespace(d->before, (enum ns_type)t, inode));
		detail_fact(d, topic);
	}
}

/* Whatever is asked for and has no place above, so that no want is without its ghost. */
static void add_other_wants(struct detail *d)
{
	static const char *const placed[] = {"pid", "processes", "command", "image", "uid", "root",
	        "hostname", "ns", "layers", "mount", "upper", "changes", "link", "cgroup", "cap",
	        "caps", "seccomp", "no_new_privs"};

	sides_group(d->t);
	for (size_t i = 0; i < d->in->n_wants; i++) {
		const struct view_want *want = &d->in->wants[i];
		const char *rest, *wanted = want->wanted ? want->wanted : "";
		bool done = !want_of(want, d->name, &rest);

		for (size_t k = 0; k < sizeof placed / sizeof *placed; k++)
			done = done || want_about(want, d->name, placed[k], NULL);
		if (!done)
			sides_ghost(d->t, *rest ? scene_clean(d->s, rest) : "it is",
			        SCENE_CONTAINER, *wanted ? scene_clean(d->s, wanted) : "to come",
			        true);
	}
}

void detail_lines(struct detail *d)
{
	add_steps(d);
	add_processes(d);
	add_users(d);
	add_hostname(d);
	detail_root(d);
	detail_cgroup(d);
	detail_mounts(d);
	detail_links(d);
	add_namespaces(d);
	detail_rights(d);
	add_other_wants(d);
}
