/* lab.json, written and read. */
#include "shell/lab_state.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>

static const char state_file[] = "lab.json";

enum {
	STATE_VERSION = 1,
	STATE_LIMIT = 4 << 20, /* bytes: a page of text is bounded by the lesson reader */
	STATE_ITEMS = 4096,    /* commands or conditions of one page */
};

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

/* A string for JSON, which takes valid UTF-8 only: other bytes are left out. */
static json_t *text_to_json(const char *text)
{
	json_t *value = json_string(or_empty(text));
	auto_buf ascii = BUF_INIT;

	if (value)
		return value;
	for (const char *p = text; *p; p++)
		if (!(*p & 0x80))
			buf_addc(&ascii, *p);
	return json_string(buf_text(&ascii));
}

static json_t *done_to_json(const struct lab_state *state)
{
	json_t *list = json_array();

	for (size_t i = 0; i < state->n_done; i++)
		json_array_append_new(list, json_boolean(state->done[i]));
	return list;
}

static json_t *unmet_to_json(const struct lab_state *state)
{
	json_t *list = json_array();

	for (size_t i = 0; i < state->n_unmet; i++)
		json_array_append_new(list,
		        json_pack("{s:o, s:o, s:o}", "fact", text_to_json(state->unmet[i].fact),
		                "wanted", text_to_json(state->unmet[i].wanted), "text",
		                text_to_json(state->unmet[i].text)));
	return list;
}

static json_t *state_to_json(const struct lab_state *s)
{
	return json_pack("{s:i, s:i, s:I, s:o, s:o, s:i, s:i, s:i, s:o, s:o, s:o, s:b, s:b, s:o, "
	                 "s:o, s:o, s:o, s:I, s:I}",
	        "version", STATE_VERSION, "shell_pid", (int)s->shell_pid, "shell_start",
	        (json_int_t)s->shell_start, "lesson", text_to_json(s->lesson), "lesson_title",
	        text_to_json(s->lesson_title), "lesson_number", s->lesson_number, "step", s->step,
	        "steps", s->steps, "step_title", text_to_json(s->step_title), "markdown",
	        text_to_json(s->markdown), "done", done_to_json(s), "checked", s->checked, "passed",
	        s->passed, "unmet", unmet_to_json(s), "view", text_to_json(s->view), "subject",
	        text_to_json(s->subject), "message", text_to_json(s->message), "serial",
	        (json_int_t)s->serial, "step_serial", (json_int_t)s->step_serial);
}

int lab_state_write(int dirfd, const struct lab_state *state, struct error *err)
{
	json_t *json = state_to_json(state);
	auto_free char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	int r;

	json_decref(json);
	if (!text)
		return error_set(err, ENOMEM, "write", state_file, NULL);
	r = file_replace_at(dirfd, state_file, text, strlen(text), 0600);
	return r < 0 ? error_set(err, -r, "write", state_file, NULL) : 0;
}

/* Copies into the arena; what is no string counts as empty. Memory that ran out shows as NULL and
 * is looked for once, at the end. */
static const char *take_text(struct arena *a, const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return arena_strdup(a, or_empty(text));
}

static int take_int(const json_t *object, const char *key, int limit)
{
	json_int_t value = json_integer_value(json_object_get(object, key));

	return value < 0 || value > limit ? 0 : (int)value;
}

static uint64_t take_count(const json_t *object, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(object, key));

	return value < 0 ? 0 : (uint64_t)value;
}

static int take_done(struct lab_state *s, const json_t *list)
{
	size_t n = json_array_size(list);
	bool *done;

	if (n > STATE_ITEMS)
		n = STATE_ITEMS;
	if (!(done = arena_alloc(&s->arena, (n + 1) * sizeof(*done))))
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		done[i] = json_is_true(json_array_get(list, i));
	s->done = done;
	s->n_done = n;
	return 0;
}

static int take_unmet(struct lab_state *s, const json_t *list)
{
	size_t n = json_array_size(list);
	struct lab_unmet *unmet;

	if (n > STATE_ITEMS)
		n = STATE_ITEMS;
	if (!(unmet = arena_alloc(&s->arena, (n + 1) * sizeof(*unmet))))
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const json_t *item = json_array_get(list, i);

		unmet[i].fact = take_text(&s->arena, item, "fact");
		unmet[i].wanted = take_text(&s->arena, item, "wanted");
		unmet[i].text = take_text(&s->arena, item, "text");
		if (!unmet[i].fact || !unmet[i].wanted || !unmet[i].text)
			return -ENOMEM;
	}
	s->unmet = unmet;
	s->n_unmet = n;
	return 0;
}

static int state_from_json(struct lab_state *s, const json_t *json)
{
	struct arena *a = &s->arena;

	s->shell_pid = take_int(json, "shell_pid", INT32_MAX);
	s->shell_start = take_count(json, "shell_start");
	s->lesson = take_text(a, json, "lesson");
	s->lesson_title = take_text(a, json, "lesson_title");
	s->lesson_number = take_int(json, "lesson_number", STATE_ITEMS);
	s->step = take_int(json, "step", STATE_ITEMS);
	s->steps = take_int(json, "steps", STATE_ITEMS);
	s->step_title = take_text(a, json, "step_title");
	s->markdown = take_text(a, json, "markdown");
	s->checked = json_is_true(json_object_get(json, "checked"));
	s->passed = json_is_true(json_object_get(json, "passed"));
	s->view = take_text(a, json, "view");
	s->subject = take_text(a, json, "subject");
	s->message = take_text(a, json, "message");
	s->serial = take_count(json, "serial");
	s->step_serial = take_count(json, "step_serial");
	if (!s->lesson || !s->lesson_title || !s->step_title || !s->markdown || !s->view ||
	        !s->subject || !s->message)
		return -ENOMEM;
	if (take_done(s, json_object_get(json, "done")) < 0)
		return -ENOMEM;
	return take_unmet(s, json_object_get(json, "unmet"));
}

int lab_state_read(int dirfd, struct lab_state *ret, struct error *err)
{
	/* Root may look into the directory of somebody else, who could put anything there. */
	auto_close fd = openat(dirfd, state_file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct lab_state s = {0};
	json_error_t where;
	struct stat st;
	json_t *json;
	int r = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set(err, errno, "read", state_file, NULL);
	if (!S_ISREG(st.st_mode) || st.st_size > STATE_LIMIT)
		return error_set(err, EINVAL, "read", state_file, "no lab state");
	if (!(json = json_loadfd(fd, 0, &where)))
		return error_set(err, EINVAL, "read", state_file, "line %d, column %d: %s",
		        where.line, where.column, where.text);
	if (take_int(json, "version", INT32_MAX) != STATE_VERSION)
		r = error_set(err, EINVAL, "read", state_file, "no lab state of version %d",
		        STATE_VERSION);
	else if ((r = state_from_json(&s, json)) < 0)
		error_set(err, -r, "read", state_file, NULL);
	json_decref(json);
	if (r < 0)
		arena_release(&s.arena);
	else
		*ret = s;
	return r;
}

void lab_state_release(struct lab_state *state)
{
	arena_release(&state->arena);
	*state = (struct lab_state){0};
}
