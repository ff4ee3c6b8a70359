/* What the kernel keeps of one process. There is nothing else to a container. */
#include "render/changes.h"
#include "render/describe.h"
#include "render/glyph.h"
#include "render/process.h"

#include <string.h>

enum { LIST_MOST = 200, MOUNTS_MOST = 300, ANCESTORS = 12, RIGHTS_WIDTH = 30 };

/* Parts of a row are by what a card is about, not by what is in it just now: so nothing moves for a
 * long name. */
enum {
	ITSELF_WISH = 44,
	NAMESPACES_WISH = 33,
	GROUP_WISH = 40,
	RIGHTS_WISH = RIGHTS_WIDTH + 4,
	FAMILY_WISH = 50,
	MOUNTS_WISH = 40,
	LINKS_WISH = 40,
};

struct one {
	const struct view_input *in;
	const struct model *now, *before;
	struct scene *s;
	const struct model_process *p;
};

void fact_row(struct scene *s, struct card *c, const char *label, const char *value,
        enum scene_role role, enum scene_mark mark, const char *id)
{
	struct card_line *l = card_line(s, c);

	card_add(l, label, mark == MARK_NONE ? SCENE_DIM : role, mark);
	card_add(l, value, role, MARK_NONE);
	card_stand(l, id);
}

static const char *fact_of(const struct one *o, const char *attribute)
{
	return scene_format(o->s, "fact:pid.%d.%s", (int)o->p->pid, attribute);
}

static const char *card_id(const struct one *o, const char *part)
{
	return scene_format(o->s, "process:%d:%s", (int)o->p->pid, part);
}

static const char *process_id(struct scene *s, const struct model_process *p)
{
	return scene_format(s, "process:%d", (int)p->pid);
}

static const struct model_container *container_of(
        const struct model *m, const struct model_process *p)
{
	return p->container >= 0 && (size_t)p->container < m->n_containers
	               ? &m->containers[p->container]
	               : NULL;
}

static const char *state_name(char state)
{
	switch (state) {
	case 'R':
		return "R running";
	case 'S':
		return "S sleeps";
	case 'D':
		return "D waits for a device";
	case 'T':
	case 't':
		return "T stopped";
	case 'Z':
		return "Z has ended";
	case 'I':
		return "I idle";
	default:
		return "?";
	}
}

/* ---- the cards ---- */

static void itself_card(const struct one *o, struct card *c)
{
	const struct model_process *p = o->p, *parent = model_process(o->now, p->ppid);
	const struct model_container *in = container_of(o->now, p);
	enum scene_mark fresh = mark_process(o->before, p);
	struct scene *s = o->s;

	*c = (struct card){.id = card_id(o, "process"),
	        .title = "process",
	        .role = SCENE_PROCESS,
	        .wish = ITSELF_WISH};
	fact_row(s, c, "pid outside", scene_format(s, "%d", (int)p->pid), SCENE_NAMESPACE_PID,
	        fresh, fact_of(o, "inside"));
	fact_row(s, c, "pid inside", scene_format(s, "%d", (int)p->ns_pid), SCENE_NAMESPACE_PID,
	        MARK_NONE, fact_of(o, "inside"));
	fact_row(s, c, "name", scene_clean(s, p->comm), SCENE_PROCESS, MARK_NONE,
	        fact_of(o, "comm"));
	fact_row(s, c, "arguments", scene_clean(s, p->cmdline), SCENE_PROCESS, MARK_NONE,
	        fact_of(o, "cmdline"));
	fact_row(s, c, "state", state_name(p->state), SCENE_PLAIN, MARK_NONE, fact_of(o, "state"));
	fact_row(s, c, "user outside", describe_user(s, (long)p->uid), SCENE_NAMESPACE_USER,
	        MARK_NONE, fact_of(o, "uid"));
	if (in && in->pid == p->pid)
		fact_row(s, c, "user inside", describe_user(s, (long)p->ns_uid),
		        SCENE_NAMESPACE_USER, MARK_NONE,
		        scene_format(s, "fact:container.%s.root", scene_clean(s, in->name)));
	if (parent)
		fact_row(s, c, "started by",
		        scene_format(s, "%d %s", (int)parent->pid, describe_process(s, parent)),
		        parent->role == ROLE_LAB ? SCENE_LAB : SCENE_PROCESS, MARK_NONE,
		        process_id(s, parent));
	if (in)
		fact_row(s, c, "container", scene_clean(s, in->name), SCENE_CONTAINER, MARK_NONE,
		        scene_format(s, "container:%s", scene_clean(s, in->name)));
}

/* "the host's", "with 3 others", "alone". */
static const char *company(const struct one *o, enum ns_type type)
{
	uint64_t inode = o->p->ns[type];
	const struct model_namespace *ns = inode ? model_namespace(o->now, type, inode) : NULL;

	if (!inode)
		return "not readable";
	if (inode == o->now->host.ns[type])
		return "the host's";
	if (!ns || ns->processes < 2)
		return "alone in it";
	return scene_format(
	        o->s, "with %zu other%s", ns->processes - 1, ns->processes == 2 ? "" : "s");
}

static void namespaces_card(const struct one *o, struct card *c)
{
	*c = (struct card){.id = card_id(o, "namespaces"),
	        .title = "namespaces",
	        .role = SCENE_NAMESPACE_NET,
	        .firm = true,
	        .wish = NAMESPACES_WISH};
	for (int t = 0; t < NS_COUNT; t++) {
		uint64_t inode = o->p->ns[t];
		bool own = inode && inode != o->now->host.ns[t];
		enum scene_role role = describe_namespace_role((enum ns_type)t);
		struct card_line *l = card_line(o->s, c);

		card_add(l, ns_names[t], role,
		        own ? mark_namespace(o->before, (enum ns_type)t, inode) : MARK_NONE);
		card_add(l, company(o, (enum ns_type)t), own ? role : SCENE_DIM, MARK_NONE);
		if (inode)
			card_add(l, scene_format(o->s, "%llu", (unsigned long long)inode),
			        SCENE_DIM, MARK_NONE);
		card_stand(l, fact_of(o, scene_format(o->s, "ns.%s", ns_names[t])));
	}
}

static void add_amount(struct scene *s, struct card *c, const struct model_cgroup *g,
        const char *label, const char *attribute, uint64_t value, bool bytes, double fill)
{
	struct card_line *l;

	if (value == MODEL_UNKNOWN)
		return;
	l = card_line(s, c);
	card_add(l, label, SCENE_DIM, MARK_NONE);
	card_add(l,
	        bytes || value == MODEL_NO_LIMIT
	                ? describe_size(s, value)
	                : scene_format(s, "%llu", (unsigned long long)value),
	        SCENE_CGROUP, MARK_NONE);
	if (fill >= 0)
		card_add_meter(l, fill, SCENE_CGROUP);
	card_stand(l, scene_format(s, "fact:cgroup.%s.%s", scene_clean(s, g->path), attribute));
}

void group_rows(struct scene *s, struct card *c, const struct model_cgroup *g)
{
	add_amount(s, c, g, "memory", "memory.current", g->memory_current, true,
	        describe_fill(g->memory_current, g->memory_max));
	add_amount(s, c, g, "memory limit", "memory.max", g->memory_max, true, -1);
	add_amount(s, c, g, "processes", "pids.current", g->pids_current, false,
	        describe_fill(g->pids_current, g->pids_max));
	add_amount(s, c, g, "process limit", "pids.max", g->pids_max, false, -1);
	if (g->cpu_usage_us != MODEL_UNKNOWN)
		fact_row(s, c, "cpu used", scene_format(s, "%.2f s", (double)g->cpu_usage_us / 1e6),
		        SCENE_CGROUP, MARK_NONE,
		        scene_format(s, "fact:cgroup.%s.cpu.usage", scene_clean(s, g->path)));
	if (g->cpu_quota_us < MODEL_UNKNOWN && g->cpu_period_us && g->cpu_period_us < MODEL_UNKNOWN)
		fact_row(s, c, "cpu limit",
		        scene_format(
		                s, "%.2f cpus", (double)g->cpu_quota_us / (double)g->cpu_period_us),
		        SCENE_CGROUP, MARK_NONE,
		        scene_format(s, "fact:cgroup.%s.cpu.quota", scene_clean(s, g->path)));
	fact_row(s, c, "frozen", g->frozen ? "yes" : "no", g->frozen ? SCENE_SECURITY : SCENE_DIM,
	        MARK_NONE, scene_format(s, "fact:cgroup.%s.frozen", scene_clean(s, g->path)));
}

static void group_card(const struct one *o, struct card *c)
{
	const struct model_cgroup *g = o->p->cgroup >= 0 && (size_t)o->p->cgroup < o->now->n_cgroups
	                                       ? &o->now->cgroups[o->p->cgroup]
	                                       : NULL;
	const char *path;

	*c = (struct card){.id = card_id(o, "cgroup"),
	        .title = "control group",
	        .role = SCENE_CGROUP,
	        .liked = 5,
	        .wish = GROUP_WISH};
	if (!g) {
		card_say(o->s, c, "not readable", SCENE_DIM, MARK_NONE);
		return;
	}
	path = scene_clean(o->s, g->path);
	card_say(o->s, c, path, SCENE_CGROUP, mark_cgroup(o->before, g));
	if (c->n_lines)
		card_stand(&c->lines[0], scene_format(o->s, "cgroup:%s", path));
	group_rows(o->s, c, g);
}

static void add_capabilities(const struct one *o, struct card *c)
{
	const char *line = "";

	for (int n = 0; n < 64; n++) {
		const char *name = describe_capability(n);

		if (!name || !(o->p->cap_effective >> n & 1))
			continue;
		if (*line && text_width(line) + 1 + text_width(name) > RIGHTS_WIDTH) {
			card_say(o->s, c, line, SCENE_SECURITY, MARK_NONE);
			line = "";
		}
		line = scene_format(o->s, "%s%s%s", line, *line ? " " : "", name);
	}
	if (*line)
		card_say(o->s, c, line, SCENE_SECURITY, MARK_NONE);
}

static void rights_card(const struct one *o, struct card *c)
{
	const struct model_process *p = o->p;
	const struct model_process *old = o->before ? model_process(o->before, p->pid) : NULL;
	struct scene *s = o->s;

	if (old && old->start_time != p->start_time)
		old = NULL;
	*c = (struct card){.id = card_id(o, "rights"),
	        .title = "rights",
	        .role = SCENE_SECURITY,
	        .liked = 5,
	        .wish = RIGHTS_WISH};
	fact_row(s, c, "filter",
	        p->seccomp == 2 ? scene_format(s, "seccomp, %d", p->seccomp_filters)
	        : p->seccomp    ? "strict"
	                        : "none",
	        SCENE_SECURITY, old && old->seccomp != p->seccomp ? MARK_CHANGED : MARK_NONE,
	        fact_of(o, "seccomp"));
	fact_row(s, c, "no_new_privs", p->no_new_privs ? "yes" : "no", SCENE_SECURITY,
	        old && old->no_new_privs != p->no_new_privs ? MARK_CHANGED : MARK_NONE,
	        fact_of(o, "no_new_privs"));
	fact_row(s, c, "capabilities",
	        scene_format(s, "%d of 41", describe_count_capabilities(p->cap_effective)),
	        SCENE_SECURITY,
	        old && old->cap_effective != p->cap_effective ? MARK_CHANGED : MARK_NONE,
	        fact_of(o, "caps"));
	fact_row(s, c, "bounding set",
	        scene_format(s, "%d of 41", describe_count_capabilities(p->cap_bounding)),
	        SCENE_SECURITY, MARK_NONE, fact_of(o, "bounding"));
	add_capabilities(o, c);
}

static void add_relative(
        const struct one *o, struct card *c, const struct model_process *p, int depth)
{
	struct card_line *l = card_line(o->s, c);

	card_add(l, scene_format(o->s, "%d", (int)p->pid), SCENE_DIM, mark_process(o->before, p));
	card_add(l,
	        scene_format(o->s, "%*s%s%s", depth ? depth - 1 : 0, "", depth ? "└" : "",
	                describe_process(o->s, p)),
	        p == o->p                ? SCENE_TITLE
	        : p->role == ROLE_LAB    ? SCENE_LAB
	        : p->role == ROLE_DAEMON ? SCENE_DAEMON
	                                 : SCENE_PROCESS,
	        MARK_NONE);
	card_stand(l, process_id(o->s, p));
	if (l && (p == o->p || p->pid == o->p->ppid))
		l->keep = true;
}

static void family_card(const struct one *o, struct card *c)
{
	const struct model_process *up[ANCESTORS], *p = o->p;
	int n = 0;
	size_t children = 0;

	*c = (struct card){.id = card_id(o, "family"),
	        .title = "family",
	        .role = SCENE_PROCESS,
	        .liked = 4,
	        .wish = FAMILY_WISH};
	while (p && n < ANCESTORS) {
		up[n++] = p;
		p = p->ppid ? model_process(o->now, p->ppid) : NULL;
	}
	for (int i = n; i-- > 0;)
		add_relative(o, c, up[i], n - 1 - i);
	for (size_t i = 0; i < o->now->n_processes; i++) {
		if (o->now->processes[i].ppid != o->p->pid)
			continue;
		if (children++ < LIST_MOST)
			add_relative(o, c, &o->now->processes[i], n);
		else
			c->more++;
	}
}

static void mounts_card(const struct one *o, struct card *c)
{
	const struct model *m = o->now;
	uint64_t ns = o->p->ns[NS_MNT];
	bool hosts = ns == m->host.ns[NS_MNT];
	size_t n = 0;

	*c = (struct card){
	        .id = card_id(o, "mounts"), .role = SCENE_MOUNT, .liked = 4, .wish = MOUNTS_WISH};
	for (size_t i = 0; i < m->n_mounts; i++) {
		const struct model_mount *mount = &m->mounts[i];
		struct card_line *l;

		if (mount->mnt_ns != ns)
			continue;
		if (n++ >= MOUNTS_MOST) {
			c->more++;
			continue;
		}
		l = card_line(o->s, c);
		card_add(l, scene_clean(o->s, mount->target), SCENE_MOUNT,
		        hosts ? MARK_NONE : mark_mount(o->before, mount));
		card_add(l, scene_clean(o->s, mount->fstype), SCENE_PLAIN, MARK_NONE);
		card_add(l, scene_clean(o->s, mount->propagation), SCENE_DIM, MARK_NONE);
		card_stand(l, fact_of(o, scene_format(o->s, "mount.%s",
		                                 scene_clean(o->s, mount->target))));
	}
	c->title = scene_format(o->s, hosts ? "mounts: the host's (%zu)" : "mounts (%zu)", n);
	if (!n)
		card_say(o->s, c, "not readable", SCENE_DIM, MARK_NONE);
}

static void links_card(const struct one *o, struct card *c)
{
	const struct model *m = o->now;
	uint64_t ns = o->p->ns[NS_NET];
	size_t n = 0;

	*c = (struct card){
	        .id = card_id(o, "links"), .role = SCENE_LINK, .liked = 3, .wish = LINKS_WISH};
	for (size_t i = 0; ns && i < m->n_links; i++) {
		const struct model_link *link = &m->links[i];
		struct card_line *l;

		if (link->net_ns != ns)
			continue;
		l = card_line(o->s, c);
		card_add(l, scene_clean(o->s, link->name), SCENE_LINK, mark_link(o->before, link));
		card_add(l, link->up ? "up" : "down", SCENE_DIM, MARK_NONE);
		card_add(l, scene_clean(o->s, link->addresses), SCENE_DIM, MARK_NONE);
		card_stand(l, fact_of(o, "links"));
		n++;
	}
	c->title = scene_format(o->s,
	        ns == m->host.ns[NS_NET] ? "network links: the host's (%zu)"
	                                 : "network links (%zu)",
	        n);
	if (!n)
		card_say(o->s, c, "none to be seen", SCENE_DIM, MARK_NONE);
}

void process_cards(const struct view_input *in, struct scene *s, const struct model_process *p,
        struct card ret[PROCESS_CARDS])
{
	const struct one o = {in, in->now, in->before, s, p};

	itself_card(&o, &ret[0]);
	namespaces_card(&o, &ret[1]);
	group_card(&o, &ret[2]);
	rights_card(&o, &ret[3]);
	family_card(&o, &ret[4]);
	mounts_card(&o, &ret[5]);
	links_card(&o, &ret[6]);
}

/* ---- lists ---- */

static bool is_in(const struct model_process *p, const struct process_filter *f)
{
	return (!f->ns || p->ns[f->type] == f->ns) && (f->cgroup < 0 || p->cgroup == f->cgroup);
}

static void add_member(
        const struct view_input *in, struct scene *s, struct card *c, const struct model_process *p)
{
	const struct model_container *of = container_of(in->now, p);
	struct card_line *l = card_line(s, c);

	card_add(l, scene_format(s, "%d", (int)p->pid), SCENE_DIM, mark_process(in->before, p));
	card_add(l,
	        p->ns_pid && p->ns_pid != p->pid ? scene_format(s, "(%d inside)", (int)p->ns_pid)
	                                         : "",
	        SCENE_NAMESPACE_PID, MARK_NONE);
	card_add(l, describe_process(s, p),
	        p->role == ROLE_LAB             ? SCENE_LAB
	        : p->role == ROLE_DAEMON        ? SCENE_DAEMON
	        : p->role == ROLE_KERNEL_THREAD ? SCENE_DIM
	        : of                            ? SCENE_CONTAINER
	                                        : SCENE_PROCESS,
	        MARK_NONE);
	if (of)
		card_add(l, scene_clean(s, of->name), SCENE_CONTAINER, MARK_NONE);
	card_stand(l, process_id(s, p));
}

/* The kernel's own threads are the last: nobody looks for them. */
void process_list(const struct view_input *in, struct scene *s, struct card *c,
        const struct process_filter *filter)
{
	size_t n = 0;

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < in->now->n_processes; i++) {
			const struct model_process *p = &in->now->processes[i];
			if (!is_in(p, filter) || (p->role == ROLE_KERNEL_THREAD) != (pass == 1))
				continue;
			if (n++ < LIST_MOST)
				add_member(in, s, c, p);
			else
				c->more++;
		}
	if (!n)
		card_say(s, c, "no process", SCENE_DIM, MARK_NONE);
}
