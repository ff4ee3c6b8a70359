/* What lessons from elsewhere bring along: scripts that prepare the machine, hints that are
 * scripts, questions in the text. Nothing of it runs without the learner's word. */
#include "shell/repl_state.h"

#include "kernel/base/cleanup.h"
#include "shell/lab.h"
#include "shell/lesson/clean.h"
#include "shell/lesson/lesson_assets.h"
#include "shell/lesson/page_question.h"
#include "shell/lesson/verify.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* ---- files ---------------------------------------------------------------------------------- */

/* What is kept at home stays where it is, wherever $HOME points. */
static void pin(const char *variable, const char *home, const char *below)
{
	const char *set = getenv(variable);
	auto_free char *path = NULL;

	if ((!set || !*set) && asprintf(&path, "%s/%s", home, below) > 0)
		setenv(variable, path, 1);
}

void repl_foreign_home(struct repl *r)
{
	const char *home = getenv("HOME");
	auto_free char *lab = NULL;
	auto_close to = -1;

	if (!r->foreign) {
		if (r->home)
			setenv("HOME", r->home, 1);
		free(steal_ptr(r->home));
		return;
	}
	if (!home || !*home || asprintf(&lab, "%s/files", lab_directory(r->options.lab)) < 0)
		return;
	if (!r->home) {
		pin("XDG_DATA_HOME", home, ".local/share");
		pin("XDG_STATE_HOME", home, ".local/state");
		pin("XDG_CONFIG_HOME", home, ".config");
		r->home = strdup(home);
	}
	setenv("HOME", lab, 1);
	to = open(lab, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (to >= 0)
		lesson_assets_copy(r->lesson, to, &r->said);
}

/* ---- scripts -------------------------------------------------------------------------------- */

static bool has_scripts(const struct scenario_page *page)
{
	return page && (page->foreground.path || page->background.path);
}

bool repl_foreign_waits(const struct repl *r)
{
	return has_scripts(repl_page(r)) && !r->opened;
}

void repl_foreign_say(struct repl *r)
{
	const struct scenario_page *page = repl_page(r);
	const char *one = page->background.path, *other = page->foreground.path;

	if (!repl_foreign_waits(r))
		return;
	repl_say(r,
	        "This page comes with a script of its own: %s%s%s. 'setup' shows what it does, "
	        "'setup run' runs it.\n",
	        one ? one : other, one && other ? " and " : "", one && other ? other : "");
}

static void show_script(struct repl *r, const struct scenario_script *script, const char *where)
{
	auto_buf clean = BUF_INIT;

	if (!script->path)
		return;
	clean_text(script->text, strlen(script->text), true, &clean);
	repl_say(r, "# %s, %s\n%s%s", script->path, where, buf_text(&clean),
	        clean.len && clean.data[clean.len - 1] == '\n' ? "" : "\n");
}

void repl_foreign_setup(struct repl *r, const char *argument)
{
	const struct scenario_page *page = repl_page(r);
	auto_buf text = BUF_INIT;

	if (*argument && strcmp(argument, "run") != 0) {
		repl_say(r, "Either 'setup' or 'setup run'.\n");
		return;
	}
	if (!has_scripts(page)) {
		repl_say(r, "This page brings no scripts along.\n");
		return;
	}
	if (!*argument) {
		show_script(r, &page->background, "in the background");
		show_script(r, &page->foreground, "in the terminal");
		repl_say(r, "'setup run' runs this on this machine.\n");
		return;
	}
	r->opened = r->set_up = true;
	verify_page_opening(page, &text);
	repl_speak(r);
	repl_run_command(r, buf_text(&text));
}

void repl_foreign_hint(struct repl *r)
{
	const struct scenario_page *page = repl_page(r);
	struct verify_result result;
	struct error err = {0};

	if (page->hint_text) {
		repl_say(r, "Hint: %s\n", page->hint_text);
		return;
	}
	if (verify_run(&page->hint, &(struct verify_options){0}, &result, &err) < 0) {
		repl_say_error(r, &err);
		return;
	}
	repl_say(r, "Hint: %s\n",
	        result.output.len ? buf_text(&result.output) : "the lesson has none just now.");
	verify_result_release(&result);
}

/* ---- questions ------------------------------------------------------------------------------ */

static bool is_answered(const struct repl *r, size_t i)
{
	return i >= 64 || r->answered >> i & 1;
}

bool repl_foreign_has_question(const struct repl *r)
{
	const struct scenario_page *page = repl_page(r);

	for (size_t i = 0; page && i < page->n_questions; i++)
		if (!is_answered(r, i))
			return true;
	return false;
}

static void say_question(struct repl *r, size_t i)
{
	const struct page_question *q = &repl_page(r)->questions[i];

	repl_say(r, "Question %zu: %s\n", i + 1, q->question);
	for (size_t c = 0; c < q->n_choices; c++)
		repl_say(r, "  %zu) %s\n", c + 1, q->choices[c].text);
}

/* Once answered it is not asked again: what is right has been said. */
static void compare(struct repl *r, size_t i, const char *given)
{
	const struct page_question *q = &repl_page(r)->questions[i];
	auto_buf right = BUF_INIT;

	page_question_solution(q, &right);
	if (i < 64)
		r->answered |= (uint64_t)1 << i;
	if (page_question_is_right(q, given))
		repl_say(r, "✓ Right: %s.\n", buf_text(&right));
	else
		repl_say(r, "  Not so: you said \"%s\"; it is: %s.\n", given, buf_text(&right));
}

/* False when the learner wants no more questions. */
static bool ask(struct repl *r, size_t i)
{
	const struct page_question *q = &repl_page(r)->questions[i];
	uint64_t serial = r->step_serial;
	auto_buf answer = BUF_INIT;
	enum line_result result;

	say_question(r, i);
	repl_speak(r);
	result = line_read(r->line,
	        q->answer    ? "Your answer (Enter leaves it out): "
	        : q->several ? "Your answer (the numbers of all that are right; Enter leaves it "
	                       "out): "
	                     : "Your answer (a number; Enter leaves it out): ",
	        NULL, &answer);
	if (result == LINE_SIGNAL) {
		r->ended_by = SIGTERM;
		r->quitting = true;
	}
	if (result != LINE_TEXT || r->quitting || r->step_serial != serial)
		return false;
	if (buf_text(&answer)[strspn(buf_text(&answer), " \t")])
		compare(r, i, buf_text(&answer));
	else if (i < 64)
		r->answered |= (uint64_t)1 << i; /* left out: 'answer NUMBER' still answers it */
	return true;
}

void repl_foreign_answer(struct repl *r, const char *argument)
{
	const struct scenario_page *page = repl_page(r);
	char *rest;
	unsigned long number = strtoul(argument, &rest, 10);

	rest += strspn(rest, " ");
	if (!page->n_questions) {
		repl_say(r, "This page asks no questions.\n");
		return;
	}
	if (*argument && (number < 1 || number > page->n_questions)) {
		repl_say(r, "A number from 1 to %zu and the answer, please, or 'answer' alone.\n",
		        page->n_questions);
		return;
	}
	if (*argument && *rest) {
		compare(r, number - 1, rest);
		return;
	}
	if (!line_is_terminal(r->line) || r->running) {
		for (size_t i = 0; i < page->n_questions; i++)
			if (!*argument || i + 1 == number)
				say_question(r, i);
		repl_say(r, "'answer NUMBER ANSWER' answers one.\n");
		return;
	}
	if (!*argument && !repl_foreign_has_question(r))
		r->answered = 0; /* all of them once more */
	for (size_t i = 0; i < page->n_questions; i++)
		if ((*argument ? i + 1 == number : !is_answered(r, i)) && !ask(r, i))
			break;
}
