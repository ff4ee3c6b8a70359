/* From a scene to cells, in an order that keeps every label readable: boxes by depth (an inner one
 * covers what lies under it), then edges, then words over lines. Lines are kept as directions per
 * cell until the end, so that those which meet join into one character. What the person looks at is
 * laid over all of it. */
#include "render/canvas.h"

#include "render/glyph.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UP = 1, DOWN = 2, LEFT = 4, RIGHT = 8, DIRECTIONS = 15, DASHED = 16, SOLID = 32 };

struct pen {
	struct canvas *canvas;
	uint8_t *lines; /* per cell: directions, DASHED, SOLID */
	bool ascii;
};

int canvas_init(struct canvas *c, int width, int height)
{
	*c = (struct canvas){.width = width < 1 ? 1 : width, .height = height < 1 ? 1 : height};
	c->cells = calloc((size_t)c->width * (size_t)c->height, sizeof *c->cells);
	if (!c->cells)
		return -ENOMEM;
	for (size_t i = 0; i < (size_t)c->width * (size_t)c->height; i++)
		c->cells[i].text[0] = ' ';
	return 0;
}

void canvas_release(struct canvas *c)
{
	free(c->cells);
	*c = (struct canvas){0};
}

static bool inside(const struct canvas *c, int x, int y)
{
	return x >= 0 && y >= 0 && x < c->width && y < c->height;
}

static struct cell *cell_at(struct pen *p, int x, int y)
{
	return &p->canvas->cells[y * p->canvas->width + x];
}

/* Puts one grapheme. A wide one whose half is overwritten leaves a blank, as in a terminal. */
static void put(struct pen *p, int x, int y, const char *text, int width, enum scene_role role,
        enum scene_mark mark)
{
	struct cell *cell;

	if (!inside(p->canvas, x, y) || x + width > p->canvas->width)
		return;
	cell = cell_at(p, x, y);
	if (!cell->text[0] && x > 0)
		strcpy(cell[-1].text, " ");
	if (x + width < p->canvas->width && !cell[width].text[0])
		strcpy(cell[width].text, " ");
	*cell = (struct cell){.role = (uint8_t)role, .mark = (uint8_t)mark};
	memcpy(cell->text, text, strnlen(text, sizeof cell->text - 1));
	cell->strong = mark != MARK_NONE || role == SCENE_TITLE;
	p->lines[y * p->canvas->width + x] = 0;
	if (width == 2) {
		cell[1] = *cell;
		cell[1].text[0] = '\0';
		p->lines[y * p->canvas->width + x + 1] = 0;
	}
}

/* Puts at most `width` cells of text; the rest becomes an ellipsis. Returns the cells used. */
static int put_text(struct pen *p, int x, int y, int width, const char *text, enum scene_role role,
        enum scene_mark mark)
{
	const char *end = text + strlen(text);
	int start = x, w;
	char glyph[GLYPH_MAX];
	bool cut = text_width(text) > width;

	if (width < 1)
		return 0;
	if (cut)
		end = text + text_fit(text, width - 1);
	while (text < end) {
		size_t n = glyph_next(text, glyph, &w);
		if (p->ascii) {
			uint32_t code;
			glyph_decode(text, &code);
			glyph[0] = glyph_ascii(code);
			glyph[1] = '\0';
			if (w == 2)
				put(p, x + 1, y, " ", 1, role, mark);
		}
		put(p, x, y, glyph, p->ascii ? 1 : w, role, mark);
		x += w;
		text += n;
	}
	if (cut)
		put(p, x++, y, p->ascii ? "~" : "…", 1, role, mark);
	return x - start;
}

static void add_line(struct pen *p, int x, int y, int directions, bool dashed, enum scene_role role,
        enum scene_mark mark)
{
	struct cell *cell;
	uint8_t *line;

	if (!inside(p->canvas, x, y))
		return;
	cell = cell_at(p, x, y);
	line = &p->lines[y * p->canvas->width + x];
	*line |= (uint8_t)(directions | (dashed || mark == MARK_GHOST ? DASHED : SOLID));
	cell->role = (uint8_t)role;
	if (cell->mark == MARK_NONE || mark == MARK_CHANGED)
		cell->mark = (uint8_t)mark;
}

static void draw_box(struct pen *p, const struct scene_box *b)
{
	int right = b->x + b->width - 1, bottom = b->y + b->height - 1;

	for (int y = b->y; y <= bottom; y++) {
		for (int x = b->x; x <= right; x++) {
			bool border = x == b->x || x == right || y == b->y || y == bottom;
			int d = 0;

			if (!border) {
				put(p, x, y, " ", 1, SCENE_PLAIN, MARK_NONE);
				continue;
			}
			if (y == b->y || y == bottom)
				d |= (x > b->x ? LEFT : 0) | (x < right ? RIGHT : 0);
			if (x == b->x || x == right)
				d |= (y > b->y ? UP : 0) | (y < bottom ? DOWN : 0);
			add_line(p, x, y, d, false, b->role, b->mark);
		}
	}
}

static void draw_title(struct pen *p, const struct scene_box *b)
{
	int room = b->width - 4, used;

	if (room < 1 || (!*b->title && b->mark == MARK_NONE))
		return;
	put_text(p, b->x + 1, b->y, 1, mark_symbol(b->mark), b->role, b->mark);
	used = put_text(p, b->x + 2, b->y, room, b->title, b->role, b->mark);
	put(p, b->x + 2 + used, b->y, " ", 1, b->role, b->mark);
	for (int x = b->x + 1; x < b->x + 2 + used && inside(p->canvas, x, b->y); x++)
		cell_at(p, x, b->y)->strong = 1;
}

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

static int direction_of(int dx, int dy)
{
	return dx > 0 ? RIGHT : dx < 0 ? LEFT : dy > 0 ? DOWN : dy < 0 ? UP : 0;
}

static void draw_edge(struct pen *p, const struct scene_edge *e)
{
	const struct scene_point *last = &e->points[e->n_points - 1];
	int head = 0;

	for (size_t i = 0; i + 1 < e->n_points; i++) {
		struct scene_point at = e->points[i], to = e->points[i + 1];
		int dx = sign(to.x - at.x), dy = dx ? 0 : sign(to.y - at.y);

		if (!dx && !dy)
			continue;
		head = direction_of(dx, dy);
		if (i == 0 && inside(p->canvas, at.x, at.y) &&
		        !p->lines[at.y * p->canvas->width +
		                  at.x]) /* not from a border: a whole cell */
			add_line(
			        p, at.x, at.y, direction_of(-dx, -dy), e->dashed, e->role, e->mark);
		while (at.x != to.x || (!dx && at.y != to.y)) {
			add_line(p, at.x, at.y, head, e->dashed, e->role, e->mark);
			at.x += dx;
			at.y += dy;
			add_line(
			        p, at.x, at.y, direction_of(-dx, -dy), e->dashed, e->role, e->mark);
		}
	}
	if (e->arrow && head)
		put_text(p, last->x, last->y, 1,
		        head == UP     ? "▲"
		        : head == DOWN ? "▼"
		        : head == LEFT ? "◀"
		                       : "▶",
		        e->role, e->mark);
}

static void draw_meter(struct pen *p, const struct scene_meter *m)
{
	int full = (int)(m->value * m->width + 0.5);

	if (m->value > 0 && full == 0)
		full = 1; /* a little is not nothing */
	for (int i = 0; i < m->width; i++)
		put_text(p, m->x + i, m->y, 1, i < full ? "█" : "░", m->role, MARK_NONE);
}

static void resolve_lines(struct pen *p)
{
	static const char *const joins[16] = {
	        " ", "╵", "╷", "│", "╴", "╯", "╮", "┤", "╶", "╰", "╭", "├", "─", "┴", "┬", "┼"};

	for (int i = 0; i < p->canvas->width * p->canvas->height; i++) {
		int line = p->lines[i], d = line & DIRECTIONS;
		bool dashed = line & DASHED && !(line & SOLID);
		bool across = !(d & (UP | DOWN)), down = !(d & (LEFT | RIGHT));
		const char *text = joins[d];

		if (!d)
			continue;
		if (p->ascii && dashed)
			text = down ? ":" : ".";
		else if (p->ascii)
			text = across ? "-" : down ? "|" : "+";
		else if (dashed && across)
			text = "┄";
		else if (dashed && down)
			text = "┆";
		snprintf(p->canvas->cells[i].text, sizeof p->canvas->cells[i].text, "%s", text);
	}
}

static void draw_text(struct pen *p, const struct scene_text *t)
{
	int x = t->x, width = t->width;

	if (t->mark != MARK_NONE) {
		put_text(p, x, t->y, 1, mark_symbol(t->mark), t->role, t->mark);
		x++;
		width--;
	}
	put_text(p, x, t->y, width, t->text, t->role, t->mark);
}

/* Pointers stand where the card has its border: they cover no word. */
static void draw_spot(struct pen *p, const struct scene_spot *spot)
{
	bool focus = spot->kind == SPOT_FOCUS;
	int last = spot->x + spot->width - 1;
	enum scene_role role;

	if (!inside(p->canvas, spot->x, spot->y) || last >= p->canvas->width)
		return;
	role = (enum scene_role)cell_at(p, spot->x, spot->y)->role;
	put_text(p, spot->x, spot->y, 1, focus ? "▶" : "»", role, MARK_NONE);
	if (last > spot->x)
		put_text(p, last, spot->y, 1, focus ? "◀" : "«", role, MARK_NONE);
	for (int x = spot->x; x <= last; x++)
		cell_at(p, x, spot->y)->spot = (uint8_t)spot->kind;
}

void canvas_draw(struct canvas *c, const struct scene *s, bool ascii)
{
	struct pen p = {.canvas = c, .ascii = ascii};
	int deepest = 0;

	p.lines = calloc((size_t)c->width * (size_t)c->height, 1);
	if (!p.lines)
		return; /* an empty drawing is better than half of one */
	for (size_t i = 0; i < s->n_boxes; i++)
		if (s->boxes[i].depth > deepest)
			deepest = s->boxes[i].depth;
	for (int depth = 0; depth <= deepest; depth++)
		for (size_t i = 0; i < s->n_boxes; i++)
			if (s->boxes[i].depth == depth)
				draw_box(&p, &s->boxes[i]);
	for (size_t i = 0; i < s->n_edges; i++)
		draw_edge(&p, &s->edges[i]);
	resolve_lines(&p);
	for (size_t i = 0; i < s->n_boxes; i++)
		draw_title(&p, &s->boxes[i]);
	for (size_t i = 0; i < s->n_meters; i++)
		draw_meter(&p, &s->meters[i]);
	for (size_t i = 0; i < s->n_texts; i++)
		draw_text(&p, &s->texts[i]);
	for (size_t i = 0; i < s->n_spots; i++)
		draw_spot(&p, &s->spots[i]);
	free(p.lines);
}
