#include "shell/lesson/scenario.h"

#include "kernel/base/cleanup.h"
#include "shell/lesson/clean.h"
#include "shell/lesson/folder.h"
#include "shell/lesson/markdown.h"
#include "shell/lesson/scenario_json.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum {
	INDEX_LIMIT = 4 << 20,
	TEXT_LIMIT = 1 << 20,
	SCRIPT_LIMIT = 120 << 10, /* handed to bash -c as one argument: MAX_ARG_STRLEN, execve(2) */
	PAGES_LIMIT = 500,
};

/* What reading a scenario needs at every depth. */
struct reader {
	struct scenario *s;
	int fd; /* the folder */
	struct error *err;
};

static int no_memory(struct reader *r)
{
	return error_set(r->err, ENOMEM, "read lesson", r->s->name, NULL);
}

/* A file of the folder as text in the arena; the error names it with the folder. */
static int read_file(struct reader *r, const char *path, size_t limit, const char **ret)
{
	auto_buf text = BUF_INIT;
	auto_free char *whole = NULL;
	struct error err = {0};
	int result = folder_read(r->fd, path, limit, &text, &err);

	if (result < 0) {
		if (asprintf(&whole, "%s/%s", r->s->folder, path) < 0)
			whole = NULL;
		error_set(r->err, err.code, err.operation, whole ? whole : path, "%s", err.cause);
		if (err.advice[0])
			error_advise(r->err, "%s", err.advice);
		return result;
	}
	*ret = arena_strdup(&r->s->arena, buf_text(&text));
	return *ret ? 0 : no_memory(r);
}

/* A key of an object as clean text of one line; numbers count as text, since people write them for
 * times. NULL when the key is not there. */
static int read_string(
        struct reader *r, const json_t *object, const char *key, bool lines, const char **ret)
{
	const json_t *value = json_object_get(object, key);
	auto_buf text = BUF_INIT;

	if (!value || json_is_null(value))
		return 0;
	if (json_is_integer(value))
		buf_addf(&text, "%lld", (long long)json_integer_value(value));
	else if (json_is_string(value))
		clean_text(json_string_value(value), json_string_length(value), lines, &text);
	else
		return error_set(
		        r->err, EINVAL, "read lesson", r->s->folder, "\"%s\" is not a text", key);
	*ret = arena_strndup(&r->s->arena, buf_text(&text), text.len);
	return *ret && !buf_failed(&text) ? 0 : no_memory(r);
}

static int read_script(
        struct reader *r, const json_t *object, const char *key, struct scenario_script *ret)
{
	struct scenario_script script = {0};
	int result = read_string(r, object, key, false, &script.path);

	if (result < 0 || !script.path || !*script.path || ret->path)
		return result;
	result = read_file(r, script.path, SCRIPT_LIMIT, &script.text);
	if (result == 0)
		*ret = script;
	return result;
}

/* An array of strings (or one string alone) appended to *list. */
static int read_list(
        struct reader *r, const json_t *object, const char *key, const char ***list, size_t *n)
{
	const json_t *value = json_object_get(object, key);
	size_t more = json_is_array(value) ? json_array_size(value) : json_is_string(value);
	const char **all;

	if (!value || json_is_null(value))
		return 0;
	if (!json_is_array(value) && !json_is_string(value))
		return error_set(
		        r->err, EINVAL, "read lesson", r->s->folder, "\"%s\" is not a list", key);
	all = arena_alloc(&r->s->arena, (*n + more + 1) * sizeof *all);
	if (!all)
		return no_memory(r);
	if (*n)
		memcpy(all, *list, *n * sizeof *all);
	for (size_t i = 0; i < more; i++) {
		const json_t *item = json_is_array(value) ? json_array_get(value, i) : value;
		const char *text = json_string_value(item);
		auto_buf clean = BUF_INIT;

		if (!text)
			return error_set(r->err, EINVAL, "read lesson", r->s->folder,
			        "an item of \"%s\" is not a text", key);
		clean_text(text, strlen(text), false, &clean);
		all[*n + i] = arena_strdup(&r->s->arena, buf_text(&clean));
		if (!all[*n + i])
			return no_memory(r);
	}
	*list = all;
	*n += more;
	return 0;
}

static int read_predict(struct reader *r, const json_t *predict, struct scenario_predict *ret)
{
	const json_t *answer = json_object_get(predict, "answer");
	int result = read_string(r, predict, "question", false, &ret->question);

	if (result == 0)
		result = read_string(r, predict, "because", false, &ret->because);
	if (result == 0)
		result = read_list(r, predict, "choices", &ret->choices, &ret->n_choices);
	if (result < 0)
		return result;
	ret->answer = (int)json_integer_value(answer);
	/* A question that cannot be answered is not asked; lint says why. */
	if (!json_is_integer(answer) || json_integer_value(answer) < 0 ||
	        (size_t)json_integer_value(answer) >= ret->n_choices)
		*ret = (struct scenario_predict){0};
	return 0;
}

static int read_hints(struct reader *r, const json_t *hints, struct scenario_page *page)
{
	size_t n = json_array_size(hints);

	page->hints = arena_alloc(&r->s->arena, (n + 1) * sizeof *page->hints);
	if (!page->hints)
		return no_memory(r);
	for (size_t i = 0; i < n; i++) {
		const json_t *item = json_array_get(hints, i);
		struct scenario_hint *hint = &page->hints[page->n_hints];
		int result = read_string(r, item, "when", false, &hint->when);

		if (result == 0 && json_is_string(item)) /* "hints": ["text"] */
			hint->text = arena_strdup(&r->s->arena, json_string_value(item));
		else if (result == 0)
			result = read_string(r, item, "text", false, &hint->text);
		if (result == 0)
			result = read_string(r, item, "try", true, &hint->try);
		if (result == 0)
			result = read_string(r, item, "undo", true, &hint->undo);
		if (result < 0)
			return result;
		if (hint->text)
			page->n_hints++;
	}
	return 0;
}

/* "view": "container hand" names view and subject in one. */
static void split_view(struct scenario_page *page, struct arena *arena)
{
	const char *space = page->view ? strchr(page->view, ' ') : NULL;

	if (!space)
		return;
	if (!page->subject)
		page->subject = space + 1 + strspn(space, " ") - 1;
	page->view = arena_strndup(arena, page->view, (size_t)(space - page->view));
}

/* Our own key, of the lesson (for every page) or of one page. */
static int read_ours(struct reader *r, const json_t *ours, struct scenario_page *page)
{
	int result = read_string(r, ours, "view", false, &page->view);

	if (result == 0)
		result = read_string(r, ours, "subject", false, &page->subject);
	if (result == 0)
		result = read_list(r, ours, "needs", &page->needs, &page->n_needs);
	if (result == 0)
		result = read_predict(r, json_object_get(ours, "predict"), &page->predict);
	if (result == 0)
		result = read_hints(r, json_object_get(ours, "hints"), page);
	if (result == 0)
		result = read_script(r, ours, "solution", &page->solution);
	split_view(page, &r->s->arena);
	return result;
}

static int read_scripts(struct reader *r, const json_t *object, struct scenario_page *page)
{
	/* Katacoda's older names stand for the same two things. */
	static const struct {
		const char *key;
		size_t member;
	} keys[] = {
	        {"verify", offsetof(struct scenario_page, verify)},
	        {"foreground", offsetof(struct scenario_page, foreground)},
	        {"code", offsetof(struct scenario_page, foreground)},
	        {"background", offsetof(struct scenario_page, background)},
	        {"courseData", offsetof(struct scenario_page, background)},
	};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		void *script = (char *)page + keys[i].member;
		int result = read_script(r, object, keys[i].key, script);
		if (result < 0)
			return result;
	}
	return 0;
}

/* One page; a page may be no more than the path of its text. */
static int read_page(
        struct reader *r, const json_t *object, const json_t *ours, struct scenario_page *page)
{
	int result = 0;

	page->markdown = "";
	if (json_is_string(object))
		page->path = arena_strdup(&r->s->arena, json_string_value(object));
	else
		result = read_string(r, object, "text", false, &page->path);
	if (result == 0)
		result = read_string(r, object, "title", false, &page->title);
	if (result == 0 && page->path)
		result = read_file(r, page->path, TEXT_LIMIT, &page->markdown);
	if (result == 0)
		result = read_scripts(r, object, page);
	if (result == 0)
		result = read_ours(r, ours, page);
	if (result == 0)
		result = read_ours(r, json_object_get(object, "cutaway"), page);
	return result;
}

/* A title from the first heading of the text, for pages that have none in index.json. */
static const char *title_of(struct reader *r, const struct scenario_page *page)
{
	const char *text = page->markdown + strspn(page->markdown, " \n"), *end;
	auto_buf clean = BUF_INIT;

	if (page->kind == PAGE_INTRO)
		return r->s->title;
	if (*text != '#')
		return page->kind == PAGE_FINISH ? "The end" : "";
	text += strspn(text, "# ");
	end = strchrnul(text, '\n');
	clean_text(text, (size_t)(end - text), false, &clean);
	return arena_strdup(&r->s->arena, buf_text(&clean));
}

static int finish_page(struct reader *r, struct scenario_page *page)
{
	if (!page->title || !*page->title)
		page->title = title_of(r, page);
	if (page->kind == PAGE_INTRO && !page->path)
		page->markdown = r->s->description;
	if (!page->title || markdown_parse(page->markdown, &page->parsed) < 0)
		return no_memory(r);
	page->blocks = markdown_blocks(page->parsed, &page->n_blocks);
	return 0;
}

static int read_pages(struct reader *r, const json_t *root)
{
	const json_t *details = json_object_get(root, "details"), *steps;
	const json_t *ours = json_object_get(root, "cutaway");
	size_t n;

	if (!details) /* older ones have no such level */
		details = root;
	steps = json_object_get(details, "steps");
	n = json_array_size(steps) + 2;
	if ((steps && !json_is_array(steps)) || n > PAGES_LIMIT)
		return error_set(r->err, EINVAL, "read lesson", r->s->folder,
		        "\"steps\" is not a list of at most %d pages", PAGES_LIMIT - 2);
	r->s->pages = arena_alloc(&r->s->arena, n * sizeof *r->s->pages);
	if (!r->s->pages)
		return no_memory(r);
	r->s->n_pages = n;
	for (size_t i = 0; i < n; i++) {
		struct scenario_page *page = &r->s->pages[i];
		const json_t *object = i == 0       ? json_object_get(details, "intro")
		                       : i == n - 1 ? json_object_get(details, "finish")
		                                    : json_array_get(steps, i - 1);
		int result;

		page->kind = i == 0 ? PAGE_INTRO : i == n - 1 ? PAGE_FINISH : PAGE_STEP;
		result = read_page(r, object, ours, page);
		if (result == 0)
			result = finish_page(r, page);
		if (result < 0)
			return result;
	}
	return 0;
}

/* details.assets: {"host01": [{"file": …, "target": …, "chmod": …}]} */
static int read_assets(struct reader *r, const json_t *root)
{
	const json_t *hosts = json_object_get(json_object_get(root, "details"), "assets"), *list;
	const char *host;
	size_t n = 0;

	json_object_foreach ((json_t *)hosts, host, list) {
		n += json_array_size(list);
	}
	r->s->assets = arena_alloc(&r->s->arena, (n + 1) * sizeof *r->s->assets);
	if (!r->s->assets)
		return no_memory(r);
	json_object_foreach ((json_t *)hosts, host, list) {
		for (size_t i = 0; i < json_array_size(list); i++) {
			struct scenario_asset *asset = &r->s->assets[r->s->n_assets];
			const json_t *item = json_array_get(list, i);
			int result = read_string(r, item, "file", false, &asset->file);

			if (result == 0)
				result = read_string(r, item, "target", false, &asset->target);
			if (result == 0)
				result = read_string(r, item, "chmod", false, &asset->mode);
			if (result < 0)
				return result;
			if (asset->file)
				r->s->n_assets++;
		}
	}
	return 0;
}

static int read_scenario(struct reader *r, const json_t *root)
{
	struct scenario *s = r->s;
	int result = read_string(r, root, "title", false, &s->title);

	if (result == 0)
		result = read_string(r, root, "description", true, &s->description);
	if (result == 0)
		result = read_string(r, root, "time", false, &s->time);
	if (result == 0)
		result = read_string(r, root, "difficulty", false, &s->difficulty);
	if (result < 0)
		return result;
	s->title = s->title && *s->title ? s->title : s->name;
	s->description = s->description ? s->description : "";
	s->time = s->time ? s->time : "";
	s->difficulty = s->difficulty ? s->difficulty : "";
	result = read_assets(r, root);
	return result < 0 ? result : read_pages(r, root);
}

int scenario_load(const char *folder, struct scenario **ret, struct error *err)
{
	auto_free char *absolute = realpath(folder, NULL);
	auto_free struct scenario *s = calloc(1, sizeof *s);
	auto_close fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct reader r = {.s = s, .fd = fd, .err = err};
	json_t *root = NULL;
	int result;

	if (fd < 0 || !absolute)
		return error_set(err, errno, "open lesson folder", folder, NULL);
	if (!s)
		return error_set(err, ENOMEM, "read lesson", folder, NULL);
	s->folder = arena_strdup(&s->arena, absolute);
	if (!s->folder) {
		result = no_memory(&r);
	} else {
		s->name = strrchr(s->folder, '/') + 1;
		result = scenario_json_read(fd, s->folder, "index.json", INDEX_LIMIT, &root, err);
	}
	if (result == 0)
		result = read_scenario(&r, root);
	json_decref(root);
	if (result < 0) {
		scenario_free(steal_ptr(s));
		return result;
	}
	*ret = steal_ptr(s);
	return 0;
}

void scenario_free(struct scenario *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_pages; i++)
		markdown_free(s->pages[i].parsed);
	arena_release(&s->arena);
	free(s);
}
