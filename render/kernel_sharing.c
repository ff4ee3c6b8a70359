/* Processes × namespaces: who shares what. Processes that are in the same eight namespaces are one
 * row, so that a machine of ten thousand processes is as many rows as it has kinds of them. */
#include "render/changes.h"
#include "render/describe.h"
#include "render/glyph.h"
#include "render/kernel.h"
#include "render/step_object.h"
#include "render/wants.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS_MOST = 200, CELL = 9, STEP = 4 };

struct row {
	const struct model_process *first; /* the one with the lowest pid */
	size_t processes;
	const char *label;
};

struct sharing {
	const struct view_input *in;
	const struct model *m;
	struct scene *s;
	struct row *rows;
	size_t n;
};

static int by_namespaces(const void *a, const void *b)
{
	const struct model_process *x = *(const struct model_process *const *)a;
	const struct model_process *y = *(const struct model_process *const *)b;
	int order = memcmp(x->ns, y->ns, sizeof x->ns);

	return order ? order : (x->pid > y->pid) - (x->pid < y->pid);
}

static bool is_host(const struct model *m, const struct model_process *p)
{
	return !memcmp(p->ns, m->host.ns, sizeof p->ns);
}

/* The host's row is the first, then containers in the order of the model, then the others; and the
 * containers that are new. */
static long rank(const struct view_input *in, const struct row *r)
{
	long n = (long)in->now->n_containers, at = r->first->container;

	if (is_host(in->now, r->first))
		return -1;
	if (at < 0)
		return n;
	return container_is_fresh(in->before, &in->now->containers[at]) ? n + 1 + at : at;
}

static int by_rank(const void *a, const void *b, void *input)
{
	const struct row *x = a, *y = b;
	long left = rank(input, x), right = rank(input, y);

	if (left != right)
		return left < right ? -1 : 1;
	return (x->first->pid > y->first->pid) - (x->first->pid < y->first->pid);
}

static void find_rows(struct sharing *t)
{
	const struct model *m = t->m;
	size_t n = m->n_processes;
	const struct model_process **all = arena_alloc(&t->s->arena, (n + 1) * sizeof(*all));

	t->rows = arena_alloc(&t->s->arena, (n + 1) * sizeof *t->rows);
	if (!all || !t->rows) {
		t->s->failed = true;
		return;
	}
	for (size_t i = 0; i < n; i++)
		all[i] = &m->processes[i];
	qsort(all, n, sizeof(*all), by_namespaces);
	for (size_t i = 0; i < n; i++) {
		if (!i || memcmp(all[i]->ns, all[i - 1]->ns, sizeof all[i]->ns) != 0)
			t->rows[t->n++] = (struct row){.first = all[i]};
		t->rows[t->n - 1].processes++;
	}
	qsort_r(t->rows, t->n, sizeof *t->rows, by_rank, (void *)t->in);
}

static const char *label_of(const struct sharing *t, size_t i)
{
	const struct model_process *p = t->rows[i].first;
	bool same = i && p->container >= 0 && t->rows[i - 1].first->container == p->container;

	if (is_host(t->m, p))
		return "host";
	if (!describe_can_read(p))
		return "not readable";
	if (p->container < 0)
		return describe_process(t->s, p);
	if (same) /* a process of it that is apart once more */
		return scene_format(t->s, "%s/%s",
		        scene_clean(t->s, t->m->containers[p->container].name),
		        describe_process(t->s, p));
	return scene_clean(t->s, t->m->containers[p->container].name);
}

/* "=red": that of the first row above which has it. */
static const char *shared_with(const struct sharing *t, size_t i, enum ns_type type)
{
	for (size_t k = 0; k < i; k++)
		if (t->rows[k].first->ns[type] == t->rows[i].first->ns[type])
			return scene_format(t->s, "=%.*s",
			        (int)text_fit(t->rows[k].label, CELL - 1), t->rows[k].label);
	return NULL;
}

static bool is_wanted(const struct sharing *t, const char *container, enum ns_type type)
{
	char topic[16] = "ns.";

	strcat(topic, ns_names[type]);
	return want_find(t->in, container, topic) != NULL;
}

static void add_cell(const struct sharing *t, struct card_line *l, size_t i, enum ns_type type)
{
	const struct model_process *p = t->rows[i].first;
	uint64_t inode = p->ns[type];
	const char *with;

	if (p->container >= 0 && inode == t->m->host.ns[type] &&
	        is_wanted(t, t->m->containers[p->container].name, type)) {
		card_add(l, "own", describe_namespace_role(type), MARK_GHOST);
	} else if (!inode) {
		card_add(l, "?", SCENE_DIM, MARK_NONE);
	} else if (inode == t->m->host.ns[type]) {
		card_add(l, "·", SCENE_DIM, MARK_NONE);
	} else {
		with = shared_with(t, i, type);
		card_add(l, with ? with : "own", describe_namespace_role(type),
		        mark_namespace(t->in->before, type, inode));
	}
}

static void add_header(const struct sharing *t, struct card *c)
{
	struct card_line *l = card_line(t->s, c);

	card_add(l, "processes", SCENE_DIM, MARK_NONE);
	card_add(l, "", SCENE_DIM, MARK_NONE);
	for (int type = 0; type < NS_COUNT; type++)
		card_add(l, ns_names[type], describe_namespace_role((enum ns_type)type), MARK_NONE);
	if (l)
		l->keep = true;
}

static void add_row(const struct sharing *t, struct card *c, size_t i)
{
	const struct row *r = &t->rows[i];
	struct card_line *l = card_line(t->s, c);

	card_add(l, r->label,
	        r->first->container >= 0     ? SCENE_CONTAINER
	        : r->first->role == ROLE_LAB ? SCENE_LAB
	                                     : SCENE_PROCESS,
	        mark_process(t->in->before, r->first));
	card_add(l, scene_format(t->s, "%zu", r->processes), SCENE_DIM, MARK_NONE);
	for (int type = 0; type < NS_COUNT; type++)
		add_cell(t, l, i, (enum ns_type)type);
	card_stand(l, scene_format(t->s, "process:%d", (int)r->first->pid));
	if (l && is_host(t->m, r->first)) {
		l->spans[0].mark = MARK_NONE;
		l->keep = true;
	}
}

/* A container that is asked for and has no process yet: the namespaces that it is to have. */
static void add_ghost(const struct sharing *t, struct card *c, const char *name)
{
	struct card_line *l;
	bool any = false;

	for (int type = 0; type < NS_COUNT; type++)
		any = any || is_wanted(t, name, (enum ns_type)type);
	if (!any)
		return;
	l = card_line(t->s, c);
	card_add(l, scene_clean(t->s, name), SCENE_CONTAINER, MARK_GHOST);
	card_add(l, "", SCENE_DIM, MARK_NONE);
	for (int type = 0; type < NS_COUNT; type++) {
		bool wanted = is_wanted(t, name, (enum ns_type)type);
		card_add(l, wanted ? "own" : "", describe_namespace_role((enum ns_type)type),
		        wanted ? MARK_GHOST : MARK_NONE);
	}
}

static void add_ghosts_and_gone(const struct sharing *t, struct card *c)
{
	enum { MOST = 8 };
	const struct model *before = t->in->before;
	const char *absent[MOST];
	size_t n = want_absent(t->in, t->s, absent, MOST);

	for (size_t i = 0; i < n; i++)
		add_ghost(t, c, absent[i]);
	for (size_t i = 0; i < t->m->n_containers; i++)
		if (!t->m->containers[i].pid)
			add_ghost(t, c, t->m->containers[i].name);
	for (size_t i = 0, gone = 0; before && i < before->n_containers && gone < MOST; i++) {
		const struct model_container *old = &before->containers[i];
		const struct model_container *now = model_container(t->m, old->name);
		if (!old->pid || (now && now->pid))
			continue;
		card_add(card_line(t->s, c), scene_clean(t->s, old->name), SCENE_CONTAINER,
		        MARK_GONE);
		gone++;
	}
}

void kernel_sharing_card(const struct view_input *in, struct scene *s, struct card *c)
{
	struct sharing t = {.in = in, .m = in->now, .s = s};
	size_t shown;

	*c = (struct card){.id = "sharing", .role = SCENE_NAMESPACE_NET, .firm = true};
	find_rows(&t);
	shown = t.n < ROWS_MOST ? t.n : ROWS_MOST;
	c->title = scene_format(s, "who shares which namespaces (· the host's, = the one of)");
	add_header(&t, c);
	for (size_t i = 0; i < shown; i++) {
		t.rows[i].label = label_of(&t, i);
		add_row(&t, c, i);
	}
	add_ghosts_and_gone(&t, c);
	step_say_failures(in->now, s, c, PLACE_NAMESPACES);
	c->more = t.n - shown;
	/* In steps, so that a longer name seldom moves what is beside it. */
	c->wish = (card_natural_width(c) + STEP - 1) / STEP * STEP;
}
