/* What one container is, card by card: a process, its namespaces, its limits, its rights, its
 * steps. */
#include "render/detail.h"
#include "render/changes.h"
#include "render/describe.h"
#include "render/glyph.h"
#include "render/sheet.h"
#include "render/wants.h"

#include <string.h>

/* A line "label  value", marked when the value differs from the one before. */
static void add_fact(const struct detail *d, struct card *card, const char *label,
        const char *value, enum scene_role role, enum scene_mark mark)
{
	struct card_line *l = card_line(d->s, card);

	card_add(l, label, mark == MARK_NONE ? SCENE_DIM : role, mark);
	card_add(l, value, role, MARK_NONE);
}

/* The ghost of a fact that is asked for; false when it is not. */
static bool add_want(const struct detail *d, struct card *card, const char *topic,
        const char *label, enum scene_role role)
{
	const struct view_want *want = want_find(d->in, d->name, topic);

	if (!want)
		return false;
	add_fact(d, card, label, scene_clean(d->s, want->wanted ? want->wanted : ""), role,
	        MARK_GHOST);
	return true;
}

static const char *id_of(const struct detail *d, const char *what)
{
	return scene_format(d->s, "container:%s:%s", scene_clean(d->s, d->name), what);
}

static void process_card(const struct detail *d, struct card *card)
{
	const struct model_container *c = d->c;
	const struct model_process *p = d->p, *parent = NULL;
	struct scene *s = d->s;

	*card = (struct card){.id = id_of(d, "process"),
	        .title = "first process",
	        .role = SCENE_CONTAINER,
	        .needs = 24};
	if (c) {
		add_fact(d, card, "command", scene_clean(s, c->command), SCENE_PLAIN, MARK_NONE);
		add_fact(d, card, "image", scene_clean(s, c->image), SCENE_PLAIN, MARK_NONE);
	}
	if (!p) {
		if (!add_want(d, card, "pid", "pid", SCENE_NAMESPACE_PID))
			card_say(s, card, "none now", SCENE_DIM, MARK_NONE);
		add_want(d, card, "root", "root outside", SCENE_NAMESPACE_USER);
		add_want(d, card, "hostname", "host name", SCENE_NAMESPACE_UTS);
		return;
	}
	parent = model_process(d->now, p->ppid);
	add_fact(d, card, "pid outside", scene_format(s, "%d", (int)p->pid), SCENE_NAMESPACE_PID,
	        mark_process(d->before, p));
	add_fact(d, card, "pid inside", scene_format(s, "%d", (int)p->ns_pid), SCENE_NAMESPACE_PID,
	        mark_process(d->before, p));
	add_fact(d, card, "user outside", describe_user(s, (long)p->uid), SCENE_NAMESPACE_USER,
	        d->p_before && d->p_before->uid != p->uid ? MARK_CHANGED : MARK_NONE);
	add_fact(d, card, "user inside",
	        describe_user(s, describe_map_inside(c->uid_map, (long)p->uid)),
	        SCENE_NAMESPACE_USER, MARK_NONE);
	if (!add_want(d, card, "root", "root outside", SCENE_NAMESPACE_USER))
		add_fact(d, card, "root outside",
		        describe_user(s, describe_map_outside(c->uid_map, 0)), SCENE_NAMESPACE_USER,
		        mark_text(d->c_before ? d->c_before->uid_map : NULL, c->uid_map));
	if (!add_want(d, card, "hostname", "host name", SCENE_NAMESPACE_UTS) && *c->hostname)
		add_fact(d, card, "host name", scene_clean(s, c->hostname), SCENE_NAMESPACE_UTS,
		        mark_text(d->c_before ? d->c_before->hostname : NULL, c->hostname));
	add_fact(
	        d, card, "processes", scene_format(s, "%zu", c->processes), SCENE_PLAIN, MARK_NONE);
	if (parent)
		add_fact(d, card, "started by",
		        scene_format(s, "%s %d", describe_process(s, parent), (int)parent->pid),
		        SCENE_LAB, MARK_NONE);
}

static void namespaces_card(const struct detail *d, struct card *card)
{
	*card = (struct card){.id = id_of(d, "namespaces"),
	        .title = "namespaces",
	        .role = SCENE_NAMESPACE_NET,
	        .firm = true,
	        .needs = 18};
	if (!d->p && !want_find(d->in, d->name, "ns")) {
		card_say(d->s, card, "none: no process", SCENE_DIM, MARK_NONE);
		return;
	}
	for (int t = 0; t < NS_COUNT; t++) {
		enum scene_role role = describe_namespace_role((enum ns_type)t);
		uint64_t inode = d->c && d->c->ns[t] ? d->c->ns[t] : d->p ? d->p->ns[t] : 0;
		bool own = inode && inode != d->now->host.ns[t];
		enum scene_mark mark = MARK_NONE;
		const char *text = d->p ? "unreadable" : "none";
		struct card_line *l = card_line(d->s, card);

		if (own) {
			mark = mark_namespace(d->before, (enum ns_type)t, inode);
			text = "own";
		} else if (want_find(d->in, d->name, scene_format(d->s, "ns.%s", ns_names[t]))) {
			mark = MARK_GHOST;
			text = "to come";
		} else if (inode) {
			text = "the host's";
		}
		card_add(l, ns_names[t], role, mark);
		card_add(l, text, own ? role : SCENE_DIM, MARK_NONE);
		if (inode)
			card_add(l, scene_format(d->s, "%llu", (unsigned long long)inode),
			        SCENE_DIM, MARK_NONE);
	}
}

static void add_use(const struct detail *d, struct card *card, const char *label, uint64_t current,
        uint64_t max, bool bytes, enum scene_mark mark)
{
	struct card_line *l = card_line(d->s, card);
	double fill = describe_fill(current, max);
	const char *text = describe_use(d->s, current, max, bytes);

	card_add(l, label, mark == MARK_NONE ? SCENE_DIM : SCENE_CGROUP, mark);
	card_add(l, *text ? text : "not known", SCENE_CGROUP, MARK_NONE);
	if (fill >= 0)
		card_add_meter(l, fill, SCENE_CGROUP);
	else if (max == MODEL_NO_LIMIT)
		card_add(l, "no limit", SCENE_DIM, MARK_NONE);
}

static const struct model_cgroup *group_of(const struct model *m, const struct model_container *c)
{
	if (!m || !c || c->cgroup < 0 || (size_t)c->cgroup >= m->n_cgroups)
		return NULL;
	return &m->cgroups[c->cgroup];
}

static void cgroup_card(const struct detail *d, struct card *card)
{
	const struct model_cgroup *g = group_of(d->now, d->c);
	const struct model_cgroup *old = g && d->before ? model_cgroup(d->before, g->path) : NULL;
	struct scene *s = d->s;

	*card = (struct card){.id = id_of(d, "cgroup"),
	        .title = "control group",
	        .role = SCENE_CGROUP,
	        .needs = 18};
	if (g) {
		card_say(s, card, scene_clean(s, g->path), SCENE_CGROUP,
		        d->before && !old ? MARK_CHANGED : MARK_NONE);
		add_use(d, card, "memory", g->memory_current, g->memory_max, true,
		        d->before && (!old || old->memory_max != g->memory_max) ? MARK_CHANGED
		                                                                : MARK_NONE);
		add_use(d, card, "processes", g->pids_current, g->pids_max, false,
		        d->before && (!old || old->pids_max != g->pids_max) ? MARK_CHANGED
		                                                            : MARK_NONE);
		if (g->cpu_usage_us != MODEL_UNKNOWN)
			add_fact(d, card, "cpu used",
			        scene_format(s, "%.2f s", (double)g->cpu_usage_us / 1e6),
			        SCENE_CGROUP, MARK_NONE);
		if (g->cpu_quota_us != MODEL_UNKNOWN && g->cpu_quota_us != MODEL_NO_LIMIT &&
		        g->cpu_period_us && g->cpu_period_us != MODEL_UNKNOWN)
			add_fact(d, card, "cpu limit",
			        scene_format(s, "%.2f cpus",
			                (double)g->cpu_quota_us / (double)g->cpu_period_us),
			        SCENE_CGROUP, MARK_NONE);
		if (g->frozen)
			add_fact(d, card, "state", "frozen", SCENE_CGROUP, MARK_NONE);
	} else if (!want_find(d->in, d->name, "cgroup")) {
		card_say(s, card, "none", SCENE_DIM, MARK_NONE);
	}
	add_want(d, card, "cgroup.memory.max", "memory limit", SCENE_CGROUP);
	add_want(d, card, "cgroup.pids.max", "pids limit", SCENE_CGROUP);
	if (!g)
		add_want(d, card, "cgroup", "group", SCENE_CGROUP);
}

/* As many names in a line as a narrow card holds; what changed gets a line of its own. */
static void add_capabilities(const struct detail *d, struct card *card)
{
	enum { LINE_WIDTH = 21 };
	uint64_t set = d->p->cap_effective;
	uint64_t old = d->p_before ? d->p_before->cap_effective : set;
	const char *line = "";

	for (int n = 0; n < 64; n++) {
		uint64_t bit = UINT64_C(1) << n;
		const char *name = describe_capability(n);

		if (!name || !(set & bit))
			continue;
		if (!(old & bit)) {
			card_say(d->s, card, name, SCENE_SECURITY, MARK_CHANGED);
			continue;
		}
		if (*line && text_width(line) + 1 + text_width(name) > LINE_WIDTH) {
			card_say(d->s, card, line, SCENE_SECURITY, MARK_NONE);
			line = "";
		}
		line = scene_format(d->s, "%s%s%s", line, *line ? " " : "", name);
	}
	if (*line)
		card_say(d->s, card, line, SCENE_SECURITY, MARK_NONE);
	if (old & ~set)
		card_say(d->s, card,
		        scene_format(
		                d->s, "%d dropped since", describe_count_capabilities(old & ~set)),
		        SCENE_SECURITY, MARK_GONE);
}

static void security_card(const struct detail *d, struct card *card)
{
	const struct model_process *p = d->p, *old = d->p_before;
	struct scene *s = d->s;

	*card = (struct card){.id = id_of(d, "rights"),
	        .title = "rights",
	        .role = SCENE_SECURITY,
	        .liked = 7,
	        .needs = 25};
	if (p) {
		int count = describe_count_capabilities(p->cap_effective);
		add_fact(d, card, "filter",
		        p->seccomp == 2 ? scene_format(s, "seccomp, %d", p->seccomp_filters)
		        : p->seccomp    ? "strict"
		                        : "none",
		        SCENE_SECURITY,
		        old && old->seccomp != p->seccomp ? MARK_CHANGED : MARK_NONE);
		add_fact(d, card, "no_new_privs", p->no_new_privs ? "yes" : "no", SCENE_SECURITY,
		        old && old->no_new_privs != p->no_new_privs ? MARK_CHANGED : MARK_NONE);
		add_fact(d, card, "capabilities", scene_format(s, "%d of 41", count),
		        SCENE_SECURITY,
		        old && old->cap_effective != p->cap_effective ? MARK_CHANGED : MARK_NONE);
		for (size_t i = 0; i < card->n_lines; i++)
			card->lines[i].keep = true;
	}
	if (!p || !p->seccomp)
		add_want(d, card, "seccomp", "filter", SCENE_SECURITY);
	if (!p || !p->no_new_privs)
		add_want(d, card, "no_new_privs", "no_new_privs", SCENE_SECURITY);
	add_want(d, card, "caps", "capabilities", SCENE_SECURITY);
	for (size_t i = 0; i < d->in->n_wants; i++) {
		const char *rest, *wanted = d->in->wants[i].wanted;
		if (want_about(&d->in->wants[i], d->name, "cap", &rest))
			add_fact(d, card, scene_clean(s, rest),
			        wanted && !strcmp(wanted, "no") ? "to be dropped" : "to be held",
			        SCENE_SECURITY, MARK_GHOST);
	}
	if (p)
		add_capabilities(d, card);
	else if (!card->n_lines)
		card_say(s, card, "none: no process", SCENE_DIM, MARK_NONE);
}

static void mounts_card(const struct detail *d, struct card *card)
{
	uint64_t ns = d->c ? d->c->ns[NS_MNT] : 0;
	bool own = ns && ns != d->now->host.ns[NS_MNT];

	*card = (struct card){.id = id_of(d, "mounts"),
	        .title = "mounts",
	        .role = SCENE_MOUNT,
	        .liked = 6,
	        .needs = 16};
	for (size_t i = 0; i < d->in->n_wants; i++) {
		const char *rest, *wanted = d->in->wants[i].wanted;
		if (want_about(&d->in->wants[i], d->name, "mount", &rest))
			add_fact(d, card, scene_clean(d->s, rest),
			        scene_clean(d->s, wanted ? wanted : ""), SCENE_MOUNT, MARK_GHOST);
	}
	if (!own) {
		if (!card->n_lines)
			card_say(d->s, card, ns ? "those of the host" : "none", SCENE_DIM,
			        MARK_NONE);
		return;
	}
	for (size_t i = 0; i < d->now->n_mounts; i++) {
		const struct model_mount *m = &d->now->mounts[i];
		struct card_line *l;

		if (m->mnt_ns != ns)
			continue;
		l = card_line(d->s, card);
		card_add(l, scene_clean(d->s, m->target), SCENE_MOUNT, mark_mount(d->before, m));
		card_add(l, scene_clean(d->s, m->fstype), SCENE_PLAIN, MARK_NONE);
		card_add(l, scene_clean(d->s, m->propagation), SCENE_DIM, MARK_NONE);
	}
	card->title = scene_format(d->s, "mounts (%zu)", card->n_lines);
}

/* The end of a path is what tells layers apart, and of a digest its beginning. */
static const char *last_parts(struct scene *s, const char *path)
{
	enum { DIGEST = 64, SHORT = 12 }; /* hexadecimal digits of SHA-256 */
	const char *slash = strrchr(path, '/'), *before = slash;

	while (before && before > path && before[-1] != '/')
		before--;
	if (slash && strspn(slash + 1, "0123456789abcdef") == DIGEST)
		return scene_format(s, "%.*s…", SHORT, slash + 1);
	return scene_clean(s, before ? before : path);
}

static void add_layer(
        const struct detail *d, struct card *card, const char *text, enum scene_mark mark)
{
	struct card_line *l = card_line(d->s, card);

	card_add(l, text, SCENE_LAYER, mark);
	if (l)
		l->box = true;
}

/* Named in the state of the container they may be before the kernel knows of them. */
static bool is_mounted(const struct detail *d)
{
	for (size_t i = 0; d->c && i < d->now->n_mounts; i++) {
		const struct model_mount *m = &d->now->mounts[i];
		if (d->c->ns[NS_MNT] && m->mnt_ns == d->c->ns[NS_MNT] &&
		        !strcmp(m->fstype, "overlay"))
			return true;
	}
	return false;
}

static enum scene_mark layers_mark(const struct detail *d)
{
	if (!is_mounted(d))
		return d->c->status == CONTAINER_EXITED ? MARK_NONE : MARK_GHOST;
	for (size_t i = 0; i < d->now->n_mounts; i++) {
		const struct model_mount *m = &d->now->mounts[i];
		if (m->mnt_ns == d->c->ns[NS_MNT] && !strcmp(m->fstype, "overlay"))
			return mark_mount(d->before, m);
	}
	return MARK_NONE;
}

static void layers_card(const struct detail *d, struct card *card)
{
	const struct model_container *c = d->c;
	enum scene_mark mark;

	*card = (struct card){.id = id_of(d, "layers"), .title = "layers", .role = SCENE_LAYER};
	if (!c || !c->n_layers) {
		if (want_find(d->in, d->name, "layers"))
			add_layer(d, card, "overlay", MARK_GHOST);
		else
			card_say(d->s, card, "none", SCENE_DIM, MARK_NONE);
		return;
	}
	mark = layers_mark(d);
	card->title = scene_format(d->s, "layers: upper over %zu lower%s", c->n_layers,
	        is_mounted(d) ? "" : ", not mounted");
	if (*c->upper)
		add_layer(d, card,
		        scene_format(d->s, "upper, written to · %s", last_parts(d->s, c->upper)),
		        mark);
	for (size_t i = 0; i < c->n_layers && i < 130; i++)
		add_layer(d, card,
		        scene_format(d->s, "lower, read only · %s", last_parts(d->s, c->layers[i])),
		        mark);
}

static void steps_card(const struct detail *d, struct card *card)
{
	const struct model_container *c = d->c;
	size_t next = c ? describe_next_step(c) : 0;

	*card = (struct card){
	        .id = id_of(d, "steps"), .role = SCENE_TITLE, .liked = 8, .needs = 23};
	card->title = "steps";
	if (c && c->n_steps)
		card->title = scene_format(d->s, "steps (%zu of %zu done)", next, c->n_steps);
	for (size_t i = 0; c && i < c->n_steps; i++) {
		const struct model_step *step = &c->steps[i];
		const struct model_step *old =
		        d->c_before && i < d->c_before->n_steps ? &d->c_before->steps[i] : NULL;
		bool fresh = old && old->status != STEP_DONE && step->status == STEP_DONE;
		struct card_line *l = card_line(d->s, card);
		enum scene_mark mark = step->status == STEP_FAILED ? MARK_FAILED
		                       : fresh                     ? MARK_CHANGED
		                                                   : MARK_NONE;

		card_add(l,
		        step->status == STEP_DONE ? "✓"
		        : i == next               ? "→"
		                                  : "○",
		        step->status == STEP_DONE ? SCENE_NAMESPACE_UTS
		        : i == next               ? SCENE_TITLE
		                                  : SCENE_DIM,
		        mark);
		card_add(l, scene_clean(d->s, step->id), i == next ? SCENE_TITLE : SCENE_PLAIN,
		        MARK_NONE);
		card_add(l, scene_clean(d->s, *step->error ? step->error : step->title), SCENE_DIM,
		        MARK_NONE);
		/* Around the next one is where the learner looks. */
		if (l)
			l->keep = mark != MARK_NONE || (i + 2 >= next && i <= next + 2);
	}
	if (!card->n_lines)
		card_say(d->s, card, c ? "not known" : "none planned", SCENE_DIM, MARK_NONE);
}

void detail_cards(const struct detail *d, struct card ret[DETAIL_CARDS])
{
	process_card(d, &ret[0]);
	namespaces_card(d, &ret[1]);
	cgroup_card(d, &ret[2]);
	steps_card(d, &ret[3]);
	security_card(d, &ret[4]);
	mounts_card(d, &ret[5]);
	layers_card(d, &ret[6]);
	cards_fold(d->s, d->in, ret, DETAIL_CARDS);
}
