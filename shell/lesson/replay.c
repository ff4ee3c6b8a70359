#include "shell/lesson/replay.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "kernel/base/file.h"
#include "shell/diagram/keep.h"
#include "shell/lab.h"
#include "shell/lesson/clean.h"
#include "shell/lesson/environment.h"
#include "shell/lesson/markdown.h"
#include "shell/lesson/quiz_round.h"
#include "shell/lesson/replay_hints.h"
#include "shell/lesson/replay_left.h"
#include "shell/lesson/replay_place.h"
#include "shell/lesson/replay_terminal.h"
#include "shell/lesson/verify.h"

#include <errno.h>
#include <string.h>

enum {
	TERMINALS = 2,
	COMMAND_MS = 180000,
	SETTLE_MS = 5000,
	INTERRUPT_LOOKS = 20,
	OUTPUT_SHOWN = 3000
};

struct replay {
	const struct scenario *lesson;
	const struct replay_options *options;
	struct replay_place place;
	struct replay_terminal terminals[TERMINALS];
	bool open[TERMINALS];
	struct replay_seen seen;
	size_t page;
	struct replay_hints hints; /* of this page */
	struct buf trouble;        /* with the commands of this page */
};

static void add_indented(struct buf *out, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");
		buf_addf(out, "  %.*s\n", (int)n, text);
		text += n + (text[n] == '\n');
	}
}

static void tell(struct replay *r, const char *what, bool holds, const char *skipped,
        const char *diagnostics)
{
	struct replay_point point = {r->lesson, r->page, what, holds, skipped, diagnostics};

	r->options->point(r->options->data, &point);
}

static struct replay_terminal *terminal(struct replay *r, int number, struct error *err)
{
	size_t i = number > 1 ? 1 : 0;

	if (!r->open[i] && replay_terminal_open(&r->terminals[i], r->place.lab_id, r->place.home,
	                           i == 0, err) < 0) {
		replay_terminal_close(&r->terminals[i]);
		return NULL;
	}
	r->open[i] = true;
	return &r->terminals[i];
}

/* ---- commands ------------------------------------------------------------------------------- */

static void complain(struct replay *r, const char *command, const char *problem)
{
	buf_addf(&r->trouble, "the command '%s' %s\n", command, problem);
}

/* Ctrl-C. Who is ended by it stands in its read a moment longer: only who goes on reading has lived
 * through it, as a shell does. */
static enum replay_wait interrupt_program(struct replay_terminal *t)
{
	enum replay_wait how = REPLAY_READS;

	replay_terminal_key(t, 3);
	for (int looks = 0; looks < INTERRUPT_LOOKS && how == REPLAY_READS; looks++)
		how = replay_terminal_wait(t, SETTLE_MS, false);
	return how;
}

/* Brings the terminal to where it takes this command; true when bash is at its prompt. */
static bool reach(struct replay *r, struct replay_terminal *t, const char *command, bool interrupt,
        enum replay_wait *ret)
{
	int limit = r->options->limit_ms ? r->options->limit_ms : COMMAND_MS;

	*ret = replay_terminal_wait(t, limit, interrupt);
	if (interrupt && t->busy && !t->ended)
		*ret = interrupt_program(t);
	if (*ret == REPLAY_TIMEOUT) {
		complain(r, command, "could not be typed: what ran before did not end in time");
		*ret = interrupt_program(t);
	}
	if (*ret == REPLAY_ENDED)
		complain(r, command, "could not be typed: the shell has ended");
	return *ret == REPLAY_PROMPT;
}

static void look_at_hints(struct replay *r)
{
	if (r->options->hints)
		replay_hints_look(&r->hints, &r->lesson->pages[r->page]);
}

static void type(struct replay *r, const char *command, int number, bool interrupt)
{
	struct error err = {0};
	struct replay_terminal *t = terminal(r, number, &err);
	enum replay_wait how;
	int result = 0;

	if (t && reach(r, t, command, interrupt, &how)) {
		look_at_hints(r);
		result = replay_terminal_run(t, command, &err);
	} else if (t && how == REPLAY_READS)
		result = replay_terminal_type(t, command, &err);
	if (!t || result < 0) {
		auto_buf text = BUF_INIT;
		error_format(&err, &text);
		complain(r, command, buf_text(&text));
	}
}

/* Waits until the last command of the page has ended, or its program reads the terminal. */
static void settle(struct replay *r)
{
	int limit = r->options->limit_ms ? r->options->limit_ms : COMMAND_MS;

	for (size_t i = 0; i < TERMINALS; i++) {
		struct replay_terminal *t = &r->terminals[i];

		if (!r->open[i])
			continue;
		/* In the second terminal something may watch for good: at rest is enough there. */
		if (replay_terminal_wait(t, limit, i > 0) == REPLAY_TIMEOUT)
			buf_addf(&r->trouble,
			        "the last command of terminal %zu did not end in time\n", i + 1);
	}
}

/* What a hint is for need not come by itself. */
static void try_hints(struct replay *r, const struct scenario_page *page)
{
	for (size_t i = 0; r->options->hints && i < page->n_hints; i++) {
		if (!page->hints[i].try)
			continue;
		type(r, page->hints[i].try, 1, false);
		settle(r);
		look_at_hints(r);
		if (page->hints[i].undo)
			type(r, page->hints[i].undo, 1, false);
		settle(r);
	}
}

static void tell_hints(struct replay *r, const struct scenario_page *page)
{
	auto_buf missing = BUF_INIT;

	if (!r->options->hints || !page->n_hints)
		return;
	look_at_hints(r);
	replay_hints_missing(&r->hints, page, &missing);
	tell(r, "every hint has its time", !missing.len, NULL, buf_text(&missing));
}

static bool is_inside(struct replay *r)
{
	return r->open[0] && r->terminals[0].busy;
}

/* The page of an exam has none: it leaves to the learner what to type. */
static bool has_commands(const struct scenario_page *page)
{
	for (size_t i = 0; i < page->n_blocks; i++)
		if (md_is_command(&page->blocks[i]))
			return true;
	return false;
}

static void run_commands(struct replay *r, const struct scenario_page *page)
{
	if (page->solution.path && (r->options->solutions || !has_commands(page))) {
		type(r, page->solution.text, 1, false);
	} else {
		for (size_t i = 0; i < page->n_blocks; i++)
			if (md_is_command(&page->blocks[i]))
				type(r, page->blocks[i].text, page->blocks[i].terminal,
				        page->blocks[i].kind == MD_INTERRUPT);
	}
	settle(r);
	replay_left_note(&r->seen, r->place.runtime);
}

/* ---- checks --------------------------------------------------------------------------------- */

static int check(struct replay *r, const struct scenario_page *page, struct verify_result *ret)
{
	struct verify_options options = {
	        .directory = r->open[0] ? buf_text(&r->terminals[0].directory) : r->place.home};
	struct error err = {0};
	int result = verify_run(&page->verify, &options, ret, &err);

	if (result < 0) {
		*ret = (struct verify_result){0};
		error_format(&err, &ret->output);
	}
	return result;
}

/* What a typed command does inside of a program is not told by anything but the check itself: it is
 * asked again for a while. At a prompt the first answer counts, as it does for a learner. */
static void check_after(
        struct replay *r, const struct scenario_page *page, struct verify_result *ret)
{
	int tries = is_inside(r) ? SETTLE_MS / 100 : 1;

	for (;;) {
		check(r, page, ret);
		if (ret->passed || --tries <= 0)
			return;
		verify_result_release(ret);
		replay_terminal_wait(&r->terminals[0], 100, true);
	}
}

static void add_screen(struct replay *r, struct buf *out)
{
	for (size_t i = 0; i < TERMINALS; i++) {
		const struct buf *screen = &r->terminals[i].output;
		size_t skip = screen->len > OUTPUT_SHOWN ? screen->len - OUTPUT_SHOWN : 0;
		auto_buf text = BUF_INIT;

		if (!r->open[i] || !screen->len)
			continue;
		clean_text(screen->data + skip, screen->len - skip, true, &text);
		buf_addf(out, "terminal %zu showed last:\n", i + 1);
		add_indented(out, buf_text(&text));
	}
}

/* What the check printed, without the lines that are among the unmet conditions already. */
static void add_check_output(const struct verify_result *result, struct buf *out)
{
	const char *line = buf_text(&result->output);

	buf_addf(out, "the check ended with status %d%s\n", result->status,
	        *line && !result->n_unmet ? " and said:" : "");
	while (*line) {
		size_t n = strcspn(line, "\n"), i = 0;

		while (i < result->n_unmet &&
		        (strncmp(result->unmet[i].text, line, n) || result->unmet[i].text[n]))
			i++;
		if (i == result->n_unmet)
			buf_addf(out, "  %.*s\n", (int)n, line);
		line += n + (line[n] == '\n');
	}
}

static void tell_after(struct replay *r, const struct verify_result *result)
{
	auto_buf text = BUF_INIT;

	if (result->passed && !r->trouble.len) {
		tell(r, "the check passes after the commands", true, NULL, "");
		return;
	}
	buf_add(&text, buf_text(&r->trouble));
	for (size_t i = 0; i < result->n_unmet; i++)
		if (i == 0 || strcmp(result->unmet[i].text, result->unmet[i - 1].text) != 0)
			buf_addf(&text, "not met: %s\n", result->unmet[i].text);
	if (result->timed_out)
		buf_add(&text, "the check did not end in time\n");
	if (!result->passed)
		add_check_output(result, &text);
	add_screen(r, &text);
	tell(r, "the check passes after the commands", false, NULL, buf_text(&text));
}

/* What somebody else has to say about the step, as the comparison of the picture with the machine.
 */
static void ask_after(struct replay *r, const struct scenario_page *page)
{
	const struct scenario_script script = {
	        .path = "--after-step", .text = r->options->after_step};
	struct verify_options options = {.directory = r->place.home, .limit_ms = COMMAND_MS};
	struct verify_result result = {0};
	struct error err = {0};
	auto_buf text = BUF_INIT;

	if (!r->options->after_step || (!page->n_blocks && !page->verify.path))
		return;
	if (verify_run(&script, &options, &result, &err) < 0)
		error_format(&err, &text);
	else if (result.timed_out)
		buf_add(&text, "it did not end in time\n");
	else if (result.status)
		buf_addf(&text, "it ended with status %d\n", result.status);
	if (text.len)
		add_indented(&text, buf_text(&result.output));
	tell(r, "the command after the step ends well", !text.len, NULL, buf_text(&text));
	verify_result_release(&result);
}

/* ---- pages ---------------------------------------------------------------------------------- */

static void open_page(struct replay *r, const struct scenario_page *page)
{
	auto_buf script = BUF_INIT;

	keep_task_open(page->diagram);
	verify_page_opening(page, &script);
	if (!script.len)
		return;
	type(r, buf_text(&script), 1, false);
	settle(r);
}

/* The page's questions, by their own answers: as many rounds as it takes to know enough. */
static void do_quiz(struct replay *r, const struct scenario_page *page)
{
	struct error err = {0};
	auto_buf text = BUF_INIT;
	auto_free char *folder = scenario_folder_above(r->lesson);
	int before, known = quiz_known(folder, page->quiz, &err);

	tell(r, "the questions are not answered before", known < page->quiz_pass, NULL,
	        known < page->quiz_pass ? ""
	                                : "enough of them are known although none was asked\n");
	for (before = -1; known >= 0 && known < page->quiz_pass && known > before;) {
		before = known;
		known = quiz_round_by_itself(folder, page->quiz, &err) < 0
		                ? -1
		                : quiz_known(folder, page->quiz, &err);
	}
	if (known < page->quiz_pass)
		error_format(&err, &text);
	tell(r, "the questions are passed by their own answers", known >= page->quiz_pass, NULL,
	        buf_text(&text));
}

static void do_page(struct replay *r, const struct scenario_page *page)
{
	struct verify_result result = {0};
	const char *missing = environment_missing(page->needs, page->n_needs);

	buf_reset(&r->trouble);
	r->hints = (struct replay_hints){0};
	for (size_t i = 0; i < TERMINALS; i++)
		buf_reset(&r->terminals[i].output);
	if (missing) {
		if (page->verify.path || page->n_blocks || page->quiz)
			tell(r, "the page", true, missing, "");
		return;
	}
	open_page(r, page);
	if (page->verify.path) {
		check(r, page, &result);
		tell(r, "the check fails before the commands", !result.passed, NULL,
		        result.passed ? "it passes although nothing was done yet\n" : "");
		verify_result_release(&result);
	}
	try_hints(r, page);
	run_commands(r, page);
	tell_hints(r, page);
	if (page->verify.path) {
		check_after(r, page, &result);
		tell_after(r, &result);
		verify_result_release(&result);
	} else if (page->n_blocks || r->trouble.len) {
		tell(r, "the commands can be typed", !r->trouble.len, NULL, buf_text(&r->trouble));
	}
	if (page->quiz)
		do_quiz(r, page);
	ask_after(r, page);
}

static void close_terminals(struct replay *r)
{
	for (size_t i = TERMINALS; i-- > 0;)
		if (r->open[i])
			replay_terminal_close(&r->terminals[i]);
}

static void tell_left(struct replay *r)
{
	auto_buf left = BUF_INIT;

	replay_left_find(&r->seen, r->place.runtime, r->place.lab_id, r->place.directory, &left);
	r->page = r->lesson->n_pages;
	tell(r, "nothing is left", !left.len, NULL, buf_text(&left));
}

/* A lesson that lacks a text or a check must not pass for lack of it. */
static void tell_problems(struct replay *r)
{
	const struct scenario *s = r->lesson;
	auto_buf text = BUF_INIT;

	if (!s->n_problems)
		return;
	for (size_t i = 0; i < s->n_problems; i++)
		buf_addf(&text, "%s: %s\n", s->problems[i].file, s->problems[i].text);
	r->page = s->n_pages;
	tell(r, "all of it can be read", false, NULL, buf_text(&text));
	r->page = 0;
}

/* Where a lab has it: beside the files of the learner. */
static int show_lesson(struct replay *r, struct error *err)
{
	auto_free char *directory = NULL;
	int result;

	if (asprintf(&directory, "%s/labs/%s", r->place.runtime, r->place.lab_id) < 0)
		return error_set(err, ENOMEM, "make link to lesson", r->lesson->folder, NULL);
	result = lab_link_lesson(directory, r->lesson->folder);
	return result < 0 ? error_set(err, -result, "make link to lesson", r->lesson->folder, NULL)
	                  : 0;
}

int replay_lesson(
        const struct scenario *lesson, const struct replay_options *options, struct error *err)
{
	struct replay r = {.lesson = lesson, .options = options};
	int result = replay_place_make(&r.place, err);

	if (result == 0 && !terminal(&r, 1, err))
		result = -EIO;
	if (result == 0)
		result = show_lesson(&r, err);
	if (result == 0)
		tell_problems(&r);
	for (; result == 0 && r.page < lesson->n_pages && !replay_place_is_ended(); r.page++)
		if (!options->upto || r.page <= options->upto)
			do_page(&r, &lesson->pages[r.page]);
	close_terminals(&r);
	if (result == 0)
		tell_left(&r);
	replay_place_remove(&r.place);
	buf_release(&r.trouble);
	buf_release(&r.seen.names);
	return result;
}
