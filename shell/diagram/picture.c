#include "shell/diagram/picture.h"

#include "kernel/base/cleanup.h"
#include "shell/diagram/report.h"

#include <errno.h>
#include <string.h>

void picture_release(struct picture *p)
{
	arena_release(&p->arena);
	*p = (struct picture){0};
}

static bool is_graded(const struct sketch *s)
{
	for (size_t i = 0; i < s->now.n_parts; i++)
		if (s->now.parts[i].graded)
			return true;
	return false;
}

static const char *keep(struct picture *p, const char *text)
{
	return arena_strdup(&p->arena, text);
}

static int take_parts(struct picture *p, const struct diagram_rules *r, const struct sketch *s,
        const struct grade *g)
{
	struct diagram_part *parts = arena_alloc(&p->arena, (s->now.n_parts + 1) * sizeof(*parts));

	for (size_t i = 0; parts && i < s->now.n_parts; i++) {
		const struct sketch_part *from = &s->now.parts[i];
		ssize_t at = diagram_part_named(r, from->name);
		bool told = g && from->graded;

		parts[i] =
		        (struct diagram_part){from->name, at < 0 ? from->name : r->parts[at].title,
		                from->band, told ? g->parts[i].verdict : VERDICT_NONE,
		                told ? keep(p, g->parts[i].reason) : ""};
		if (!parts[i].reason)
			return -ENOMEM;
	}
	p->shown.parts = parts;
	p->shown.n_parts = parts ? s->now.n_parts : 0;
	return parts ? 0 : -ENOMEM;
}

static int take_arrows(struct picture *p, const struct sketch *s, const struct grade *g)
{
	struct diagram_arrow *arrows =
	        arena_alloc(&p->arena, (s->now.n_arrows + 1) * sizeof(*arrows));

	for (size_t i = 0; arrows && i < s->now.n_arrows; i++) {
		const struct sketch_arrow *from = &s->now.arrows[i];
		ssize_t a = sketch_find_part(s, from->from), b = sketch_find_part(s, from->to);
		bool told = g && from->graded;

		arrows[i] = (struct diagram_arrow){a < 0 ? 0 : (size_t)a, b < 0 ? 0 : (size_t)b,
		        from->label, told ? g->arrows[i].verdict : VERDICT_NONE,
		        told ? keep(p, g->arrows[i].reason) : ""};
		if (!arrows[i].reason)
			return -ENOMEM;
	}
	p->shown.arrows = arrows;
	p->shown.n_arrows = arrows ? s->now.n_arrows : 0;
	return arrows ? 0 : -ENOMEM;
}

static int take_score(struct picture *p, const struct grade *g)
{
	const char **hints = arena_alloc(&p->arena, (g->n_hints + 1) * sizeof(*hints));
	auto_buf score = BUF_INIT;

	report_score(g, &score);
	if (g->passed)
		buf_add(&score, ": all right");
	else if (g->n_missing)
		buf_addf(&score, "; %zu missing", g->n_missing);
	p->shown.score = keep(p, buf_text(&score));
	for (size_t i = 0; hints && i < g->n_hints; i++)
		hints[i] = g->hints[i]; /* the rules' */
	p->shown.hints = hints;
	p->shown.n_hints = hints ? g->n_hints : 0;
	return hints && p->shown.score ? 0 : -ENOMEM;
}

int picture_make(const struct diagram_rules *r, const struct diagram_task *task,
        const struct sketch *s, const struct model *now, struct picture *ret)
{
	struct picture p = {.shown = {.title = task->title, .ask = task->ask, .score = ""}};
	struct grade g = {0};
	bool graded = is_graded(s);
	int result = graded ? grade_make(r, task, s, now, &g) : 0;

	if (result == 0)
		result = take_parts(&p, r, s, graded ? &g : NULL);
	if (result == 0)
		result = take_arrows(&p, s, graded ? &g : NULL);
	if (result == 0 && graded)
		result = take_score(&p, &g);
	grade_release(&g);
	if (result < 0)
		picture_release(&p);
	else
		*ret = p;
	return result;
}
