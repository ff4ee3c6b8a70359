#include "shell/lesson/lesson_show.h"

#include "kernel/base/cleanup.h"
#include "shell/lesson/lesson_notes.h"
#include "shell/lesson/markdown.h"
#include "shell/lesson/page_question.h"

#include <errno.h>
#include <string.h>

enum { JSON_WIDTH = 4000 };

/* Markdown as plain lines. */
static int add_markdown(const struct markdown *page, int width, bool ascii, struct buf *out)
{
	struct md_options options = {.width = width, .plain = true, .ascii = ascii};
	struct md_text text;

	if (markdown_layout(page, &options, &text) < 0)
		return -ENOMEM;
	md_text_write(&text, false, out);
	md_text_release(&text);
	return buf_failed(out) ? -ENOMEM : 0;
}

static int add_source(const char *source, int width, bool ascii, struct buf *out)
{
	struct markdown *page;
	int r = markdown_parse(source, &page);

	if (r < 0)
		return r;
	r = add_markdown(page, width, ascii, out);
	markdown_free(page);
	return r;
}

/* ---- text ----------------------------------------------------------------------------------- */

static void add_heading(const char *text, char rule, struct buf *out)
{
	buf_addf(out, "%s\n", text);
	for (size_t i = 0; i < 72; i++)
		buf_addc(out, rule);
	buf_addc(out, '\n');
}

static const char *kind_word(const struct scenario_page *page)
{
	return page->kind == PAGE_INTRO ? "intro" : page->kind == PAGE_FINISH ? "finish" : "step";
}

static void add_scripts(const struct scenario_page *page, struct buf *out)
{
	if (page->background.path)
		buf_addf(out, "(in the background: %s)\n", page->background.path);
	if (page->foreground.path)
		buf_addf(out, "(in the terminal: %s)\n", page->foreground.path);
	if (page->verify.path)
		buf_addf(out, "(checked by %s)\n", page->verify.path);
	if (page->hint.path)
		buf_addf(out, "(a hint is printed by %s)\n", page->hint.path);
}

static int add_page(const struct scenario *s, size_t number, int width, bool ascii, struct buf *out)
{
	const struct scenario_page *page = &s->pages[number];
	int r;

	buf_addf(out, "\nPage %zu of %zu: ", number, s->n_pages - 1);
	add_heading(*page->title ? page->title : kind_word(page), '-', out);
	r = add_markdown(page->parsed, width, ascii, out);
	if (r == 0 && *page->answer) {
		buf_add(out, "\nAnswer:\n");
		r = add_source(page->answer, width, ascii, out);
	}
	if (r == 0 && page->hint_text) {
		buf_add(out, "\nHint:\n");
		r = add_source(page->hint_text, width, ascii, out);
	}
	add_scripts(page, out);
	return r;
}

int lesson_show_text(const struct scenario *s, int width, bool ascii, struct buf *out)
{
	int r = 0;

	add_heading(s->title, '=', out);
	if (*s->description)
		r = add_source(s->description, width, ascii, out);
	buf_addf(out, "%s%s%s%s", s->time, *s->time && *s->difficulty ? ", " : "", s->difficulty,
	        *s->time || *s->difficulty ? "\n" : "");
	for (size_t i = 0; i < s->n_problems; i++)
		buf_addf(out, "Cannot be read: %s: %s\n", s->problems[i].file, s->problems[i].text);
	lesson_notes(s, out);
	for (size_t i = 0; i < s->n_pages && r == 0; i++)
		r = add_page(s, i, width, ascii, out);
	return r < 0 || buf_failed(out) ? -ENOMEM : 0;
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static void set_string(json_t *object, const char *key, const char *text)
{
	if (text)
		json_object_set_new(object, key, json_string(text));
}

static json_t *command_object(const struct md_block *block)
{
	return json_pack("{s:s, s:s, s:i, s:i, s:i, s:b}", "text", block->text, "action",
	        md_kind_word(block->kind), "terminal", block->terminal, "host", block->host, "line",
	        block->line, "fenced", block->fenced);
}

static json_t *question_list(const struct scenario_page *page)
{
	json_t *list = json_array();

	for (size_t i = 0; i < page->n_questions; i++) {
		const struct page_question *q = &page->questions[i];
		json_t *one = json_object(), *choices = json_array();

		for (size_t c = 0; c < q->n_choices; c++)
			json_array_append_new(
			        choices, json_pack("{s:s, s:b}", "text", q->choices[c].text,
			                         "right", q->choices[c].right));
		set_string(one, "question", q->question);
		set_string(one, "answer", q->answer);
		json_object_set_new(one, "choices", choices);
		json_array_append_new(list, one);
	}
	return list;
}

static json_t *page_object(const struct scenario_page *page)
{
	json_t *object = json_object(), *commands = json_array();
	auto_buf text = BUF_INIT;

	if (add_markdown(page->parsed, JSON_WIDTH, false, &text) < 0) {
		json_decref(object);
		json_decref(commands);
		return NULL;
	}
	set_string(object, "kind", kind_word(page));
	set_string(object, "title", page->title);
	set_string(object, "file", page->path);
	set_string(object, "text", buf_text(&text));
	for (size_t i = 0; i < page->n_blocks; i++)
		json_array_append_new(commands, command_object(&page->blocks[i]));
	json_object_set_new(object, "commands", commands);
	json_object_set_new(object, "questions", question_list(page));
	if (*page->answer)
		set_string(object, "answer", page->answer);
	set_string(object, "hint", page->hint_text ? page->hint_text : page->hint.path);
	set_string(object, "verify", page->verify.path);
	set_string(object, "foreground", page->foreground.path);
	set_string(object, "background", page->background.path);
	return object;
}

static json_t *problem_list(const struct scenario *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->n_problems; i++) {
		json_t *one = json_object();

		set_string(one, "file", s->problems[i].file);
		set_string(one, "problem", s->problems[i].text);
		json_array_append_new(list, one);
	}
	return list;
}

static json_t *asset_list(const struct scenario *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->n_assets; i++) {
		json_t *one = json_object();

		set_string(one, "host", s->assets[i].host);
		set_string(one, "file", s->assets[i].file);
		set_string(one, "target", s->assets[i].target);
		set_string(one, "chmod", s->assets[i].mode);
		json_array_append_new(list, one);
	}
	return list;
}

json_t *lesson_show_json(const struct scenario *s)
{
	json_t *object = json_object(), *pages = json_array();
	auto_buf notes = BUF_INIT;

	set_string(object, "folder", s->folder);
	set_string(object, "name", s->name);
	set_string(object, "title", s->title);
	set_string(object, "description", s->description);
	set_string(object, "time", s->time);
	set_string(object, "difficulty", s->difficulty);
	set_string(object, "machine", s->machine);
	lesson_notes(s, &notes);
	set_string(object, "notes", buf_text(&notes));
	json_object_set_new(object, "problems", problem_list(s));
	json_object_set_new(object, "assets", asset_list(s));
	for (size_t i = 0; i < s->n_pages; i++)
		if (json_array_append_new(pages, page_object(&s->pages[i])) < 0) {
			json_decref(pages);
			json_decref(object);
			return NULL;
		}
	json_object_set_new(object, "pages", pages);
	return object;
}
