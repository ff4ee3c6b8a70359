#include "render/sequence.h"

#include "render/glyph.h"
#include "render/spread.h"

#include <string.h>

enum { HEAD = 3, COLUMN = 9, LEAST_COLUMN = 7, WORDS_LEAST = 12, LEAST_ROWS = HEAD + 3 };

struct page {
	struct scene *s;
	const struct sequence *q;
	int x, y, width;
	int *left, *columns; /* of each actor: where its column begins, how wide it is */
	bool boxes;          /* heads are boxes: all names fit into one */
	int rows;            /* of a message: its words above it, or beside it in the same row */
	int shown;           /* messages */
};

int sequence_least_width(const struct sequence *q)
{
	return (int)q->n_actors * COLUMN + q->margin;
}

int sequence_height(const struct sequence *q)
{
	return HEAD + (int)q->n_messages * 2 + 1;
}

size_t sequence_room(const struct sequence *q, int width, int height)
{
	if (height < LEAST_ROWS || width < sequence_least_width(q))
		return height > 0 ? (size_t)height : 0;
	return (size_t)(height - HEAD - 1) / 2;
}

static int line_x(const struct page *p, int actor)
{
	return p->left[actor] + p->columns[actor] / 2;
}

static int message_y(const struct page *p, int i)
{
	return p->y + HEAD + i * p->rows + p->rows - 1;
}

/* ---- lifelines have no room: a line for each message ---- */

static const char *line_text(const struct page *p, const struct sequence_message *m)
{
	const char *when = m->when ? m->when : "", *from = p->q->actors[m->from].name;
	int margin = m->when ? p->q->margin : 0;

	if (m->from == m->to)
		return scene_format(p->s, "%-*s%s: %s", margin, when, from, m->text);
	return scene_format(p->s, "%-*s%s %s %s: %s", margin, when, from, m->dashed ? "┄▶" : "─▶",
	        p->q->actors[m->to].name, m->text);
}

static int draw_lines(const struct page *p, int height)
{
	const struct sequence *q = p->q;
	int y = p->y;

	for (size_t i = 0; i < q->n_messages && y < p->y + height; i++) {
		const struct sequence_message *m = &q->messages[i];
		bool last = y + 1 == p->y + height && i + 1 < q->n_messages;
		const char *text =
		        last ? scene_format(p->s, "+%zu more", q->n_messages - i) : line_text(p, m);

		if (m == q->chosen)
			scene_add_spot(p->s, &(struct scene_spot){p->x, y, p->width, SPOT_FOCUS});
		scene_add_text(
		        p->s, &(struct scene_text){p->x, y++, p->width, text,
		                      last ? SCENE_DIM : m->role, last ? MARK_NONE : m->mark});
	}
	for (size_t i = 0; !q->n_messages && i < q->n_actors && y < p->y + height; i++)
		scene_add_text(p->s, &(struct scene_text){p->x, y++, p->width, q->actors[i].name,
		                             q->actors[i].role, q->actors[i].mark});
	return y - p->y;
}

/* ---- columns and heads ---- */

static int box_width(const struct sequence_actor *a)
{
	int name = text_width(a->name), note = text_width(a->note);
	int width = (name > note ? name : note) + 4;

	return width + (width % 2 == 0); /* so that the line is in its middle */
}

static int greatest(int a, int b)
{
	return a > b ? a : b;
}

/* Names get what they need before all columns become wider alike. */
static bool choose_columns(struct page *p)
{
	size_t n = p->q->n_actors;
	struct spread *parts = arena_alloc(&p->s->arena, n * sizeof *parts);
	int x = p->x + p->q->margin, boxes = 0;

	p->left = arena_alloc(&p->s->arena, n * sizeof *p->left);
	p->columns = arena_alloc(&p->s->arena, n * sizeof *p->columns);
	if (!parts || !p->left || !p->columns) {
		p->s->failed = true;
		return false;
	}
	for (size_t i = 0; i < n; i++)
		boxes += greatest(box_width(&p->q->actors[i]) + 1, LEAST_COLUMN);
	p->boxes = boxes <= p->width;
	for (size_t i = 0; i < n; i++) {
		const struct sequence_actor *a = &p->q->actors[i];
		int liked = p->boxes ? box_width(a) + 1 : text_width(a->name) + 2;
		int fair = p->width / (int)n;

		liked = greatest(liked, LEAST_COLUMN);
		parts[i] = (struct spread){.least = p->boxes ? liked : LEAST_COLUMN,
		        .liked = liked,
		        .most = liked > fair ? liked : fair};
	}
	spread_divide(parts, n, p->width, 0);
	for (size_t i = 0; i < n; i++) {
		p->left[i] = x;
		p->columns[i] = parts[i].got;
		x += parts[i].got;
	}
	return true;
}

static void draw_centred(const struct page *p, size_t i, int y, const char *text,
        enum scene_role role, enum scene_mark mark)
{
	int marked = mark != MARK_NONE, room = p->columns[i] - 1;
	int width = text_width(text) + marked, x;

	width = width < room ? width : room;
	x = line_x(p, (int)i) - width / 2;
	scene_add_text(p->s,
	        &(struct scene_text){x > p->left[i] ? x : p->left[i], y, width, text, role, mark});
}

static void draw_head(const struct page *p, size_t i)
{
	const struct sequence_actor *a = &p->q->actors[i];
	int width = box_width(a), note = text_width(a->note), middle = line_x(p, (int)i);

	if (!p->boxes) {
		scene_add_item(
		        p->s, &(struct scene_item){p->left[i], p->y, p->columns[i] - 1, a->id});
		draw_centred(p, i, p->y, a->name, a->role, a->mark);
		draw_centred(p, i, p->y + 1, a->note, SCENE_DIM, MARK_NONE);
		return;
	}
	scene_add_box(p->s, &(struct scene_box){middle - width / 2, p->y, width, HEAD, a->name,
	                            a->role, a->mark, a->id, 1});
	scene_add_text(p->s, &(struct scene_text){middle - note / 2, p->y + 1, note, a->note,
	                             SCENE_DIM, MARK_NONE});
}

/* ---- messages ---- */

static int least(int a, int b)
{
	return a < b ? a : b;
}

/* Where the words of a message are: above its arrow from where that begins on; in the same row to
 * the right of it, or to the left where there is more room. */
static struct scene_text words_of(const struct page *p, int i)
{
	const struct sequence_message *m = &p->q->messages[i];
	int from = line_x(p, m->from), to = line_x(p, m->to);
	int low = least(from, to), high = from + to - low, right = p->x + p->q->margin + p->width;
	int left = p->x + p->q->margin, width = text_width(m->text) + (m->mark != MARK_NONE);
	struct scene_text t = {0, message_y(p, i) - p->rows + 1, 0, m->text, m->role, m->mark};

	if (p->rows > 1 && m->from != m->to) {
		t.x = low + 2;
		if (t.x + width > right)
			t.x = right - width > left ? right - width : left;
		t.width = least(width, right - t.x);
		return t;
	}
	t.y = message_y(p, i);
	t.x = high + 2;
	t.width = least(width, right - t.x);
	if (t.width < width && t.width < low - 1 - left) {
		t.width = least(width, low - 1 - left);
		t.x = low - 1 - t.width;
	}
	return t;
}

static bool passes(const struct page *p, int i, int x)
{
	int from = line_x(p, p->q->messages[i].from), to = line_x(p, p->q->messages[i].to);

	return x >= least(from, to) && x <= from + to - least(from, to);
}

/* The lifeline of an actor ends above words that lie in its way, and goes on below. */
static void draw_lifeline(const struct page *p, int actor)
{
	int x = line_x(p, actor), start = p->y + HEAD;
	int bottom = start + p->shown * p->rows - 1 + ((size_t)p->shown == p->q->n_messages);

	for (int i = 0; i <= p->shown; i++) {
		struct scene_text t = i < p->shown ? words_of(p, i) : (struct scene_text){0};
		int end = i < p->shown ? t.y - 1 : bottom;

		if (i < p->shown && (x < t.x - 1 || x > t.x + t.width))
			continue;
		/* Between words that lie close together it is a single cell. */
		if (end == start && i > 0 && !passes(p, i - 1, x))
			scene_add_text(
			        p->s, &(struct scene_text){x, start, 1, "│", SCENE_DIM, MARK_NONE});
		if (end > start)
			scene_add_edge(p->s,
			        &(struct scene_edge){
			                .points = (struct scene_point[]){{x, start}, {x, end}},
			                .n_points = 2,
			                .role = SCENE_DIM});
		start = t.y + 1;
	}
}

/* From a lifeline to the words beside it. */
static void draw_stub(const struct page *p, const struct sequence_message *m,
        const struct scene_text *words, int y)
{
	int x = line_x(p, m->from);

	scene_add_edge(p->s, &(struct scene_edge){.points = (struct scene_point[]){{x, y},
	                                                  {words->x > x ? x + 1 : x - 1, y}},
	                             .n_points = 2,
	                             .role = m->role,
	                             .mark = m->mark,
	                             .label = scene_format(
	                                     p->s, "%s: %s", p->q->actors[m->from].name, m->text)});
}

static void draw_message(const struct page *p, int i)
{
	const struct sequence_message *m = &p->q->messages[i];
	int from = line_x(p, m->from), to = line_x(p, m->to), y = message_y(p, i);
	struct scene_text words = words_of(p, i);

	scene_add_text(p->s, &words);
	if (m == p->q->chosen)
		scene_add_spot(
		        p->s, &(struct scene_spot){p->x, y, p->q->margin + p->width, SPOT_FOCUS});
	if (m->when && p->q->margin)
		scene_add_text(p->s, &(struct scene_text){p->x + 1, y, p->q->margin - 2, m->when,
		                             SCENE_DIM, MARK_NONE});
	if (m->from == m->to) {
		draw_stub(p, m, &words, y);
		return;
	}
	scene_add_edge(p->s,
	        &(struct scene_edge){.points = (struct scene_point[]){{from, y},
	                                     {to > from ? to - 1 : to + 1, y}},
	                .n_points = 2,
	                .arrow = true,
	                .dashed = m->dashed,
	                .role = m->role,
	                .mark = m->mark,
	                .label = scene_format(p->s, "%s to %s: %s", p->q->actors[m->from].name,
	                        p->q->actors[m->to].name, m->text)});
}

int sequence_draw(struct scene *s, const struct sequence *q, int x, int y, int width, int height)
{
	struct page p = {.s = s, .q = q, .x = x, .y = y, .width = width};
	size_t room;

	if (!q->n_actors || height < 1)
		return 0;
	if (height < LEAST_ROWS || width < sequence_least_width(q))
		return draw_lines(&p, height);
	p.width -= q->margin;
	if (!choose_columns(&p))
		return 0;
	p.rows = height < sequence_height(q) ? 1 : 2;
	room = (size_t)(height - HEAD - 1) / (size_t)p.rows;
	p.shown = (int)(q->n_messages < room ? q->n_messages : room);
	for (size_t i = 0; i < q->n_actors; i++) {
		draw_head(&p, i);
		draw_lifeline(&p, (int)i);
	}
	for (int i = 0; i < p.shown; i++)
		draw_message(&p, i);
	height = HEAD + p.shown * p.rows + 1;
	if ((size_t)p.shown < q->n_messages)
		scene_add_text(
		        s, &(struct scene_text){x, y + height - 1, width,
		                   scene_format(s, "+%zu more", q->n_messages - (size_t)p.shown),
		                   SCENE_DIM, MARK_NONE});
	return height;
}
