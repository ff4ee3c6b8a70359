#include "shell/repl_check.h"

#include "shell/lesson/verify.h"
#include "shell/repl_state.h"

#include <string.h>

static void forget(struct repl *r)
{
	arena_release(&r->unmet_arena);
	r->unmet = NULL;
	r->n_unmet = 0;
	buf_reset(&r->complaint);
}

/* The script's own words, as one line: what it says where `cutaway check` says nothing. */
static void keep_complaint(struct repl *r, const char *output)
{
	size_t n = strlen(output);

	while (n && strchr(" \n", output[n - 1]))
		n--;
	for (size_t i = 0; i < n; i++)
		buf_addc(&r->complaint, output[i] == '\n' ? ' ' : output[i]);
}

static void keep_unmet(struct repl *r, const struct verify_result *result)
{
	struct arena *a = &r->unmet_arena;
	struct lab_unmet *unmet = arena_alloc(a, (result->n_unmet + 1) * sizeof(*unmet));

	for (size_t i = 0; unmet && i < result->n_unmet; i++) {
		unmet[i].fact = arena_strdup(a, result->unmet[i].fact);
		unmet[i].wanted = arena_strdup(a, result->unmet[i].wanted);
		unmet[i].text = arena_strdup(a, result->unmet[i].text);
		if (!unmet[i].fact || !unmet[i].wanted || !unmet[i].text)
			return;
		r->unmet = unmet;
		r->n_unmet = i + 1;
	}
}

void repl_check_run(struct repl *r)
{
	const struct scenario_page *page = repl_page(r);
	struct verify_result result = {0};
	struct verify_options options = {.directory = bash_session_directory(r->bash)};
	struct error err = {0};

	if (r->passed)
		return;
	forget(r);
	if (!page || !scenario_page_asks(page) || !repl_quiz_passed(r, &r->complaint))
		return;
	if (!page->verify.text) {
		r->passed = true;
		return;
	}
	if (verify_run(&page->verify, &options, &result, &err) < 0) {
		error_format(&err, &r->complaint);
		return;
	}
	r->passed = result.passed;
	if (result.timed_out)
		buf_add(&r->complaint, "the check took too long and was ended.");
	else if (!result.passed)
		keep_complaint(r, buf_text(&result.output));
	if (!result.passed)
		keep_unmet(r, &result);
	verify_result_release(&result);
}
