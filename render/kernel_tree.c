/* The tree of control groups: what is in each, and what it uses of what it may. */
#include "render/changes.h"
#include "render/describe.h"
#include "render/glyph.h"
#include "render/kernel.h"
#include "render/sheet.h"
#include "render/step_object.h"
#include "render/wants.h"

#include <stdlib.h>
#include <string.h>

enum { GROUPS_MOST = 300, INDENT_MOST = 8, LABEL_MOST = 32, WISH = 96 };

/* One group in the tree of those that are listed. */
struct branch {
	const struct model_cgroup *group;
	int parent; /* index, -1 = none is listed */
	int depth;
};

/* A group stands before what is below it, and that before its neighbours: '/' sorts lowest. */
static int by_tree(const void *a, const void *b)
{
	const char *x = ((const struct branch *)a)->group->path;
	const char *y = ((const struct branch *)b)->group->path;

	while (*x && *x == *y) {
		x++;
		y++;
	}
	return (*x == '/' ? 1 : (unsigned char)*x) - (*y == '/' ? 1 : (unsigned char)*y);
}

static bool is_below(const char *path, const char *above)
{
	size_t n = strlen(above);

	n -= n == 1; /* "/" */
	return !strncmp(path, above, n) && path[n] == '/';
}

/* The groups between a branch and its parent are not listed: they hold nothing. Of a long path the
 * last name tells the most. */
static const char *label_of(struct scene *s, const struct branch *all, size_t i)
{
	const struct branch *b = &all[i];
	size_t skip = b->parent < 0 ? 0 : strlen(all[b->parent].group->path), fit;
	const char *clean, *slash, *before = "";

	skip += b->parent >= 0 && b->group->path[skip] == '/';
	clean = scene_clean(s, b->group->path + skip);
	slash = strrchr(clean, '/');
	if (text_width(clean) > LABEL_MOST && slash && slash > clean) {
		clean = slash;
		before = "…";
	}
	fit = text_fit(clean, LABEL_MOST);
	return scene_format(s, "%*s%s%.*s%s", 2 * (b->depth < INDENT_MOST ? b->depth : INDENT_MOST),
	        "", before, (int)fit, clean, clean[fit] ? "…" : "");
}

static void find_parents(struct branch *all, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int p = (int)i - 1;
		while (p >= 0 && !is_below(all[i].group->path, all[p].group->path))
			p = all[p].parent;
		all[i].parent = p;
		all[i].depth = p < 0 ? 0 : all[p].depth + 1;
	}
}

static bool is_group_folded(const struct view_input *in, const struct model_cgroup *g)
{
	static const char prefix[] = "cgroup:";

	for (size_t i = 0; i < in->n_folded; i++)
		if (!strncmp(in->folded[i], prefix, sizeof prefix - 1) &&
		        !strcmp(in->folded[i] + sizeof prefix - 1, g->path))
			return true;
	return false;
}

/* Below one that the person has folded. */
static bool is_hidden(const struct view_input *in, const struct branch *all, size_t i)
{
	for (int p = all[i].parent; p >= 0; p = all[p].parent)
		if (is_group_folded(in, all[p].group))
			return true;
	return false;
}

static size_t count_below(const struct branch *all, size_t n, size_t i)
{
	size_t count = 0;

	while (i + count + 1 < n && all[i + count + 1].depth > all[i].depth)
		count++;
	return count;
}

static void add_group(const struct view_input *in, struct scene *s, struct card *c,
        const struct branch *all, size_t i)
{
	const struct model_cgroup *g = all[i].group;
	struct card_line *l = card_line(s, c);

	card_add(l, label_of(s, all, i), SCENE_CGROUP, mark_cgroup(in->before, g));
	kernel_use_add(in, s, l, g);
	card_stand(l, scene_format(s, "cgroup:%s", scene_clean(s, g->path)));
	if (l && g->ours)
		l->keep = true;
}

/* Groups and limits that the step asks for; and those of ours that are no more. */
static void add_wanted(const struct view_input *in, struct scene *s, struct card *c)
{
	static const struct {
		const char *topic, *unit;
		size_t span; /* column of the table */
	} limits[] = {{"cgroup.memory", "", 2}, {"cgroup.pids", " pids", 4}, {"cgroup.cpu", "", 5}};

	for (size_t i = 0; i < in->n_wants; i++) {
		const struct view_want *want = &in->wants[i];
		const char *fact = want->fact ? want->fact : "", *rest;
		const char *name = want_container(s, want);
		const char *wanted = want->wanted && *want->wanted ? want->wanted : "limit";
		struct card_line *l;
		size_t k = 0;

		if (!strncmp(fact, "cgroup.", 7) && fact[7]) {
			card_add(card_line(s, c), scene_clean(s, fact + 7), SCENE_CGROUP,
			        MARK_GHOST);
			continue;
		}
		if (!name || !want_about(want, name, "cgroup", &rest))
			continue;
		while (k < 3 && !want_about(want, name, limits[k].topic, NULL))
			k++;
		l = card_line(s, c);
		card_add(l, scene_clean(s, scene_format(s, "/…/%s", name)), SCENE_CGROUP,
		        MARK_GHOST);
		for (size_t column = 1; k < 3 && column <= limits[k].span; column++)
			card_add(l,
			        column < limits[k].span
			                ? ""
			                : scene_clean(s,
			                          scene_format(s, "%s%s", wanted, limits[k].unit)),
			        SCENE_CGROUP, MARK_NONE);
	}
}

static void add_gone(const struct view_input *in, struct scene *s, struct card *c)
{
	enum { MOST = 8 };

	for (size_t i = 0, gone = 0; in->before && i < in->before->n_cgroups && gone < MOST; i++) {
		const struct model_cgroup *old = &in->before->cgroups[i];
		if (!old->ours || model_cgroup(in->now, old->path))
			continue;
		card_add(card_line(s, c), scene_clean(s, old->path), SCENE_CGROUP, MARK_GONE);
		gone++;
	}
}

void kernel_tree_card(const struct view_input *in, struct scene *s, struct card *c)
{
	const struct model *m = in->now;
	struct branch *all = arena_alloc(&s->arena, (m->n_cgroups + 1) * sizeof *all);
	size_t shown = m->n_cgroups < GROUPS_MOST ? m->n_cgroups : GROUPS_MOST;

	*c = (struct card){.id = "cgroup-tree", .role = SCENE_CGROUP, .wish = WISH};
	c->title = scene_format(s, "control groups (%zu, %s): what they use of what they may",
	        m->n_cgroups, scene_clean(s, m->host.cgroup_mode));
	if (!all) {
		s->failed = true;
		return;
	}
	for (size_t i = 0; i < m->n_cgroups; i++)
		all[i].group = &m->cgroups[i];
	qsort(all, m->n_cgroups, sizeof *all, by_tree);
	find_parents(all, m->n_cgroups);
	if (shown)
		kernel_use_head(in, card_line(s, c));
	for (size_t i = 0; i < shown; i++) {
		if (is_hidden(in, all, i))
			continue;
		add_group(in, s, c, all, i);
		if (is_group_folded(in, all[i].group) && count_below(all, m->n_cgroups, i))
			card_say(s, c,
			        scene_format(s, "%*s+%zu folded", 2 * all[i].depth + 2, "",
			                count_below(all, m->n_cgroups, i)),
			        SCENE_DIM, MARK_NONE);
	}
	add_wanted(in, s, c);
	add_gone(in, s, c);
	step_say_failures(in->now, s, c, PLACE_CGROUPS);
	if (!c->n_lines)
		card_say(s, c, "none to be seen", SCENE_DIM, MARK_NONE);
	else if (!kernel_tells_pressure(m))
		card_say(s, c, "what they wait for (pressure): not told by this kernel", SCENE_DIM,
		        MARK_NONE);
	c->more = m->n_cgroups - shown;
}
