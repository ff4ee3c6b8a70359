#include "render/scene.h"

#include "kernel/base/buf.h"
#include "kernel/base/cleanup.h"
#include "render/glyph.h"

#include <string.h>

enum { TEXT_LIMIT = 512 }; /* bytes of one line of text: more never fits a screen */

void scene_init(struct scene *s, int width, int height)
{
	*s = (struct scene){
	        .width = width < 1 ? 1 : width,
	        .height = height < 1 ? 1 : height,
	        .title = "",
	        .description = "",
	};
}

void scene_release(struct scene *s)
{
	arena_release(&s->arena);
	*s = (struct scene){0};
}

/* Room for one more element in an array of the arena: capacities are powers of two, so a full array
 * shows by its count. The old copy stays in the arena until the scene goes. */
static void *grow(struct scene *s, void *array, size_t n, size_t size)
{
	void *wider;

	if (n && (n < 16 || (n & (n - 1))))
		return array;
	wider = arena_alloc(&s->arena, (n ? n * 2 : 16) * size);
	if (!wider)
		s->failed = true;
	else if (n)
		memcpy(wider, array, n * size);
	return wider;
}

void scene_add_box(struct scene *s, const struct scene_box *box)
{
	struct scene_box *boxes;

	if (box->width < 2 || box->height < 2 || box->x < 0 || box->y < 0 ||
	        box->x + box->width > s->width || box->y + box->height > s->height)
		return;
	boxes = grow(s, s->boxes, s->n_boxes, sizeof *boxes);
	if (!boxes)
		return;
	s->boxes = boxes;
	boxes[s->n_boxes] = *box;
	if (!box->title)
		boxes[s->n_boxes].title = "";
	if (!box->id)
		boxes[s->n_boxes].id = "";
	s->n_boxes++;
}

/* Cuts a run of cells in one row to the scene; false when nothing is left. */
static bool cut_row(const struct scene *s, int x, int y, int *width)
{
	if (x < 0 || y < 0 || x >= s->width || y >= s->height)
		return false;
	if (*width > s->width - x)
		*width = s->width - x;
	return *width > 0;
}

void scene_add_text(struct scene *s, const struct scene_text *text)
{
	struct scene_text *texts, cut = *text;

	if (!text->text || (!*text->text && text->mark == MARK_NONE) ||
	        !cut_row(s, cut.x, cut.y, &cut.width))
		return;
	texts = grow(s, s->texts, s->n_texts, sizeof *texts);
	if (!texts)
		return;
	s->texts = texts;
	texts[s->n_texts++] = cut;
}

void scene_add_meter(struct scene *s, const struct scene_meter *meter)
{
	struct scene_meter *meters, cut = *meter;

	if (!cut_row(s, cut.x, cut.y, &cut.width))
		return;
	cut.value = !(cut.value > 0) ? 0 : cut.value > 1 ? 1 : cut.value;
	meters = grow(s, s->meters, s->n_meters, sizeof *meters);
	if (!meters)
		return;
	s->meters = meters;
	meters[s->n_meters++] = cut;
}

void scene_add_edge(struct scene *s, const struct scene_edge *edge)
{
	struct scene_edge *edges;
	struct scene_point *points;

	for (size_t i = 0; i < edge->n_points; i++)
		if (edge->points[i].x < 0 || edge->points[i].y < 0 ||
		        edge->points[i].x >= s->width || edge->points[i].y >= s->height)
			return;
	if (edge->n_points < 2)
		return;
	points = arena_alloc(&s->arena, edge->n_points * sizeof *points);
	edges = grow(s, s->edges, s->n_edges, sizeof *edges);
	if (!points || !edges) {
		s->failed = true;
		return;
	}
	memcpy(points, edge->points, edge->n_points * sizeof *points);
	s->edges = edges;
	edges[s->n_edges] = *edge;
	edges[s->n_edges].points = points;
	if (!edge->label)
		edges[s->n_edges].label = "";
	s->n_edges++;
}

void scene_add_item(struct scene *s, const struct scene_item *item)
{
	struct scene_item *items, cut = *item;

	if (!cut.id || !*cut.id || !cut_row(s, cut.x, cut.y, &cut.width))
		return;
	items = grow(s, s->items, s->n_items, sizeof *items);
	if (!items)
		return;
	s->items = items;
	items[s->n_items++] = cut;
}

void scene_add_spot(struct scene *s, const struct scene_spot *spot)
{
	struct scene_spot *spots, cut = *spot;

	if (!cut_row(s, cut.x, cut.y, &cut.width))
		return;
	spots = grow(s, s->spots, s->n_spots, sizeof *spots);
	if (!spots)
		return;
	s->spots = spots;
	spots[s->n_spots++] = cut;
}

const char *scene_format(struct scene *s, const char *format, ...)
{
	auto_buf text = BUF_INIT;
	const char *kept = NULL;
	va_list args;

	va_start(args, format);
	buf_addv(&text, format, args);
	va_end(args);
	if (!buf_failed(&text))
		kept = arena_strdup(&s->arena, buf_text(&text));
	if (kept)
		return kept;
	s->failed = true;
	return "";
}

const char *scene_clean(struct scene *s, const char *text)
{
	const char *clean = text_clean(&s->arena, text, TEXT_LIMIT);

	if (clean)
		return clean;
	s->failed = true;
	return "";
}

const char *mark_symbol(enum scene_mark mark)
{
	switch (mark) {
	case MARK_CHANGED:
		return "◆";
	case MARK_GHOST:
		return "◇";
	case MARK_FAILED:
		return "✗";
	case MARK_GONE:
		return "×";
	case MARK_NONE:
		break;
	}
	return " ";
}
