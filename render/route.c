#include "render/route.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

enum {
	BLOCKED = 1,
	ACROSS = 2, /* a line from left to right */
	DOWN = 4,   /* a line from above to below */
	USED = 8,   /* a cell of a border where a line begins or ends */
};

enum { STEP = 1, CORNER = 5, CROSSING = 3, FAR = INT_MAX, BUCKETS = 16, DIRECTIONS = 4 };

static const int step_x[DIRECTIONS] = {1, 0, -1, 0}, step_y[DIRECTIONS] = {0, 1, 0, -1};

/* States to be looked at, by their cost: all that wait differ by less than BUCKETS. */
struct queue {
	struct waiting {
		int state, next;
	} * pool;
	int n, room;
	int heads[BUCKETS];
};

int route_init(struct route *r, int width, int height)
{
	size_t n = (size_t)width * (size_t)height;

	*r = (struct route){.width = width, .height = height};
	r->cells = arena_alloc(&r->arena, n);
	r->cost = arena_alloc(&r->arena, n * DIRECTIONS * sizeof(int));
	r->from = arena_alloc(&r->arena, n * DIRECTIONS * sizeof(int));
	if (r->cells && r->cost && r->from)
		return 0;
	route_release(r);
	return -ENOMEM;
}

void route_release(struct route *r)
{
	arena_release(&r->arena);
	*r = (struct route){0};
}

static bool inside(const struct route *r, int x, int y)
{
	return x >= 0 && y >= 0 && x < r->width && y < r->height;
}

static void add(struct route *r, int x, int y, int what)
{
	if (inside(r, x, y))
		r->cells[y * r->width + x] |= (uint8_t)what;
}

static int cell(const struct route *r, int x, int y)
{
	return inside(r, x, y) ? r->cells[y * r->width + x] : BLOCKED;
}

void route_block(struct route *r, int x, int y, int width, int height)
{
	for (int row = y; row < y + height; row++)
		for (int column = x; column < x + width; column++)
			add(r, column, row, BLOCKED);
}

void route_frame(struct route *r, int x, int y, int width, int height)
{
	for (int column = x; column < x + width; column++) {
		add(r, column, y, ACROSS);
		add(r, column, y + height - 1, ACROSS);
	}
	for (int row = y; row < y + height; row++) {
		add(r, x, row, DOWN);
		add(r, x + width - 1, row, DOWN);
	}
}

bool route_is_single(const struct route *r, int x, int y)
{
	int c = cell(r, x, y);

	return c == ACROSS || c == DOWN;
}

bool route_is_free(const struct route *r, int x, int y)
{
	return !cell(r, x, y);
}

/* ---- the search ---- */

static void push(struct queue *q, int state, int cost)
{
	if (q->n == q->room)
		return; /* each state waits once for each that leads to it: there is room */
	q->pool[q->n] = (struct waiting){state, q->heads[cost % BUCKETS]};
	q->heads[cost % BUCKETS] = q->n++;
}

static int pop(struct queue *q, int *cost)
{
	for (int i = 0; i < BUCKETS; i++, ++*cost) {
		int at = q->heads[*cost % BUCKETS];

		if (at < 0)
			continue;
		q->heads[*cost % BUCKETS] = q->pool[at].next;
		return q->pool[at].state;
	}
	return -1;
}

/* What it costs to enter a cell in a direction; -1 = it cannot be. */
static int entry(const struct route *r, int x, int y, int direction)
{
	int c = cell(r, x, y), along = step_x[direction] ? ACROSS : DOWN;

	if (c & (BLOCKED | USED) || c & along)
		return -1;
	return c ? STEP + CROSSING : STEP;
}

static void relax(struct route *r, struct queue *q, int x, int y, int direction, int cost, int from)
{
	int state = (y * r->width + x) * DIRECTIONS + direction;

	if (cost >= r->cost[state])
		return;
	r->cost[state] = cost;
	r->from[state] = from;
	push(q, state, cost);
}

static int direction_of(int dx, int dy)
{
	return dx > 0 ? 0 : dy > 0 ? 1 : dx < 0 ? 2 : 3;
}

static void begin(struct route *r, struct queue *q, const struct route_end *from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct route_end *e = &from[i];
		int d = direction_of(e->dx, e->dy);
		int cost =
		        cell(r, e->x, e->y) & USED ? -1 : entry(r, e->x + e->dx, e->y + e->dy, d);

		if (cost >= 0)
			relax(r, q, e->x + e->dx, e->y + e->dy, d, cost, -(int)i - 2);
	}
}

/* Which of the ends is reached by a state: the cell beside it, empty, moving towards it. */
static bool is_end(
        const struct route *r, int state, const struct route_end *to, size_t n, size_t *ret)
{
	int d = state % DIRECTIONS, at = state / DIRECTIONS;
	int x = at % r->width, y = at / r->width;

	if (r->cells[at])
		return false;
	for (size_t i = 0; i < n; i++)
		if (to[i].x + to[i].dx == x && to[i].y + to[i].dy == y &&
		        direction_of(-to[i].dx, -to[i].dy) == d &&
		        !(cell(r, to[i].x, to[i].y) & USED)) {
			*ret = i;
			return true;
		}
	return false;
}

static void go_on(struct route *r, struct queue *q, int state)
{
	int d = state % DIRECTIONS, at = state / DIRECTIONS;

	for (int next = 0; next < DIRECTIONS; next++) {
		int x = at % r->width + step_x[next], y = at / r->width + step_y[next], cost;

		if (next == (d + 2) % DIRECTIONS || (next != d && r->cells[at]))
			continue; /* back, or a corner on another line */
		cost = entry(r, x, y, next);
		if (cost >= 0)
			relax(r, q, x, y, next, r->cost[state] + cost + (next != d ? CORNER : 0),
			        state);
	}
}

/* ---- its result ---- */

static bool take(struct route *r, int state, const struct route_end *from,
        struct scene_point points[ROUTE_POINTS], size_t *ret_n)
{
	struct scene_point back[ROUTE_POINTS];
	size_t n = 0;
	int last = -1;

	for (int s = state; s >= 0; s = r->from[s]) {
		int d = s % DIRECTIONS, at = s / DIRECTIONS;

		if (d != last) {
			if (n + 2 > ROUTE_POINTS)
				return false;
			back[n++] = (struct scene_point){at % r->width, at / r->width};
		}
		last = d;
		if (r->from[s] < 0) {
			const struct route_end *e = &from[-r->from[s] - 2];
			back[n++] = (struct scene_point){e->x, e->y};
		}
	}
	for (size_t i = 0; i < n; i++)
		points[i] = back[n - 1 - i];
	*ret_n = n;
	return true;
}

static void occupy(struct route *r, const struct scene_point *points, size_t n)
{
	add(r, points[0].x, points[0].y, USED);
	for (size_t i = 0; i + 1 < n; i++) {
		struct scene_point at = points[i], to = points[i + 1];
		int dx = (to.x > at.x) - (to.x < at.x), dy = (to.y > at.y) - (to.y < at.y);

		while (at.x != to.x || at.y != to.y) {
			if (i || at.x != points[0].x || at.y != points[0].y)
				add(r, at.x, at.y, dx ? ACROSS : DOWN);
			at.x += dx;
			at.y += dy;
		}
		add(r, to.x, to.y, BLOCKED);
	}
}

bool route_find(struct route *r, const struct route_end *from, size_t n_from,
        const struct route_end *to, size_t n_to, struct scene_point points[ROUTE_POINTS],
        size_t *ret_n)
{
	int states = r->width * r->height * DIRECTIONS, cost = 0, state;
	struct arena arena = {0};
	struct queue q = {.room = states * 3 + (int)n_from};
	bool found = false;
	size_t end = 0;

	q.pool = arena_alloc(&arena, (size_t)q.room * sizeof(*q.pool));
	if (!q.pool)
		return false;
	memset(q.heads, -1, sizeof(q.heads));
	for (int i = 0; i < states; i++)
		r->cost[i] = FAR;
	begin(r, &q, from, n_from);
	while (!found && (state = pop(&q, &cost)) >= 0) {
		if (r->cost[state] < cost)
			continue; /* it was reached by less since */
		found = is_end(r, state, to, n_to, &end);
		if (!found)
			go_on(r, &q, state);
	}
	arena_release(&arena);
	if (!found || !take(r, state, from, points, ret_n))
		return false;
	occupy(r, points, *ret_n);
	add(r, to[end].x, to[end].y, USED);
	return true;
}
