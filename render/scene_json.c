/* The scene as JSON: what a picture says, exactly, for programs that compare it with something.
 * Every text names the innermost box that it stands in; those of one row have the same y. */
#include "render/backend.h"
#include "render/glyph.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

static const char *mark_name(enum scene_mark mark)
{
	static const char *const names[] = {
	        [MARK_NONE] = "",
	        [MARK_CHANGED] = "changed",
	        [MARK_GHOST] = "ghost",
	        [MARK_FAILED] = "failed",
	        [MARK_GONE] = "gone",
	};

	return names[mark];
}

/* The innermost box with an id that holds a cell; of those around the box `self`, if one is given.
 * "" = none. */
static const char *box_around(const struct scene *s, int x, int y, const struct scene_box *self)
{
	const struct scene_box *found = NULL;

	for (size_t i = 0; i < s->n_boxes; i++) {
		const struct scene_box *b = &s->boxes[i];
		bool in = x >= b->x && x < b->x + b->width && y >= b->y && y < b->y + b->height;

		if (in && *b->id && (!self || b->depth < self->depth) &&
		        (!found || b->depth > found->depth))
			found = b;
	}
	return found ? found->id : "";
}

static int add_boxes(const struct scene *s, json_t *out)
{
	json_t *list = json_array();
	int r = 0;

	for (size_t i = 0; i < s->n_boxes; i++) {
		const struct scene_box *b = &s->boxes[i];

		r |= json_array_append_new(
		        list, json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:i}", "id", b->id,
		                      "in", box_around(s, b->x, b->y, b), "title", b->title, "mark",
		                      mark_name(b->mark), "x", b->x, "y", b->y, "width", b->width,
		                      "height", b->height));
	}
	return r | json_object_set_new(out, "boxes", list);
}

/* `cut`: it is shown with an ellipsis. */
static int add_texts(const struct scene *s, json_t *out)
{
	json_t *list = json_array();
	int r = 0;

	for (size_t i = 0; i < s->n_texts; i++) {
		const struct scene_text *t = &s->texts[i];
		int room = t->width - (t->mark != MARK_NONE);

		r |= json_array_append_new(
		        list, json_pack("{s:s, s:s, s:s, s:b, s:i, s:i}", "in",
		                      box_around(s, t->x, t->y, NULL), "text", t->text, "mark",
		                      mark_name(t->mark), "cut", text_width(t->text) > room, "x",
		                      t->x, "y", t->y));
	}
	return r | json_object_set_new(out, "texts", list);
}

static int add_meters(const struct scene *s, json_t *out)
{
	json_t *list = json_array();
	int r = 0;

	for (size_t i = 0; i < s->n_meters; i++) {
		const struct scene_meter *m = &s->meters[i];

		r |= json_array_append_new(list,
		        json_pack("{s:s, s:f, s:i, s:i}", "in", box_around(s, m->x, m->y, NULL),
		                "value", m->value, "x", m->x, "y", m->y));
	}
	return r | json_object_set_new(out, "meters", list);
}

static int add_edges(const struct scene *s, json_t *out)
{
	json_t *list = json_array();
	int r = 0;

	for (size_t i = 0; i < s->n_edges; i++) {
		const struct scene_edge *e = &s->edges[i];
		const struct scene_point *from = &e->points[0], *to = &e->points[e->n_points - 1];

		r |= json_array_append_new(list,
		        json_pack("{s:s, s:s, s:[i,i], s:[i,i]}", "label", e->label, "mark",
		                mark_name(e->mark), "from", from->x, from->y, "to", to->x, to->y));
	}
	return r | json_object_set_new(out, "edges", list);
}

int scene_json_write(const struct scene *s, const char *view, const char *subject, struct buf *out)
{
	json_t *all = json_pack("{s:s, s:s, s:i, s:i, s:s, s:s}", "view", view, "subject",
	        subject ? subject : "", "width", s->width, "height", s->height, "title", s->title,
	        "description", s->description);
	char *text = NULL;

	if (all && !add_boxes(s, all) && !add_texts(s, all) && !add_meters(s, all) &&
	        !add_edges(s, all))
		text = json_dumps(all, JSON_INDENT(1));
	json_decref(all);
	if (!text)
		return -ENOMEM;
	buf_add(out, text);
	buf_addc(out, '\n');
	free(text);
	return 0;
}
