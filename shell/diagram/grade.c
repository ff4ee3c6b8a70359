#include "shell/diagram/grade.h"

#include "kernel/base/cleanup.h"
#include "shell/diagram/grade_arrow.h"

#include <errno.h>
#include <string.h>

struct grading {
	const struct diagram_rules *rules;
	const struct diagram_task *task;
	const struct sketch *sketch;
	const struct model *now;
	struct grade *grade;
	const char *hints[GRADE_HINTS];
	bool failed;
};

static const char *keep(struct grading *x, const struct buf *text)
{
	const char *kept = buf_failed(text) ? NULL : arena_strdup(&x->grade->arena, buf_text(text));

	x->failed |= !kept;
	return kept ? kept : "";
}

static struct graded grade_part(struct grading *x, const struct sketch_part *p)
{
	ssize_t at = diagram_part_named(x->rules, p->name);
	const struct diagram_part_rule *rule = at < 0 ? NULL : &x->rules->parts[at];
	auto_buf said = BUF_INIT;

	if (!rule)
		buf_addf(&said, "no part is called '%s'", p->name);
	else if (!(rule->bands >> p->band & 1))
		buf_addf(&said, "does not belong here (%s): %s", diagram_band_titles[p->band],
		        rule->why);
	return (struct graded){said.len ? VERDICT_WRONG : VERDICT_RIGHT, keep(x, &said)};
}

static struct graded grade_one_arrow(struct grading *x, const struct sketch_arrow *a)
{
	ssize_t from = diagram_part_named(x->rules, a->from),
	        to = diagram_part_named(x->rules, a->to);
	enum diagram_verdict verdict = VERDICT_WRONG;
	auto_buf said = BUF_INIT;

	if (from < 0 || to < 0)
		buf_addf(&said, "no part is called '%s'", from < 0 ? a->from : a->to);
	else
		verdict = grade_arrow(x->rules, x->now, (size_t)from, (size_t)to, a->label, &said);
	return (struct graded){verdict, keep(x, &said)};
}

/* Each question once: a hint may stand for several arrows. */
static void add_hint(struct grading *x, const char *hint)
{
	struct grade *g = x->grade;

	g->n_missing++;
	if (!*hint || g->n_hints == GRADE_HINTS)
		return;
	for (size_t i = 0; i < g->n_hints; i++)
		if (!strcmp(x->hints[i], hint))
			return;
	x->hints[g->n_hints++] = hint;
}

static void count_parts(struct grading *x)
{
	struct grade *g = x->grade;

	g->parts_asked = x->task->n_parts;
	for (size_t i = 0; i < x->task->n_parts; i++) {
		const struct diagram_part_rule *rule = &x->rules->parts[x->task->parts[i]];
		ssize_t at = sketch_find_part(x->sketch, rule->name);

		if (at < 0)
			add_hint(x, rule->hint);
		else
			g->parts_right += g->parts[at].verdict == VERDICT_RIGHT;
	}
}

/* What is asked of arrows is only asked where both ends are there: first things first. */
static void count_arrows(struct grading *x)
{
	struct grade *g = x->grade;

	g->arrows_asked = x->task->n_arrows;
	for (size_t i = 0; i < x->task->n_arrows; i++) {
		const struct diagram_arrow_rule *rule = &x->rules->arrows[x->task->arrows[i]];
		const char *from = x->rules->parts[rule->from].name,
		           *to = x->rules->parts[rule->to].name;
		ssize_t at = sketch_find_arrow(x->sketch, from, to);

		if (at >= 0)
			g->arrows_right += g->arrows[at].verdict == VERDICT_RIGHT;
		else if (sketch_find_arrow(x->sketch, to, from) >= 0)
			g->n_missing++; /* drawn the wrong way: told there */
		else if (sketch_find_part(x->sketch, from) >= 0 &&
		         sketch_find_part(x->sketch, to) >= 0)
			add_hint(x, rule->hint);
		else
			g->n_missing++;
	}
}

int grade_make(const struct diagram_rules *r, const struct diagram_task *task,
        const struct sketch *d, const struct model *now, struct grade *ret)
{
	struct grade g = {.n_parts = d->now.n_parts, .n_arrows = d->now.n_arrows};
	struct grading x = {r, task, d, now, &g, {NULL}, false};
	const char **hints;

	g.parts = arena_alloc(&g.arena, (g.n_parts + 1) * sizeof(*g.parts));
	g.arrows = arena_alloc(&g.arena, (g.n_arrows + 1) * sizeof(*g.arrows));
	hints = arena_alloc(&g.arena, sizeof(x.hints));
	if (!g.parts || !g.arrows || !hints) {
		arena_release(&g.arena);
		return -ENOMEM;
	}
	for (size_t i = 0; i < g.n_parts; i++) {
		g.parts[i] = grade_part(&x, &d->now.parts[i]);
		g.faults += g.parts[i].verdict != VERDICT_RIGHT;
	}
	for (size_t i = 0; i < g.n_arrows; i++) {
		g.arrows[i] = grade_one_arrow(&x, &d->now.arrows[i]);
		g.faults += g.arrows[i].verdict != VERDICT_RIGHT;
	}
	count_parts(&x);
	count_arrows(&x);
	memcpy(hints, x.hints, sizeof(x.hints));
	g.hints = hints;
	g.passed = !g.faults && !g.n_missing;
	if (x.failed) {
		arena_release(&g.arena);
		return -ENOMEM;
	}
	*ret = g;
	return 0;
}

void grade_release(struct grade *g)
{
	arena_release(&g->arena);
	*g = (struct grade){0};
}
