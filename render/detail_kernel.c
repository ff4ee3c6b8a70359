/* What the kernel holds of a container: its links, its control group and what that limits, its
 * rights. */
#include "render/changes.h"
#include "render/describe.h"
#include "render/detail.h"
#include "render/glyph.h"
#include "render/wants.h"

#include <string.h>

enum { LINKS_MOST = 40, NAMES_LEAST = 26 };

/* ---- network ---- */

/* "cutaway0-2 in cutaway0": what it is joined to on the other side. */
static const char *other_end(struct detail *d, const struct model_link *link)
{
	const struct model_link *peer = model_link_peer(d->now, link), *bridge;

	if (!peer)
		return strcmp(link->name, "lo") ? "other end not to be seen" : "no other end";
	bridge = model_link(d->now, peer->net_ns, peer->master);
	return bridge ? scene_clean(d->s, scene_format(d->s, "%s in %s", peer->name, bridge->name))
	              : scene_clean(d->s, peer->name);
}

static void add_link(struct detail *d, const char *label, const struct model_link *link)
{
	sides_add(d->t, label, SCENE_LINK, other_end(d, link),
	        scene_clean(d->s, scene_format(d->s, "%s %s %s", link->name,
	                                  link->up ? "up" : "down", link->addresses)),
	        mark_link(d->before, link));
	detail_fact(d, scene_format(d->s, "link.%s", link->name));
}

static void add_routes(struct detail *d, uint64_t net)
{
	for (size_t i = 0; i < d->now->n_routes; i++) {
		const struct model_route *route = &d->now->routes[i];
		const char *holder = "";
		size_t n = strlen(route->gateway);

		if (route->net_ns != net)
			continue;
		for (size_t k = 0; k < d->now->n_links; k++) {
			const struct model_link *l = &d->now->links[k];
			const char *at = strstr(l->addresses, route->gateway);
			if (l->net_ns == d->now->host.ns[NS_NET] && at && at[n] == '/' &&
			        (at == l->addresses || at[-1] == ' '))
				holder = scene_format(d->s, "%s is %s", route->gateway, l->name);
		}
		sides_add(d->t, "route", SCENE_LINK, scene_clean(d->s, holder),
		        scene_clean(d->s, scene_format(d->s, "%s → %s by %s", route->destination,
		                                  route->gateway, route->link)),
		        MARK_NONE);
	}
}

/* "0.0.0.0:8080->80/tcp …" */
static void add_ports(struct detail *d)
{
	for (const char *at = d->c->ports; *at;) {
		size_t n = strcspn(at, " "), from = strcspn(at, "-");
		if (from < n && at[from + 1] == '>')
			sides_add(d->t, "port", SCENE_LINK,
			        scene_clean(d->s, scene_format(d->s, "%.*s", (int)from, at)),
			        scene_clean(d->s, scene_format(d->s, "%.*s", (int)(n - from - 2),
			                                  at + from + 2)),
			        mark_text(d->c_before ? d->c_before->ports : NULL, d->c->ports));
		at += n + strspn(at + n, " ");
	}
}

/* The process by its numbers on both sides: there it is the same one. */
static void add_listeners(struct detail *d, uint64_t net)
{
	for (size_t i = 0; i < d->now->n_listeners; i++) {
		const struct model_listener *l = &d->now->listeners[i];
		const struct model_process *p =
		        l->process < 0 ? NULL : &d->now->processes[l->process];
		const char *by = "", *on = describe_listener(d->s, l), *clients, *from;

		if (l->net_ns != net || describe_listener_again(d->now, i) ||
		        model_listener_is_passing(l))
			continue;
		if (p)
			by = scene_format(d->s, "%s (%d)", scene_clean(d->s, p->comm), (int)p->pid);
		clients = describe_clients(d->s, d->now, l, &from);
		if (*clients)
			on = scene_format(d->s, "%s %s %s", on, clients, from);
		sides_add(d->t, "listens", SCENE_LINK, by, on, MARK_NONE);
	}
}

void detail_links(struct detail *d)
{
	uint64_t net = d->c ? d->c->ns[NS_NET] : 0;
	size_t listed = 0;
	const char *names = "";

	sides_group(d->t);
	for (size_t i = 0; i < d->in->n_wants; i++) {
		const struct view_want *want = &d->in->wants[i];
		const char *rest;
		if (want_about(want, d->name, "link", &rest))
			sides_ghost(d->t, "links", SCENE_LINK,
			        scene_clean(d->s, scene_format(d->s, "%s %s", rest,
			                                  want->wanted ? want->wanted : "")),
			        false);
	}
	if (!d->p)
		return;
	for (size_t i = 0; i < d->now->n_links; i++) {
		const struct model_link *link = &d->now->links[i];
		if (detail_own(d, NS_NET) && link->net_ns == net && listed < LINKS_MOST)
			add_link(d, listed++ ? "" : "links", link);
		else if (!detail_own(d, NS_NET) && link->net_ns == d->now->host.ns[NS_NET])
			names = scene_format(d->s, "%s%s%s", names, *names ? ", " : "",
			        scene_clean(d->s, link->name));
	}
	for (size_t i = 0; detail_own(d, NS_NET) && d->before && i < d->before->n_links; i++) {
		const struct model_link *old = &d->before->links[i];
		bool there = old->net_ns != net;
		for (size_t k = 0; k < d->now->n_links && !there; k++)
			there = d->now->links[k].net_ns == net &&
			        !strcmp(d->now->links[k].name, old->name);
		if (!there)
			sides_add(
			        d->t, "", SCENE_LINK, "", scene_clean(d->s, old->name), MARK_GONE);
	}
	if (*names)
		sides_add(d->t, "links", SCENE_LINK, names, names, MARK_NONE);
	else if (!listed)
		sides_add(d->t, "links", SCENE_LINK, "", "none to be seen", MARK_NONE);
	if (!detail_own(d, NS_NET))
		return;
	add_routes(d, net);
	add_ports(d);
	add_listeners(d, net);
}

/* ---- control group ---- */

static const struct model_cgroup *group_of(const struct model *m, const struct model_container *c)
{
	if (!m || !c || c->cgroup < 0 || (size_t)c->cgroup >= m->n_cgroups)
		return NULL;
	return &m->cgroups[c->cgroup];
}

/* Nothing in there tells the limits: /proc/meminfo speaks of the machine, unless somebody has
 * mounted something over it. */
static const char *machine_says(struct detail *d, const char *file, const char *value)
{
	char path[32] = "/proc/";

	strcat(path, file);
	for (size_t i = 0; detail_own(d, NS_MNT) && i < d->now->n_mounts; i++)
		if (d->now->mounts[i].mnt_ns == d->c->ns[NS_MNT] &&
		        !strcmp(d->now->mounts[i].target, path))
			return scene_format(d->s, "%s is covered", path);
	return scene_format(d->s, "%s says %s", path, value);
}

static void add_limit(struct detail *d, const char *label, const char *host, double fill,
        const char *inside, bool changed)
{
	struct side_line *l = sides_add(
	        d->t, label, SCENE_CGROUP, host, inside, changed ? MARK_CHANGED : MARK_NONE);

	if (!l)
		return;
	l->meter = fill;
	l->on_host = true;
}

static const char *of_limit(struct detail *d, uint64_t current, uint64_t max, bool bytes)
{
	const char *use = describe_use(d->s, current, max, bytes);

	if (!*use)
		return "not counted here";
	return max == MODEL_NO_LIMIT ? scene_format(d->s, "%s, no limit", use) : use;
}

static size_t count_seen(const struct detail *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->now->n_processes; i++)
		n += d->now->processes[i].ns[NS_PID] == d->p->ns[NS_PID];
	return n;
}

static void add_cpu(struct detail *d, const struct model_cgroup *g, const struct model_cgroup *old)
{
	const char *used =
	        g->cpu_usage_us >= MODEL_UNKNOWN
	                ? ""
	                : scene_format(d->s, "%.2f s used, ", (double)g->cpu_usage_us / 1e6);
	const char *limit = "no limit";

	if (g->cpu_quota_us == MODEL_UNKNOWN)
		limit = "not limited here";
	else if (g->cpu_quota_us != MODEL_NO_LIMIT && g->cpu_period_us &&
	         g->cpu_period_us < MODEL_UNKNOWN)
		limit = scene_format(
		        d->s, "%.2f cpus", (double)g->cpu_quota_us / (double)g->cpu_period_us);
	add_limit(d, "  cpu", scene_format(d->s, "%s%s", used, limit), -1,
	        d->p ? machine_says(d, "cpuinfo", scene_format(d->s, "%u", d->now->host.cpus)) : "",
	        d->before && (!old || old->cpu_quota_us != g->cpu_quota_us));
	detail_fact(d, "cgroup.cpu.quota");
}

static void add_group(struct detail *d, const struct model_cgroup *g)
{
	const struct model_cgroup *old = d->before ? model_cgroup(d->before, g->path) : NULL;
	const char *inside = !d->p                  ? ""
	                     : *d->c->cgroup_inside ? scene_clean(d->s, d->c->cgroup_inside)
	                                            : "not to be read from here";

	sides_add(d->t, "control group", SCENE_CGROUP, scene_clean(d->s, g->path), inside,
	        d->before && !old ? MARK_CHANGED : MARK_NONE);
	detail_fact(d, "cgroup");
	add_limit(d, "  memory", of_limit(d, g->memory_current, g->memory_max, true),
	        describe_fill(g->memory_current, g->memory_max),
	        d->p ? machine_says(d, "meminfo", describe_size(d->s, d->now->host.memory_total))
	             : "",
	        d->before && (!old || old->memory_max != g->memory_max));
	detail_fact(d, "cgroup.memory.max");
	add_limit(d, "  processes", of_limit(d, g->pids_current, g->pids_max, false),
	        describe_fill(g->pids_current, g->pids_max),
	        d->p ? scene_format(d->s, "%zu in its pid namespace", count_seen(d)) : "",
	        d->before && (!old || old->pids_max != g->pids_max));
	detail_fact(d, "cgroup.pids.max");
	add_cpu(d, g, old);
	if (g->frozen)
		add_limit(d, "  state", "frozen", -1, "", d->before && old && !old->frozen);
}

void detail_cgroup(struct detail *d)
{
	const struct model_cgroup *g = group_of(d->now, d->c);
	bool asked;

	sides_group(d->t);
	if (g)
		add_group(d, g);
	asked = detail_want(d, "cgroup.memory", "  memory", SCENE_CGROUP, true);
	asked |= detail_want(d, "cgroup.pids", "  processes", SCENE_CGROUP, true);
	asked |= detail_want(d, "cgroup.cpu", "  cpu", SCENE_CGROUP, true);
	asked |= detail_want(d, "cgroup.frozen", "  state", SCENE_CGROUP, true);
	asked |= detail_want(d, "cgroup.processes", "  processes", SCENE_CGROUP, true);
	if (!asked && !detail_want(d, "cgroup", "control group", SCENE_CGROUP, true) && !g && d->p)
		sides_add(d->t, "control group", SCENE_CGROUP, "none of its own", "", MARK_NONE);
}

/* ---- rights ---- */

static const char *dots(struct detail *d, const char *name)
{
	const char *text = "";

	for (int i = text_width(name); i > 0; i--)
		text = scene_format(d->s, "%s·", text);
	return text;
}

/* As many names as a line holds: what root has on the left, and on the right a gap for each that it
 * has not. */
static int add_names(struct detail *d, int n, uint64_t root, uint64_t set, uint64_t old)
{
	const char *host = "", *inside = "";
	enum scene_mark mark = MARK_NONE;
	/* So that a line fits into either column: what labels and borders leave of the width. */
	int width = (d->in->width - 34) * 47 / 100;
	bool any = false;

	width = width > NAMES_LEAST ? width : NAMES_LEAST;
	for (; n < 64; n++) {
		const char *name = describe_capability(n);
		bool has = set >> n & 1;

		if (!name || !(root >> n & 1))
			continue;
		if (*host && text_width(host) + 1 + text_width(name) > width)
			break;
		host = scene_format(d->s, "%s%s%s", host, *host ? " " : "", name);
		inside = scene_format(
		        d->s, "%s%s%s", inside, *inside ? " " : "", has ? name : dots(d, name));
		any = any || has;
		if (has != (old >> n & 1))
			mark = MARK_CHANGED;
	}
	if (*host)
		sides_add(d->t, "", SCENE_SECURITY, host, any ? inside : "none of these", mark);
	return n;
}

static void add_wanted_capabilities(struct detail *d)
{
	for (size_t i = 0; i < d->in->n_wants; i++) {
		const char *rest, *wanted = d->in->wants[i].wanted;
		if (want_about(&d->in->wants[i], d->name, "cap", &rest))
			sides_ghost(d->t, "  to change", SCENE_SECURITY,
			        scene_clean(d->s,
			                scene_format(d->s, "%s: %s", rest,
			                        wanted && !strcmp(wanted, "no") ? "to be dropped"
			                                                        : "to be held")),
			        false);
	}
	detail_want(d, "caps", "  to change", SCENE_SECURITY, false);
}

static void add_capabilities(struct detail *d)
{
	uint64_t root = d->host ? d->host->cap_effective : 0, set = d->p->cap_effective;
	uint64_t old = d->p_before ? d->p_before->cap_effective : set;

	if (!root)
		root = (UINT64_C(1) << 41) - 1;
	root |= set;
	sides_add(d->t, "capabilities", SCENE_SECURITY,
	        scene_format(d->s, "root has %d", describe_count_capabilities(root)),
	        set == root ? "all of these"
	                    : scene_format(d->s, "%d of these", describe_count_capabilities(set)),
	        old != set ? MARK_CHANGED : MARK_NONE);
	detail_fact(d, "caps");
	add_wanted_capabilities(d);
	if (set != root)
		for (int n = 0; n < 64;)
			n = add_names(d, n, root, set, old);
}

static const char *filter(struct detail *d, const struct model_process *p)
{
	if (!p || !p->seccomp)
		return "none";
	return p->seccomp == 1 ? "strict" : scene_format(d->s, "seccomp, %d", p->seccomp_filters);
}

void detail_rights(struct detail *d)
{
	sides_group(d->t);
	if (d->p)
		add_capabilities(d);
	else
		add_wanted_capabilities(d);
	sides_group(d->t);
	if (!(d->p && d->p->seccomp) && detail_want(d, "seccomp", "filter", SCENE_SECURITY, false))
		;
	else if (d->p)
		detail_add(d, "filter", SCENE_SECURITY, filter(d, d->host), filter(d, d->p),
		        d->p_before ? filter(d, d->p_before) : NULL);
	if (!(d->p && d->p->no_new_privs) &&
	        detail_want(d, "no_new_privs", "no_new_privs", SCENE_SECURITY, false))
		return;
	if (d->p)
		detail_add(d, "no_new_privs", SCENE_SECURITY,
		        d->host && d->host->no_new_privs ? "yes" : "no",
		        d->p->no_new_privs ? "yes" : "no",
		        d->p_before ? d->p_before->no_new_privs ? "yes" : "no" : NULL);
}
