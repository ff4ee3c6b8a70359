/* lessons/diagram.json into struct diagram_rules. */
#include "shell/diagram/rules.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "shell/lesson/lesson_find.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>

enum { RULES_LIMIT = 1 << 20, LIST_MOST = 1000, NAME_MOST = 31 };

struct reading {
	struct diagram_rules *rules;
	const char *path;
	struct error *err;
	bool failed;
};

static void complain(struct reading *x, int code, const char *what, const char *name)
{
	x->failed = true;
	error_set(x->err, code, "read the rules of diagrams", x->path, "%s: %s", name, what);
}

static const char *take_text(struct reading *x, const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	const char *copy = arena_strdup(&x->rules->arena, text ? text : "");

	if (copy)
		return copy;
	complain(x, ENOMEM, "no memory", key);
	return "";
}

static const char *take_name(struct reading *x, const json_t *object)
{
	const char *name = take_text(x, object, "name");

	if (!*name || strlen(name) > NAME_MOST ||
	        name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")])
		complain(x, EINVAL, "is no name", *name ? name : "\"\"");
	return name;
}

static struct diagram_words take_words(struct reading *x, const json_t *object, const char *key)
{
	const json_t *list = json_object_get(object, key);
	size_t n = json_array_size(list);
	struct diagram_words words = {
	        arena_alloc(&x->rules->arena, (n + 1) * sizeof(*words.texts)), 0};

	if (n > LIST_MOST)
		complain(x, EINVAL, "is too long", key);
	for (size_t i = 0; words.texts && i < n && !x->failed; i++) {
		const char *text = json_string_value(json_array_get(list, i));
		if (!text)
			complain(x, EINVAL, "should be a list of texts", key);
		else if ((words.texts[i] = arena_strdup(&x->rules->arena, text)))
			words.n++;
	}
	return words;
}

/* An array of `size` for the list `key`, whose length goes to *ret_n. */
static void *take_list(
        struct reading *x, const json_t *root, const char *key, size_t size, size_t *ret_n)
{
	const json_t *list = json_object_get(root, key);
	void *array = NULL;

	if (!json_is_array(list) || json_array_size(list) > LIST_MOST)
		complain(x, EINVAL, "should be a list", key);
	else if (!(array = arena_alloc(&x->rules->arena, (json_array_size(list) + 1) * size)))
		complain(x, ENOMEM, "no memory", key);
	*ret_n = array ? json_array_size(list) : 0;
	return array;
}

static void take_part(struct reading *x, const json_t *json, struct diagram_part_rule *part)
{
	struct diagram_words bands = take_words(x, json, "bands");

	part->name = take_name(x, json);
	part->title = take_text(x, json, "title");
	part->why = take_text(x, json, "why");
	part->hint = take_text(x, json, "hint");
	part->also = take_words(x, json, "also");
	part->comm = take_words(x, json, "comm");
	for (size_t i = 0; i < bands.n; i++) {
		enum diagram_band band;
		if (!diagram_band_find(bands.texts[i], &band)) {
			complain(x, EINVAL, "is no band", bands.texts[i]);
			return;
		}
		if (!part->bands)
			part->band = band;
		part->bands |= 1u << band;
	}
	if (!part->bands || !*part->title)
		complain(x, EINVAL, "needs a title and a band", part->name);
}

static void take_call(struct reading *x, const json_t *json, struct diagram_call *call)
{
	static const char *const kinds[] = {"other", "start", "talk", "kernel", "vague", "parent"};
	const char *kind = take_text(x, json, "kind");
	size_t i = 0;

	call->name = take_name(x, json);
	call->title = take_text(x, json, "title");
	call->also = take_words(x, json, "also");
	while (i < 6 && strcmp(kinds[i], kind))
		i++;
	if (i == 6)
		complain(x, EINVAL, "has a kind that there is not", call->name);
	call->kind = (enum diagram_kind)i;
}

static size_t take_part_name(struct reading *x, const char *name)
{
	ssize_t at = diagram_part_named(x->rules, name);

	if (at < 0)
		complain(x, EINVAL, "there is no such part", name);
	return at < 0 ? 0 : (size_t)at;
}

static uint64_t take_call_name(struct reading *x, const char *name)
{
	for (size_t i = 0; i < x->rules->n_calls; i++)
		if (!strcmp(x->rules->calls[i].name, name))
			return UINT64_C(1) << i;
	complain(x, EINVAL, "there is no such call", name);
	return 0;
}

static void take_arrow(
        struct reading *x, const json_t *json, struct diagram_arrow_rule *arrow, bool wrong)
{
	struct diagram_words calls = take_words(x, json, "calls");
	const char *key = take_text(x, json, "key");

	arrow->from = take_part_name(x, take_text(x, json, "from"));
	arrow->to = take_part_name(x, take_text(x, json, "to"));
	arrow->why = take_text(x, json, "why");
	arrow->hint = take_text(x, json, "hint");
	for (size_t i = 0; i < calls.n && !x->failed; i++)
		arrow->calls |= take_call_name(x, calls.texts[i]);
	if (*key)
		arrow->key = take_call_name(x, key);
	if (!*arrow->why || (!wrong && !arrow->calls))
		complain(x, EINVAL, "an arrow needs calls and a reason", "arrows");
}

static size_t take_pair(struct reading *x, const char *pair)
{
	size_t n = strcspn(pair, " "), from, to;
	char name[NAME_MOST + 1];
	const struct diagram_arrow_rule *arrow;

	snprintf(name, sizeof(name), "%.*s", (int)(n < NAME_MOST ? n : NAME_MOST), pair);
	from = take_part_name(x, name);
	to = take_part_name(x, pair + n + (pair[n] == ' '));
	arrow = diagram_arrow_find(x->rules, from, to);
	if (!arrow)
		complain(x, EINVAL, "there is no such arrow", pair);
	return arrow ? (size_t)(arrow - x->rules->arrows) : 0;
}

static void take_task(struct reading *x, const json_t *json, struct diagram_task *task)
{
	struct arena *a = &x->rules->arena;
	struct diagram_words parts = take_words(x, json, "parts"),
	                     arrows = take_words(x, json, "arrows");
	size_t *part = arena_alloc(a, (parts.n + 1) * sizeof(*part));
	size_t *arrow = arena_alloc(a, (arrows.n + 1) * sizeof(*arrow));

	task->name = take_name(x, json);
	task->title = take_text(x, json, "title");
	task->ask = take_text(x, json, "ask");
	if (!part || !arrow) {
		complain(x, ENOMEM, "no memory", task->name);
		return;
	}
	for (size_t i = 0; i < parts.n && !x->failed; i++)
		part[i] = take_part_name(x, parts.texts[i]);
	for (size_t i = 0; i < arrows.n && !x->failed; i++)
		arrow[i] = take_pair(x, arrows.texts[i]);
	task->parts = part;
	task->n_parts = parts.n;
	task->arrows = arrow;
	task->n_arrows = arrows.n;
}

static void take_all(struct reading *x, const json_t *root)
{
	struct diagram_rules *r = x->rules;
	size_t n = 0;

	r->parts = take_list(x, root, "parts", sizeof(*r->parts), &n);
	for (size_t i = 0; i < n && !x->failed; i++, r->n_parts = i)
		take_part(x, json_array_get(json_object_get(root, "parts"), i), &r->parts[i]);
	r->calls = take_list(x, root, "calls", sizeof(*r->calls), &n);
	if (n > DIAGRAM_CALLS_MOST)
		complain(x, EINVAL, "are too many", "calls");
	for (size_t i = 0; i < n && !x->failed; i++, r->n_calls = i)
		take_call(x, json_array_get(json_object_get(root, "calls"), i), &r->calls[i]);
	r->arrows = take_list(x, root, "arrows", sizeof(*r->arrows), &n);
	for (size_t i = 0; i < n && !x->failed; i++, r->n_arrows = i)
		take_arrow(x, json_array_get(json_object_get(root, "arrows"), i), &r->arrows[i],
		        false);
	r->wrong = take_list(x, root, "wrong", sizeof(*r->wrong), &n);
	for (size_t i = 0; i < n && !x->failed; i++, r->n_wrong = i)
		take_arrow(
		        x, json_array_get(json_object_get(root, "wrong"), i), &r->wrong[i], true);
	r->tasks = take_list(x, root, "tasks", sizeof(*r->tasks), &n);
	for (size_t i = 0; i < n && !x->failed; i++, r->n_tasks = i)
		take_task(x, json_array_get(json_object_get(root, "tasks"), i), &r->tasks[i]);
	if (!x->failed && !r->n_tasks)
		complain(x, EINVAL, "there is none", "tasks");
}

static int read_text(const char *path, struct buf *out, struct error *err)
{
	int r = file_read_at(AT_FDCWD, path, RULES_LIMIT, out);

	return r < 0 ? error_set(err, -r, "read the rules of diagrams", path, NULL) : 0;
}

int diagram_rules_read(const char *path, struct diagram_rules **ret, struct error *err)
{
	struct error own = {0};
	struct reading x = {.err = err ? err : &own};
	auto_free char *lessons = NULL, *whole = NULL;
	auto_buf text = BUF_INIT;
	json_error_t where;
	json_t *root;
	int r = path ? 0 : lesson_directory(&lessons, x.err);

	if (r < 0)
		return r;
	if (!path && asprintf(&whole, "%s/diagram.json", lessons) < 0)
		return error_set(x.err, ENOMEM, "read the rules of diagrams", "", NULL);
	x.path = path ? path : whole;
	if ((r = read_text(x.path, &text, x.err)) < 0)
		return r;
	root = json_loadb(buf_text(&text), text.len, 0, &where);
	if (!json_is_object(root)) {
		json_decref(root);
		return error_set(x.err, EINVAL, "read the rules of diagrams", x.path, "line %d: %s",
		        where.line, where.text);
	}
	x.rules = calloc(1, sizeof(*x.rules));
	if (!x.rules)
		complain(&x, ENOMEM, "no memory", "rules");
	else
		take_all(&x, root);
	json_decref(root);
	if (x.failed) {
		diagram_rules_free(x.rules);
		return -x.err->code;
	}
	*ret = x.rules;
	return 0;
}
