/* A diagram as JSON. What is read may be anybody's: it is put together by the same changes that a
 * person makes, so that nothing gets in which they could not have drawn. */
#include "shell/diagram/sketch.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/json_text.h"
#include "shell/diagram/rules.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char *const band_names[BAND_COUNT] = {"you", "remote", "user", "kernel"};

static const char *text_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);

	/* A string with a zero byte in it is none of ours. */
	return text && strlen(text) == json_string_length(value) ? text : NULL;
}

static int fail(struct error *err, const char *what, const char *name)
{
	return error_set(err, EINVAL, "read diagram", name ? name : "", "%s", what);
}

static int take_part(struct sketch *d, const json_t *json, struct error *err)
{
	const char *name = text_of(json, "part"), *band = text_of(json, "band");
	enum diagram_band where;

	if (!name || sketch_find_part(d, name) >= 0)
		return fail(err, "a part without a name, or there twice", name);
	if (!band || !diagram_band_find(band, &where))
		return fail(err, "it is in no band that there is", name);
	if (sketch_place(d, name, where) < 0)
		return fail(err, "this part cannot be placed", name);
	d->now.parts[d->now.n_parts - 1].graded = json_is_true(json_object_get(json, "graded"));
	return 0;
}

static int take_arrow(struct sketch *d, const json_t *json, struct error *err)
{
	const char *from = text_of(json, "from"), *to = text_of(json, "to"),
	           *label = text_of(json, "label");

	if (!from || !to || !label || sketch_find_arrow(d, from, to) >= 0)
		return fail(err, "an arrow without ends or label, or there twice", from);
	if (sketch_connect(d, from, to, label) < 0)
		return fail(err, "this arrow cannot be drawn", from);
	d->now.arrows[d->now.n_arrows - 1].graded = json_is_true(json_object_get(json, "graded"));
	return 0;
}

/* Its own undo is of no use. */
static int take_state(const json_t *json, struct sketch_state *ret, struct error *err)
{
	const json_t *parts = json_object_get(json, "parts"),
	             *arrows = json_object_get(json, "arrows");
	struct sketch d;
	int r = 0;

	sketch_init(&d, "");
	if (!json_is_array(parts) || !json_is_array(arrows))
		r = fail(err, "its parts and arrows should be lists", NULL);
	for (size_t i = 0; r == 0 && i < json_array_size(parts); i++)
		r = take_part(&d, json_array_get(parts, i), err);
	for (size_t i = 0; r == 0 && i < json_array_size(arrows); i++)
		r = take_arrow(&d, json_array_get(arrows, i), err);
	if (r == 0) {
		*ret = d.now;
		d.now = (struct sketch_state){0};
	}
	sketch_release(&d);
	return r;
}

static int take_stack(const json_t *list, struct sketch_state *stack, size_t *n, struct error *err)
{
	int r = 0;

	if (json_array_size(list) > SKETCH_UNDO)
		return fail(err, "it can be undone too often", NULL);
	for (size_t i = 0; r == 0 && i < json_array_size(list); i++) {
		r = take_state(json_array_get(list, i), &stack[*n], err);
		*n += r == 0;
	}
	return r;
}

/* Takes `root`. */
static int parse_root(json_t *root, const json_error_t *where, bool picture, struct sketch *ret,
        struct error *err)
{
	const char *task = text_of(root, "task");
	struct sketch d;
	int r;

	if (!json_is_object(root) || json_integer_value(json_object_get(root, "version")) != 1) {
		r = error_set(err, EINVAL, "read diagram", "", "%s",
		        root ? "it is no diagram of version 1" : where->text);
		json_decref(root);
		return r;
	}
	sketch_init(&d, task && strlen(task) < SKETCH_NAME ? task : "");
	r = take_state(root, &d.now, err);
	if (r == 0)
		r = take_stack(json_object_get(root, "undo"), d.undo, &d.n_undo, err);
	if (r == 0)
		r = take_stack(json_object_get(root, "redo"), d.redo, &d.n_redo, err);
	json_decref(root);
	d.picture = picture;
	if (r < 0)
		sketch_release(&d);
	else
		*ret = d;
	return r;
}

/* Around the diagram in an SVG. */
static const char svg_begin[] = "<metadata id=\"cutaway-diagram\">", svg_end[] = "</metadata>";

/* What of the text is the diagram; of an SVG that has none, nothing is. */
static const char *find_diagram(const char *text, size_t *n)
{
	const char *begin = memmem(text, *n, svg_begin, sizeof svg_begin - 1), *end;

	if (!begin)
		return NULL;
	begin += sizeof svg_begin - 1;
	end = memmem(begin, *n - (size_t)(begin - text), svg_end, sizeof svg_end - 1);
	*n = end ? (size_t)(end - begin) : 0;
	return begin;
}

int sketch_parse(const char *text, size_t n, struct sketch *ret, struct error *err)
{
	bool picture = n && *text == '<';
	json_error_t where;
	json_t *root;

	if (picture && !(text = find_diagram(text, &n)))
		return error_set(err, EINVAL, "read diagram", "",
		        "no diagram is in this picture, as 'cutaway diagram save' puts it there");
	root = json_loadb(text, n, 0, &where);
	return parse_root(root, &where, picture, ret, err);
}
/* ---- printing ---- */

static json_t *state_to_json(const struct sketch_state *s)
{
	json_t *parts = json_array(), *arrows = json_array();

	for (size_t i = 0; i < s->n_parts; i++)
		json_array_append_new(
		        parts, json_pack("{s:s, s:s, s:b}", "part", s->parts[i].name, "band",
		                       band_names[s->parts[i].band], "graded", s->parts[i].graded));
	for (size_t i = 0; i < s->n_arrows; i++)
		json_array_append_new(
		        arrows, json_pack("{s:s, s:s, s:s, s:b}", "from", s->arrows[i].from, "to",
		                        s->arrows[i].to, "label", s->arrows[i].label, "graded",
		                        s->arrows[i].graded));
	return json_pack("{s:o, s:o}", "parts", parts, "arrows", arrows);
}

static json_t *stack_to_json(const struct sketch_state *stack, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, state_to_json(&stack[i]));
	return list;
}

int sketch_print(const struct sketch *d, struct buf *out)
{
	json_t *root = state_to_json(&d->now);

	if (root && !json_object_set_new(root, "version", json_integer(1)) &&
	        !json_object_set_new(root, "task", json_string(d->task)) &&
	        !json_object_set_new(root, "undo", stack_to_json(d->undo, d->n_undo)) &&
	        !json_object_set_new(root, "redo", stack_to_json(d->redo, d->n_redo)))
		return json_text_add(root, JSON_INDENT(1) | JSON_SORT_KEYS, out);
	json_decref(root);
	return -ENOMEM;
}

/* In JSON these three stand in texts only, where they may be written by number: so XML has nothing
 * to take for its own. */
static void add_for_xml(const char *json, struct buf *out)
{
	for (; *json; json++)
		if (strchr("<>&", *json))
			buf_addf(out, "\\u%04x", (unsigned char)*json);
		else
			buf_addc(out, *json);
}

int sketch_print_svg(const struct sketch *d, const char *svg, struct buf *out)
{
	const char *end = strstr(svg, "</svg>");
	struct sketch bare = *d;
	auto_buf json = BUF_INIT;
	int r;

	if (!end)
		return -EINVAL;
	bare.n_undo = bare.n_redo = 0;
	if ((r = sketch_print(&bare, &json)) < 0)
		return r;
	buf_add_bytes(out, svg, (size_t)(end - svg));
	buf_add(out, svg_begin);
	add_for_xml(buf_text(&json), out);
	buf_addf(out, "%s\n%s", svg_end, end);
	return buf_failed(out) ? -ENOMEM : 0;
}
