/* Which lesson, which page, and what is kept of that between sessions. */
#include "shell/repl_state.h"

#include "kernel/base/cleanup.h"
#include "shell/lab.h"
#include "shell/lesson/lesson_find.h"
#include "shell/lesson/lesson_notes.h"
#include "shell/lesson/progress.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The lesson that was open last, else the first that can be read. *ret NULL when there is none. */
static int choose(struct repl *r, char **ret, struct error *err)
{
	struct lesson_list list = {0};
	struct error none = {0};
	const char *last = progress_last(r->progress);

	*ret = NULL;
	if (last && !lesson_find(last, ret, &none))
		return 0;
	if (lesson_list_read(&list, &none) < 0)
		return 0; /* no lessons at all: the lab works without one */
	for (size_t i = 0; !*ret && i < list.n; i++)
		if (!list.entries[i].problem && !(*ret = strdup(list.entries[i].folder))) {
			lesson_list_release(&list);
			return error_set(err, ENOMEM, "open", "the first lesson", NULL);
		}
	lesson_list_release(&list);
	return 0;
}

static int number_of(const char *folder)
{
	struct lesson_list list = {0};
	struct error none = {0};
	int number = 0;

	if (lesson_list_read(&list, &none) < 0)
		return 0;
	for (size_t i = 0; i < list.n; i++)
		if (!strcmp(list.entries[i].folder, folder))
			number = (int)list.entries[i].number;
	lesson_list_release(&list);
	return number;
}

/* What of the lesson could not be read; the rest opens all the same. */
static void say_problems(struct repl *r, const struct scenario *lesson)
{
	if (lesson->n_problems)
		repl_say(r, "Not all of this lesson can be read:\n");
	for (size_t i = 0; i < lesson->n_problems; i++)
		repl_say(r, "  %s: %s\n", lesson->problems[i].file, lesson->problems[i].text);
}

int repl_lesson_load(struct repl *r, const char *name, struct error *err)
{
	auto_free char *folder = NULL;
	struct scenario *lesson = NULL;
	struct repl_block *marks;
	int result = 0;

	if (!r->progress && (result = progress_load(&r->progress, &r->said, err)) < 0)
		return result;
	result = name ? lesson_find(name, &folder, err) : choose(r, &folder, err);
	if (result < 0 || !folder)
		return result;
	if ((result = scenario_load(folder, &lesson, err)) < 0)
		return result;
	if ((result = lab_link_lesson(lab_directory(r->options.lab), folder)) < 0) {
		scenario_free(lesson);
		return error_set(err, -result, "make link to lesson", folder, NULL);
	}
	if ((result = repl_page_marks(lesson, &marks)) < 0) {
		scenario_free(lesson);
		return error_set(err, -result, "open lesson", folder, NULL);
	}
	say_problems(r, lesson);
	scenario_free(r->lesson);
	free(r->marks);
	r->lesson = lesson;
	r->marks = r->blocks = marks; /* the first page's are the first */
	r->lesson_number = number_of(folder);
	r->foreign = !r->lesson_number;
	r->set_up = r->allowed = false;
	if (r->foreign)
		lesson_notes(lesson, &r->said);
	r->page = 0;
	return 0;
}

size_t repl_lesson_place(const struct repl *r)
{
	size_t page = r->lesson ? progress_page(r->progress, r->lesson->name) : 0;

	return r->lesson && page < r->lesson->n_pages ? page : 0;
}

void repl_lesson_keep(struct repl *r)
{
	struct error err = {0};

	if (!r->lesson)
		return;
	progress_open(r->progress, r->lesson->name, r->page, r->lesson->n_pages);
	if (r->passed)
		progress_pass(r->progress, r->lesson->name, r->page);
	if (progress_save(r->progress, &err) < 0 && !r->keep_failed) {
		r->keep_failed = true; /* said once: it would be the same each time */
		repl_say_error(r, &err);
	}
}

void repl_lesson_failed(struct repl *r)
{
	progress_fail(r->progress, r->lesson->name, r->page);
}

void repl_lesson_list(struct repl *r)
{
	struct lesson_list list = {0};
	struct error err = {0};

	if (lesson_list_read(&list, &err) < 0) {
		repl_say_error(r, &err);
		return;
	}
	for (size_t i = 0; i < list.n; i++) {
		const struct lesson_entry *e = &list.entries[i];
		bool here = r->lesson && !strcmp(e->name, r->lesson->name);

		repl_say(r, "%c %2zu  %-32s ", here ? '*' : ' ', e->number, e->title);
		if (e->problem)
			repl_say(r, "cannot be read: %s\n", e->problem);
		else
			repl_say(r, "%zu of %zu pages passed, %s\n",
			        progress_count(r->progress, e->name), e->pages, e->time);
	}
	repl_say(r, "'lesson NUMBER' goes to one.\n");
	lesson_list_release(&list);
}

void repl_lesson_progress(struct repl *r)
{
	repl_say(r, "%s\n", r->lesson->title);
	for (size_t i = 0; i < r->lesson->n_pages; i++) {
		const struct scenario_page *page = &r->lesson->pages[i];
		bool passed = progress_passed(r->progress, r->lesson->name, i);

		repl_say(r, "%c %s %2zu  %s\n", i == r->page ? '*' : ' ', passed ? "✓" : " ", i,
		        *page->title               ? page->title
		        : page->kind == PAGE_INTRO ? "Introduction"
		                                   : "End");
	}
}
