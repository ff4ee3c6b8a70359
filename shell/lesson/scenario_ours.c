/* Our own key in the index.json of a lesson: what the page shows, asks, hints at. */
#include "shell/lesson/scenario_read.h"

#include "kernel/base/cleanup.h"
#include "shell/lesson/choice_order.h"
#include "shell/lesson/clean.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int read_predict(struct reader *r, const json_t *predict, struct scenario_predict *ret)
{
	const json_t *answer = json_object_get(predict, "answer");
	int result = reader_string(r, predict, "question", false, &ret->question);

	if (result == 0)
		result = reader_string(r, predict, "because", false, &ret->because);
	if (result == 0)
		result = reader_list(r, predict, "choices", &ret->choices, &ret->n_choices);
	if (result < 0)
		return result;
	ret->answer = (int)json_integer_value(answer);
	/* A question that cannot be answered is not asked; lint says why. */
	if (!json_is_integer(answer) || json_integer_value(answer) < 0 ||
	        (size_t)json_integer_value(answer) >= ret->n_choices)
		*ret = (struct scenario_predict){0};
	else
		ret->answer = choice_order_texts(
		        ret->question, ret->choices, ret->n_choices, ret->answer);
	return 0;
}

static int read_hints(struct reader *r, const json_t *hints, struct scenario_page *page)
{
	size_t n = json_array_size(hints);

	page->hints = arena_alloc(&r->s->arena, (n + 1) * sizeof *page->hints);
	if (!page->hints)
		return reader_no_memory(r);
	for (size_t i = 0; i < n; i++) {
		const json_t *item = json_array_get(hints, i);
		struct scenario_hint *hint = &page->hints[page->n_hints];
		int result = reader_string(r, item, "when", false, &hint->when);

		if (result == 0 && json_is_string(item)) { /* "hints": ["text"] */
			auto_buf clean = BUF_INIT;
			clean_text(
			        json_string_value(item), json_string_length(item), false, &clean);
			hint->text = arena_strdup(&r->s->arena, buf_text(&clean));
		} else if (result == 0)
			result = reader_string(r, item, "text", false, &hint->text);
		if (result == 0)
			result = reader_string(r, item, "try", true, &hint->try);
		if (result == 0)
			result = reader_string(r, item, "undo", true, &hint->undo);
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

/* "diagram": "podman": the page is about drawing it, so that is its view and, unless it has one of
 * its own, its check. */
static int read_diagram(struct reader *r, const json_t *ours, struct scenario_page *page)
{
	int result = reader_string(r, ours, "diagram", false, &page->diagram);
	const char *task = page->diagram;
	size_t size = (task ? strlen(task) : 0) + 64;
	char *check;

	if (result < 0 || !json_object_get(ours, "diagram") || !task)
		return result;
	if (!*task || task[strspn(task, "abcdefghijklmnopqrstuvwxyz0123456789-")]) {
		page->diagram = NULL;
		return reader_problem(r, EINVAL, "index.json", "no task is called '%s'", task);
	}
	page->view = "diagram";
	page->subject = task;
	if (page->verify.path)
		return 0;
	check = arena_alloc(&r->s->arena, size);
	if (!check)
		return reader_no_memory(r);
	snprintf(check, size, "cutaway diagram grade -q --task %s\n", task);
	page->verify = (struct scenario_script){.path = "index.json", .text = check};
	return 0;
}

int reader_ours(struct reader *r, const json_t *ours, struct scenario_page *page)
{
	int result = reader_string(r, ours, "view", false, &page->view);

	if (result == 0)
		result = reader_string(r, ours, "subject", false, &page->subject);
	if (result == 0)
		result = reader_list(r, ours, "needs", &page->needs, &page->n_needs);
	if (result == 0)
		result = read_predict(r, json_object_get(ours, "predict"), &page->predict);
	if (result == 0)
		result = read_hints(r, json_object_get(ours, "hints"), page);
	if (result == 0)
		result = reader_string(r, ours, "quiz", false, &page->quiz);
	if (result == 0 && page->quiz)
		page->quiz_pass = (int)json_integer_value(json_object_get(ours, "pass"));
	if (result == 0)
		result = reader_script(r, ours, "solution", &page->solution);
	split_view(page, &r->s->arena);
	if (result == 0)
		result = read_diagram(r, ours, page);
	return result;
}
