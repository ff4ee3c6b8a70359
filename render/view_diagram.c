/* The diagram that the learner draws, and below it its arrows as a list: what is written at each,
 * and, once it was graded, what is wrong with it. */
#include "render/diagram_place.h"
#include "render/glyph.h"
#include "render/view.h"

#include <errno.h>
#include <string.h>

static const enum scene_role band_roles[BAND_COUNT] = {
        [BAND_YOU] = SCENE_YOU,
        [BAND_REMOTE] = SCENE_LAYER,
        [BAND_USER] = SCENE_PROCESS,
        [BAND_KERNEL] = SCENE_CGROUP,
};

struct listing {
	struct scene *s;
	int y, end; /* rows: the next one, and the one that is no more ours */
	size_t cut; /* lines that had no place */
};

static void add_line(
        struct listing *l, int indent, const char *text, enum scene_role role, enum scene_mark mark)
{
	if (l->y >= l->end) {
		l->cut++;
		return;
	}
	scene_add_text(
	        l->s, &(struct scene_text){indent, l->y++, l->s->width - indent, text, role, mark});
}

/* A sentence, in as many lines as it takes. */
static void add_sentence(struct listing *l, int indent, const char *text, enum scene_role role)
{
	int width = l->s->width - indent;

	while (*text && width > 8) {
		size_t next, n = text_break(text, width, &next);

		add_line(l, indent, scene_format(l->s, "%.*s", (int)n, text), role, MARK_NONE);
		text += next;
	}
}

static const char *sign(enum diagram_verdict verdict)
{
	static const char *const signs[] = {" ", "✓", "~", "✗"};

	return signs[verdict];
}

static void list_arrow(struct listing *l, const struct diagram_picture *p, size_t i)
{
	const struct diagram_arrow *a = &p->arrows[i];
	const char *from = scene_clean(l->s, p->parts[a->from].title),
	           *to = scene_clean(l->s, p->parts[a->to].title),
	           *label = scene_clean(l->s, a->label);
	const char *text = scene_format(l->s, "%s %2zu %s ─▶ %s%s%s", sign(a->verdict), i + 1, from,
	        to, *label ? ": " : "", label);

	if (l->y < l->end)
		scene_add_item(l->s, &(struct scene_item){1, l->y, l->s->width - 2,
		                             scene_format(l->s, "arrow:%s:%s",
		                                     scene_clean(l->s, p->parts[a->from].name),
		                                     scene_clean(l->s, p->parts[a->to].name))});
	add_line(l, 2, text, a->verdict == VERDICT_WRONG ? SCENE_YOU : SCENE_PLAIN, MARK_NONE);
	if (*a->reason)
		add_sentence(l, 7, scene_clean(l->s, a->reason), SCENE_DIM);
}

static void list_all(struct listing *l, const struct diagram_picture *p)
{
	if (*p->score)
		add_line(l, 2, scene_clean(l->s, p->score), SCENE_TITLE, MARK_NONE);
	else
		add_sentence(l, 2,
		        scene_format(l->s, "%s: %s", scene_clean(l->s, p->title),
		                scene_clean(l->s, p->ask)),
		        SCENE_TITLE);
	for (size_t i = 0; i < p->n_parts; i++)
		if (p->parts[i].verdict == VERDICT_WRONG)
			add_sentence(l, 2,
			        scene_format(l->s, "✗ %s %s", scene_clean(l->s, p->parts[i].title),
			                scene_clean(l->s, p->parts[i].reason)),
			        SCENE_PLAIN);
	for (size_t i = 0; i < p->n_hints; i++)
		add_sentence(l, 2, scene_format(l->s, "? %s", scene_clean(l->s, p->hints[i])),
		        SCENE_DIM);
	for (size_t i = 0; i < p->n_arrows; i++)
		list_arrow(l, p, i);
}

/* The list from row `y` on. What has no place is counted in the last row. */
static void draw_list(struct scene *s, const struct diagram_picture *p, int y)
{
	struct listing l = {s, y, s->height - 1, 0};

	if (y >= s->height)
		return;
	list_all(&l, p);
	if (l.cut) {
		scene_add_item(s, &(struct scene_item){1, l.y, s->width - 2, "diagram:more"});
		l.end++;
		add_line(&l, 2,
		        scene_format(s, "+%zu line%s more: PgDn", l.cut, l.cut == 1 ? "" : "s"),
		        SCENE_DIM, MARK_NONE);
	}
	s->height = l.y < s->height ? l.y : s->height;
}

static void draw_part(
        struct scene *s, const struct diagram_picture *p, const struct diagram_places *at, size_t i)
{
	const struct diagram_part *part = &p->parts[i];
	const struct diagram_place *b = &at->parts[i];
	enum scene_mark mark = part->verdict == VERDICT_WRONG ? MARK_FAILED : MARK_NONE;
	const char *title = scene_clean(s, part->title),
	           *id = scene_format(s, "part:%s", scene_clean(s, part->name));
	int height = at->part_height[part->band];
	bool compact = height == 2;

	scene_add_box(s,
	        &(struct scene_box){b->x, b->y, b->width, height, compact ? title : "",
	                band_roles[part->band], compact ? mark : MARK_NONE, compact ? id : "", 1});
	if (compact)
		return;
	scene_add_item(s, &(struct scene_item){b->x, b->y + 1, b->width, id});
	scene_add_text(s, &(struct scene_text){b->x + (mark ? 1 : 2), b->y + 1,
	                          b->width - (mark ? 2 : 3), title, band_roles[part->band], mark});
}

/* Where there is no room for boxes: a line for each band. */
static void draw_bands(struct scene *s, const struct diagram_picture *p)
{
	struct listing l = {s, 0, s->height, 0};

	for (int b = 0; b < BAND_COUNT; b++) {
		const char *text = scene_format(s, "%s:", diagram_band_titles[b]);

		for (size_t i = 0; i < p->n_parts; i++)
			if ((int)p->parts[i].band == b)
				text = scene_format(
				        s, "%s %s", text, scene_clean(s, p->parts[i].title));
		add_line(&l, 0, text, band_roles[b], MARK_NONE);
	}
	draw_list(s, p, l.y);
}

static void draw(struct scene *s, const struct diagram_picture *p)
{
	struct diagram_places *at = arena_alloc(&s->arena, sizeof(*at));

	if (!at) {
		s->failed = true;
		return;
	}
	if (!diagram_place(p, s->width, s->height, at)) {
		draw_bands(s, p);
		return;
	}
	for (int b = 0; b < BAND_COUNT; b++)
		scene_add_box(
		        s, &(struct scene_box){at->x[b], at->y[b], at->width[b], at->height[b],
		                   diagram_band_titles[b], SCENE_FRAME, MARK_NONE,
		                   scene_format(s, "band:%s", diagram_band_titles[b]), 0});
	for (size_t i = 0; i < p->n_parts; i++)
		draw_part(s, p, at, i);
	diagram_route(s, p, at);
	draw_list(s, p, at->rows);
	if (s->height < at->rows)
		s->height = at->rows;
}

int view_diagram_layout(const struct view_input *in, struct scene *ret)
{
	static const struct diagram_picture nothing = {
	        .title = "No diagram", .ask = "'diagram task' chooses one.", .score = ""};
	const struct diagram_picture *p = in->diagram ? in->diagram : &nothing;
	struct scene s;
	int height;

	scene_init(&s, in->width, in->height);
	height = s.height;
	s.title = scene_format(&s, "Diagram: %s", scene_clean(&s, p->title));
	s.description = scene_format(&s,
	        "%zu parts in bands and %zu arrows between them, drawn by a "
	        "learner. The task: %s %s",
	        p->n_parts, p->n_arrows, scene_clean(&s, p->ask), scene_clean(&s, p->score));
	draw(&s, p);
	if (s.height > height)
		s.height = height;
	if (s.failed) {
		scene_release(&s);
		return -ENOMEM;
	}
	*ret = s;
	return 0;
}
