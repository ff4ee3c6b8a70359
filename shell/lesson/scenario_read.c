#include "shell/lesson/scenario_read.h"

#include "kernel/base/cleanup.h"
#include "shell/lesson/clean.h"
#include "shell/lesson/folder.h"
#include "shell/lesson/md_title.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

enum {
	TEXT_LIMIT = 1 << 20,
	SCRIPT_LIMIT = 120 << 10, /* handed to bash -c as one argument: MAX_ARG_STRLEN, execve(2) */
	PROBLEMS_LIMIT = 1000,
};

int reader_no_memory(struct reader *r)
{
	return error_set(r->err, ENOMEM, "read lesson", r->s->name, NULL);
}

int reader_problem(struct reader *r, int code, const char *file, const char *format, ...)
{
	struct scenario *s = r->s;
	auto_buf text = BUF_INIT, name = BUF_INIT;
	struct scenario_problem *problem;
	va_list args;

	if (s->n_problems == PROBLEMS_LIMIT)
		return 0;
	va_start(args, format);
	buf_addv(&text, format, args);
	va_end(args);
	clean_text(file, strlen(file), false, &name);
	if (s->n_problems == r->problems_room) {
		size_t room = r->problems_room ? r->problems_room * 2 : 8;
		struct scenario_problem *all = arena_alloc(&s->arena, room * sizeof *all);

		if (!all)
			return reader_no_memory(r);
		if (s->n_problems)
			memcpy(all, s->problems, s->n_problems * sizeof *all);
		s->problems = all;
		r->problems_room = room;
	}
	problem = &s->problems[s->n_problems++];
	problem->code = code;
	problem->file = arena_strdup(&s->arena, buf_text(&name));
	problem->text = arena_strdup(&s->arena, buf_text(&text));
	return problem->file && problem->text ? 0 : reader_no_memory(r);
}

/* Notes why a file cannot be read. */
static int cannot_read(struct reader *r, const char *path, const struct error *err)
{
	return err->code == ENOMEM ? reader_no_memory(r)
	                           : reader_problem(r, err->code, path, "%s", err->cause);
}

int reader_text(struct reader *r, const char *path, bool quiet, const char **found, struct buf *out,
        bool *ret_read)
{
	auto_buf real = BUF_INIT;
	struct error err = {0};
	const char *as;

	folder_find(r->fd, path, &real);
	if (folder_read_text(r->fd, buf_text(&real), TEXT_LIMIT, out, &err) < 0)
		return quiet && err.code == ENOENT ? 0 : cannot_read(r, path, &err);
	*ret_read = true;
	as = arena_strdup(&r->s->arena, buf_text(&real));
	if (found)
		*found = as;
	return as ? 0 : reader_no_memory(r);
}

/* A value as text: what people write for it. False for objects. */
static bool add_value(const json_t *value, const char *between, struct buf *out)
{
	if (json_is_string(value))
		buf_add_bytes(out, json_string_value(value), json_string_length(value));
	else if (json_is_integer(value))
		buf_addf(out, "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		buf_addf(out, "%g", json_real_value(value));
	else if (json_is_boolean(value))
		buf_add(out, json_is_true(value) ? "true" : "false");
	else if (!json_is_array(value))
		return json_is_null(value);
	for (size_t i = 0; i < json_array_size(value); i++) {
		const json_t *item = json_array_get(value, i);

		if (json_is_array(item)) /* no deeper */
			return false;
		buf_add(out, i ? between : "");
		if (!add_value(item, between, out))
			return false;
	}
	return true;
}

int reader_string(
        struct reader *r, const json_t *object, const char *key, bool lines, const char **ret)
{
	const json_t *value = json_object_get(object, key);
	auto_buf text = BUF_INIT, clean = BUF_INIT;

	if (!value || json_is_null(value))
		return 0;
	if (!add_value(value, lines ? "\n" : " ", &text))
		return reader_problem(r, EINVAL, "index.json", "\"%s\" is not a text", key);
	clean_text(buf_text(&text), text.len, lines, &clean);
	*ret = arena_strndup(&r->s->arena, buf_text(&clean), clean.len);
	return *ret && !buf_failed(&text) && !buf_failed(&clean) ? 0 : reader_no_memory(r);
}

int reader_title(struct reader *r, const json_t *object, const char **ret)
{
	auto_buf text = BUF_INIT;
	const char *title = NULL;
	int result = reader_string(r, object, "title", false, &title);

	if (result < 0 || !title)
		return result;
	md_title_text(title, &text);
	*ret = text.len ? arena_strdup(&r->s->arena, buf_text(&text)) : title;
	return *ret && !buf_failed(&text) ? 0 : reader_no_memory(r);
}

static int read_script_file(struct reader *r, const char *path, struct scenario_script *ret)
{
	struct scenario_script script = {0};
	auto_buf real = BUF_INIT, text = BUF_INIT;
	struct error err = {0};

	folder_find(r->fd, path, &real);
	if (folder_read(r->fd, buf_text(&real), SCRIPT_LIMIT, &text, &err) < 0)
		return cannot_read(r, path, &err);
	script.path = arena_strdup(&r->s->arena, buf_text(&real));
	script.text = arena_strdup(&r->s->arena, buf_text(&text));
	if (!script.path || !script.text)
		return reader_no_memory(r);
	*ret = script;
	return 0;
}

int reader_script(
        struct reader *r, const json_t *object, const char *key, struct scenario_script *ret)
{
	const json_t *value = json_object_get(object, key);
	const char *path;

	for (size_t i = 1; i < json_array_size(value) && !ret->path; i++) {
		const char *more = json_string_value(json_array_get(value, i));
		int result = reader_problem(r, EINVAL, "index.json",
		        "\"%s\" names several scripts; the first is taken, not %s", key,
		        more ? more : "what follows");
		if (result < 0)
			return result;
	}
	if (json_is_array(value))
		value = json_array_get(value, 0);
	path = json_string_value(value);
	if (ret->path || (path && !path[strspn(path, " ")]) || !value || json_is_null(value) ||
	        json_is_false(value))
		return 0;
	if (!path)
		return reader_problem(
		        r, EINVAL, "index.json", "\"%s\" is not the name of a file", key);
	return read_script_file(r, path, ret);
}

int reader_list(
        struct reader *r, const json_t *object, const char *key, const char ***list, size_t *n)
{
	const json_t *value = json_object_get(object, key);
	size_t more = json_is_array(value) ? json_array_size(value) : json_is_string(value);
	const char **all;

	if (!value || json_is_null(value))
		return 0;
	if (!json_is_array(value) && !json_is_string(value))
		return reader_problem(r, EINVAL, "index.json", "\"%s\" is not a list", key);
	all = arena_alloc(&r->s->arena, (*n + more + 1) * sizeof *all);
	if (!all)
		return reader_no_memory(r);
	if (*n)
		memcpy(all, *list, *n * sizeof *all);
	for (size_t i = 0; i < more; i++) {
		const json_t *item = json_is_array(value) ? json_array_get(value, i) : value;
		const char *text = json_string_value(item);
		auto_buf clean = BUF_INIT;
		int result;

		if (!text) {
			result = reader_problem(
			        r, EINVAL, "index.json", "an item of \"%s\" is not a text", key);
			if (result < 0)
				return result;
			continue;
		}
		clean_text(text, strlen(text), false, &clean);
		all[*n] = arena_strdup(&r->s->arena, buf_text(&clean));
		if (!all[(*n)++])
			return reader_no_memory(r);
	}
	*list = all;
	return 0;
}
