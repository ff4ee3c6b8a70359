/* The pages of a lesson. Where a file is missing, the page says so and the others are there. */
#include "shell/lesson/scenario_read.h"

#include "kernel/base/cleanup.h"
#include "shell/lesson/clean.h"
#include "shell/lesson/markdown.h"
#include "shell/lesson/md_title.h"
#include "shell/lesson/page_question.h"
#include "shell/lesson/placeholder.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

enum { PAGES_LIMIT = 500 };

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
	        {"coursedata", offsetof(struct scenario_page, background)},
	};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		void *script = (char *)page + keys[i].member;
		int result = reader_script(r, object, keys[i].key, script);
		if (result < 0)
			return result;
	}
	return 0;
}

/* Some write the text itself where the name of its file belongs. */
static bool is_prose(const char *text)
{
	size_t n = strlen(text);

	return strpbrk(text, " \n") && (n < 3 || strcasecmp(text + n - 3, ".md"));
}

/* What a key says: the texts, and the files that they were in. */
struct says {
	struct buf text;
	const char **files; /* relative to the folder; the arena's */
	size_t n_files, room;
	bool any;
};

static int add_file(struct reader *r, const char *file, struct says *to)
{
	if (to->n_files == to->room) {
		size_t room = to->room ? to->room * 2 : 2;
		const char **files = arena_alloc(&r->s->arena, room * sizeof *files);

		if (!files)
			return reader_no_memory(r);
		if (to->n_files)
			memcpy(files, to->files, to->n_files * sizeof *files);
		to->files = files;
		to->room = room;
	}
	to->files[to->n_files++] = file;
	return 0;
}

/* Adds one file, or the text itself. */
static int add_text(struct reader *r, const char *name, struct says *to)
{
	auto_buf text = BUF_INIT, clean = BUF_INIT;
	const char *found = NULL;
	bool read = false;
	int result = reader_text(r, name, is_prose(name), &found, &text, &read);

	if (result == 0 && found)
		result = add_file(r, found, to);
	if (result < 0)
		return result;
	if (to->any)
		buf_add(&to->text, "\n\n");
	to->any = true;
	if (read) {
		buf_add(&to->text, buf_text(&text));
	} else if (is_prose(name)) {
		buf_add(&to->text, name);
	} else {
		clean_text(name, strlen(name), false, &clean);
		buf_addf(&to->text, "**The text of this page cannot be read: `%s`**\n",
		        buf_text(&clean));
	}
	return buf_failed(&to->text) || buf_failed(&text) ? reader_no_memory(r) : 0;
}

/* What a key names as text: a file, several, or an object with one as "text". */
static int add_texts(struct reader *r, const json_t *value, struct says *to)
{
	if (json_is_object(value))
		value = json_object_get(value, "text");
	if (json_is_string(value)) {
		const char *name = json_string_value(value);
		return name[strspn(name, " \n")] ? add_text(r, name, to) : 0;
	}
	for (size_t i = 0; i < json_array_size(value); i++) {
		const json_t *item = json_array_get(value, i);
		int result;

		if (json_is_object(item))
			item = json_object_get(item, "text");
		if (!json_is_string(item))
			continue;
		result = add_text(r, json_string_value(item), to);
		if (result < 0)
			return result;
	}
	if (value && !json_is_array(value) && !json_is_null(value) && !json_is_boolean(value))
		return reader_problem(
		        r, EINVAL, "index.json", "\"text\" is not the name of a file");
	return 0;
}

/* What the page says here: its questions apart, its addresses those of this machine. */
static int localise(struct reader *r, const struct buf *source, struct scenario_page *page)
{
	auto_buf text = BUF_INIT, hidden = BUF_INIT;

	if (placeholder_replace(buf_text(source), &text))
		r->s->moved = true;
	if (page_questions_read(
	            buf_text(&text), &r->s->arena, &page->questions, &page->n_questions) < 0)
		return reader_no_memory(r);
	page_questions_hide(buf_text(&text), &hidden);
	page->markdown = arena_strdup(&r->s->arena, buf_text(&hidden));
	return page->markdown && !buf_failed(&text) && !buf_failed(&hidden) ? 0
	                                                                    : reader_no_memory(r);
}

static int keep(struct reader *r, const struct buf *text, const char **ret)
{
	*ret = arena_strdup(&r->s->arena, buf_text(text));
	return *ret && !buf_failed(text) ? 0 : reader_no_memory(r);
}

/* Who made it, in the words of the lesson, below the text. */
static int add_credits(struct reader *r, const json_t *object, struct buf *out)
{
	const char *credits = NULL;
	int result = reader_string(r, object, "credits", true, &credits);

	if (result == 0 && credits && *credits)
		buf_addf(out, "\n\n%s\n", credits);
	return result;
}

/* The text that a key names, kept. */
static int read_text(struct reader *r, const json_t *value, const char **ret)
{
	struct says says = {0};
	int result = add_texts(r, value, &says);

	if (result == 0)
		result = keep(r, &says.text, ret);
	buf_release(&says.text);
	return result;
}

/* The answer that Katacoda showed on request, and the script that printed a hint. */
static int read_help(struct reader *r, const json_t *object, struct scenario_page *page)
{
	const json_t *answer = json_object_get(object, "answer");
	const char *hint = json_string_value(json_object_get(object, "hint"));
	const char *dot = hint ? strrchr(hint, '.') : NULL;
	int result;

	result = read_text(r, answer ? answer : json_object_get(object, "solution"), &page->answer);
	if (result < 0 || !hint)
		return result;
	if (dot && !strcasecmp(dot, ".sh"))
		return reader_script(r, object, "hint", &page->hint);
	return read_text(r, json_object_get(object, "hint"), &page->hint_text);
}

/* What the page says, and where that stands. */
static int read_body(struct reader *r, const json_t *object, struct scenario_page *page)
{
	struct says says = {0};
	int result = add_texts(r, object, &says);

	if (result == 0)
		result = add_credits(r, object, &says.text);
	if (result == 0)
		result = localise(r, &says.text, page);
	page->files = says.files;
	page->n_files = says.n_files;
	page->path = says.n_files ? says.files[0] : NULL;
	buf_release(&says.text);
	return result;
}

/* One page; a page may be no more than the path of its text. */
static int read_page(
        struct reader *r, const json_t *object, const json_t *ours, struct scenario_page *page)
{
	int result = read_body(r, object, page);

	if (result == 0)
		result = reader_title(r, object, &page->title);
	if (result == 0)
		result = read_scripts(r, object, page);
	if (result == 0)
		result = read_help(r, object, page);
	if (result == 0)
		result = reader_ours(r, ours, page);
	if (result == 0)
		result = reader_ours(r, json_object_get(object, "cutaway"), page);
	return result;
}

/* A title from the first heading of the text, for pages that have none in index.json. */
static const char *title_of(struct reader *r, const struct scenario_page *page)
{
	auto_buf text = BUF_INIT;

	if (page->kind == PAGE_INTRO)
		return r->s->title;
	md_title_of(page->parsed, &text);
	if (!text.len && page->kind == PAGE_FINISH)
		return "The end";
	return buf_failed(&text) ? NULL : arena_strdup(&r->s->arena, buf_text(&text));
}

static int finish_page(struct reader *r, struct scenario_page *page)
{
	if (page->kind == PAGE_INTRO && !page->path && !*page->markdown)
		page->markdown = r->s->description;
	if (markdown_parse(page->markdown, &page->parsed) < 0)
		return reader_no_memory(r);
	if (!page->title || !*page->title)
		page->title = title_of(r, page);
	page->blocks = markdown_blocks(page->parsed, &page->n_blocks);
	return page->title ? 0 : reader_no_memory(r);
}

static const json_t *details_of(const json_t *root)
{
	const json_t *details = json_object_get(root, "details");

	return json_is_array(details) ? json_array_get(details, 0) : details;
}

const json_t *reader_part(const json_t *root, const char *key)
{
	const json_t *found = json_object_get(details_of(root), key);

	return found && !json_is_null(found) ? found : json_object_get(root, key);
}

/* Some give each page, or a list of pages, a name of its own in "details" and have no "steps": in
 * the order of the file. The caller's; NULL when there are none, or memory is out. */
static json_t *named_steps(const json_t *root)
{
	json_t *steps = json_array(), *value, *item;
	const char *key;
	size_t i;

	json_object_foreach ((json_t *)details_of(root), key, value) {
		if (!strcmp(key, "intro") || !strcmp(key, "finish"))
			continue;
		if (json_object_get(value, "text"))
			json_array_append(steps, value);
		json_array_foreach (value, i, item)
			if (json_object_get(item, "text"))
				json_array_append(steps, item);
	}
	if (json_array_size(steps))
		return steps;
	json_decref(steps);
	return NULL;
}

/* How many steps: a list of them, one alone, or an object whose values they are. */
static size_t count_steps(const json_t *steps)
{
	if (json_is_array(steps))
		return json_array_size(steps);
	if (json_is_string(steps) || json_object_get(steps, "text"))
		return 1;
	return json_object_size(steps);
}

static const json_t *step(const json_t *steps, size_t i)
{
	void *at;

	if (json_is_array(steps))
		return json_array_get(steps, i);
	if (json_is_string(steps) || json_object_get(steps, "text"))
		return steps;
	at = json_object_iter((json_t *)steps);
	while (i--)
		at = json_object_iter_next((json_t *)steps, at);
	return json_object_iter_value(at);
}

static int read_pages(struct reader *r, const json_t *root, const json_t *steps)
{
	const json_t *ours = json_object_get(root, "cutaway");
	size_t n = count_steps(steps) + 2;
	int result = 0;

	if (n > PAGES_LIMIT) {
		result = reader_problem(r, EFBIG, "index.json",
		        "there are %zu steps; the first %d are read", n - 2, PAGES_LIMIT - 2);
		n = PAGES_LIMIT;
	}
	if (result == 0 && steps && !json_is_array(steps))
		result = reader_problem(r, EINVAL, "index.json", "\"steps\" is not a list");
	r->s->pages = arena_alloc(&r->s->arena, n * sizeof *r->s->pages);
	if (!r->s->pages)
		return reader_no_memory(r);
	r->s->n_pages = n;
	for (size_t i = 0; i < n && result == 0; i++) {
		struct scenario_page *page = &r->s->pages[i];
		const json_t *object = i == 0       ? reader_part(root, "intro")
		                       : i == n - 1 ? reader_part(root, "finish")
		                                    : step(steps, i - 1);

		page->kind = i == 0 ? PAGE_INTRO : i == n - 1 ? PAGE_FINISH : PAGE_STEP;
		result = read_page(r, object, ours, page);
		if (result == 0)
			result = finish_page(r, page);
	}
	return result;
}

int reader_pages(struct reader *r, const json_t *root)
{
	const json_t *steps = reader_part(root, "steps");
	json_t *named = steps ? NULL : named_steps(root);
	int result = 0;

	if (named)
		result = reader_problem(r, EINVAL, "index.json",
		        "there are no \"steps\"; the pages named in \"details\" are taken for "
		        "them");
	if (result == 0)
		result = read_pages(r, root, named ? named : steps);
	json_decref(named);
	return result;
}
