/* The arrows of a diagram: each finds its way alone, the short ones first; then numbers and labels
 * are written into the lines where these run straight for long enough. */
#include "render/diagram_place.h"
#include "render/glyph.h"
#include "render/route.h"

#include <stdlib.h>

enum { ENDS_MOST = 256, WAYS_MOST = 128 };

struct way {
	size_t arrow;
	int distance;
	struct scene_point points[ROUTE_POINTS];
	size_t n; /* 0 = there is none */
};

struct routing {
	struct scene *s;
	const struct diagram_picture *p;
	const struct diagram_places *at;
	struct route route;
	struct way *ways;
	size_t n;
};

static size_t add_end(struct route_end *ends, size_t n, int x, int y, int dx, int dy)
{
	if (n < ENDS_MOST)
		ends[n++] = (struct route_end){x, y, dx, dy};
	return n;
}

/* Cells of a part's border where an arrow may be: not the corners, and not the name. */
static size_t ends_of(const struct routing *x, size_t part, struct route_end *ends)
{
	const struct diagram_place *b = &x->at->parts[part];
	int height = x->at->part_height[x->p->parts[part].band];
	bool compact = height == 2;
	int bottom = b->y + height - 1, right = b->x + b->width - 1;
	int name = compact ? text_width(x->p->parts[part].title) + 3 : 0;
	size_t n = 0;

	for (int column = b->x + 1; column < right; column++) {
		n = add_end(ends, n, column, bottom, 0, 1);
		if (column > b->x + name)
			n = add_end(ends, n, column, b->y, 0, -1);
	}
	if (!compact) {
		n = add_end(ends, n, b->x, b->y + 1, -1, 0);
		n = add_end(ends, n, right, b->y + 1, 1, 0);
	}
	return n;
}

static void block_parts(struct routing *x)
{
	const struct diagram_places *at = x->at;

	for (int b = 0; b < BAND_COUNT; b++) {
		route_frame(&x->route, at->x[b], at->y[b], at->width[b], at->height[b]);
		route_block(
		        &x->route, at->x[b], at->y[b], text_width(diagram_band_titles[b]) + 4, 1);
	}
	for (size_t i = 0; i < x->p->n_parts; i++)
		route_block(&x->route, at->parts[i].x, at->parts[i].y, at->parts[i].width,
		        at->part_height[x->p->parts[i].band]);
}

static int by_distance(const void *a, const void *b)
{
	const struct way *v = a, *w = b;

	if (v->distance != w->distance)
		return v->distance < w->distance ? -1 : 1;
	return (v->arrow > w->arrow) - (v->arrow < w->arrow);
}

static void find_ways(struct routing *x)
{
	struct route_end *from = arena_alloc(&x->s->arena, ENDS_MOST * sizeof(*from)),
	                 *to = arena_alloc(&x->s->arena, ENDS_MOST * sizeof(*to));

	if (!from || !to) {
		x->s->failed = true;
		return;
	}
	for (size_t i = 0; i < x->n; i++) {
		const struct diagram_arrow *a = &x->p->arrows[i];
		const struct diagram_place *f = &x->at->parts[a->from], *t = &x->at->parts[a->to];

		x->ways[i] = (struct way){.arrow = i,
		        .distance = abs(f->x + f->width / 2 - t->x - t->width / 2) +
		                    2 * abs(f->y - t->y)};
	}
	qsort(x->ways, x->n, sizeof(*x->ways), by_distance);
	for (size_t i = 0; i < x->n; i++) {
		struct way *w = &x->ways[i];
		const struct diagram_arrow *a = &x->p->arrows[w->arrow];

		if (!route_find(&x->route, from, ends_of(x, a->from, from), to,
		            ends_of(x, a->to, to), w->points, &w->n))
			w->n = 0;
	}
}

/* ---- what is written into them ---- */

/* Where in a run from `a` to `b` that is level `width` cells are of this line alone, with a cell of
 * it left on either side; the middle of the first longest place. -1 = nowhere. */
static int room_in(const struct routing *x, struct scene_point a, struct scene_point b, int width)
{
	int left = a.x < b.x ? a.x : b.x, right = a.x < b.x ? b.x : a.x;
	int start = -1, best = -1, best_length = 0;

	for (int column = left + 1; column <= right; column++) {
		if (column < right && route_is_single(&x->route, column, a.y)) {
			start = start < 0 ? column : start;
			continue;
		}
		if (start >= 0 && column - start > best_length) {
			best = start;
			best_length = column - start;
		}
		start = -1;
	}
	return best_length >= width ? best + (best_length - width) / 2 : -1;
}

static void add_piece(struct routing *x, const struct scene_point *points, size_t n, bool arrow,
        const struct diagram_arrow *a)
{
	scene_add_edge(x->s, &(struct scene_edge){.points = points,
	                             .n_points = n,
	                             .arrow = arrow,
	                             .role = SCENE_DAEMON,
	                             .mark = a->verdict == VERDICT_WRONG ? MARK_FAILED : MARK_NONE,
	                             .label = scene_format(x->s, "%s to %s: %s",
	                                     scene_clean(x->s, x->p->parts[a->from].title),
	                                     scene_clean(x->s, x->p->parts[a->to].title),
	                                     scene_clean(x->s, a->label))});
}

/* The line is two then, with the text between them. */
static void write_into(
        struct routing *x, const struct way *w, size_t run, int column, const char *text)
{
	const struct diagram_arrow *a = &x->p->arrows[w->arrow];
	struct scene_point piece[ROUTE_POINTS + 1];
	struct scene_point from = w->points[run], to = w->points[run + 1];
	int width = text_width(text);
	bool right = to.x > from.x;
	size_t n = 0;

	for (size_t i = 0; i <= run; i++)
		piece[n++] = w->points[i];
	piece[n++] = (struct scene_point){right ? column - 1 : column + width, from.y};
	add_piece(x, piece, n, false, a);
	n = 0;
	piece[n++] = (struct scene_point){right ? column + width : column - 1, from.y};
	for (size_t i = run + 1; i < w->n; i++)
		piece[n++] = w->points[i];
	add_piece(x, piece, n, true, a);
	scene_add_text(
	        x->s, &(struct scene_text){column, from.y, width, text,
	                      a->verdict == VERDICT_WRONG ? SCENE_DAEMON : SCENE_PLAIN, MARK_NONE});
}

/* A number stands in a run that is upright as well, if its neighbour is free. */
static bool write_upright(struct routing *x, const struct way *w, const char *number)
{
	const struct diagram_arrow *a = &x->p->arrows[w->arrow];
	int width = text_width(number);

	for (size_t run = 0; run + 1 < w->n; run++) {
		struct scene_point from = w->points[run], to = w->points[run + 1];
		int down = to.y > from.y ? 1 : -1;

		if (from.x != to.x)
			continue;
		for (int y = from.y + 2 * down; (to.y - y) * down >= 2; y += down) {
			struct scene_point piece[ROUTE_POINTS + 1];
			size_t n = 0;

			if (!route_is_single(&x->route, from.x, y - 1) ||
			        !route_is_single(&x->route, from.x, y) ||
			        !route_is_single(&x->route, from.x, y + 1) ||
			        (width > 1 && !route_is_free(&x->route, from.x + 1, y)))
				continue;
			for (size_t i = 0; i <= run; i++)
				piece[n++] = w->points[i];
			piece[n++] = (struct scene_point){from.x, y - down};
			add_piece(x, piece, n, false, a);
			piece[0] = (struct scene_point){from.x, y + down};
			for (n = 1; run + n < w->n; n++)
				piece[n] = w->points[run + n];
			add_piece(x, piece, n, true, a);
			scene_add_text(x->s, &(struct scene_text){from.x, y, width, number,
			                             SCENE_PLAIN, MARK_NONE});
			route_block(&x->route, from.x, y, width, 1);
			return true;
		}
	}
	return false;
}

static bool write_level(struct routing *x, const struct way *w, const char *text)
{
	int width = text_width(text);

	for (size_t run = 0; run + 1 < w->n; run++) {
		struct scene_point from = w->points[run], to = w->points[run + 1];
		int column = from.y == to.y ? room_in(x, from, to, width + 2) : -1;

		if (column < 0)
			continue;
		write_into(x, w, run, column + 1, text);
		return true;
	}
	return false;
}

static void draw_way(struct routing *x, const struct way *w)
{
	const struct diagram_arrow *a = &x->p->arrows[w->arrow];
	const char *number = scene_format(x->s, "%zu", w->arrow + 1);
	const char *label = scene_clean(x->s, a->label);

	if (!w->n)
		return;
	if (*label && write_level(x, w, scene_format(x->s, "%s %s", number, label)))
		return;
	if (write_level(x, w, number) || write_upright(x, w, number))
		return;
	add_piece(x, w->points, w->n, true, a);
}

void diagram_route(
        struct scene *s, const struct diagram_picture *p, const struct diagram_places *at)
{
	struct routing x = {
	        .s = s, .p = p, .at = at, .n = p->n_arrows < WAYS_MOST ? p->n_arrows : WAYS_MOST};

	x.ways = arena_alloc(&s->arena, (x.n + 1) * sizeof(*x.ways));
	if (!x.ways || route_init(&x.route, s->width, at->rows) < 0) {
		s->failed = true;
		return;
	}
	block_parts(&x);
	find_ways(&x);
	for (size_t i = 0; i < x.n && !s->failed; i++)
		draw_way(&x, &x.ways[i]);
	route_release(&x.route);
}
