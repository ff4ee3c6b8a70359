#include "render/large.h"

int large_rows(int rows)
{
	return rows < LARGE_ROWS_LEAST ? rows : (rows + 1) / 2;
}

/* The head of an arrow stays beside what it points at. */
static void spread_edge(const struct scene_edge *e, struct scene_point *points)
{
	size_t last = e->n_points - 1;
	int dx = points[last].x - points[last - 1].x, dy = points[last].y - points[last - 1].y;

	for (size_t i = 0; i <= last; i++)
		points[i].y *= 2;
	if (e->arrow && !dx && dy)
		points[last].y += dy > 0 ? 1 : -1;
}

/* Row y becomes row 2y, and a border below stays that of the row below. */
void large_spread(struct scene *s, int rows)
{
	if (large_rows(rows) == rows)
		return;
	for (size_t i = 0; i < s->n_boxes; i++) {
		s->boxes[i].y *= 2;
		s->boxes[i].height = 2 * s->boxes[i].height - 1;
	}
	for (size_t i = 0; i < s->n_texts; i++)
		s->texts[i].y *= 2;
	for (size_t i = 0; i < s->n_meters; i++)
		s->meters[i].y *= 2;
	for (size_t i = 0; i < s->n_items; i++)
		s->items[i].y *= 2;
	for (size_t i = 0; i < s->n_spots; i++)
		s->spots[i].y *= 2;
	for (size_t i = 0; i < s->n_edges; i++)
		/* The points are the scene's own: scene_add_edge() has copied them. */
		spread_edge(&s->edges[i], (struct scene_point *)s->edges[i].points);
	s->height = 2 * s->height - 1;
	if (s->height > rows)
		s->height = rows;
}
