/* What the tutor does at each of its words. */
#include "shell/repl_state.h"

#include "kernel/base/cleanup.h"
#include "render/view.h"
#include "shell/diagram/current.h"
#include "shell/lesson/glossary.h"
#include "shell/lesson/hint.h"
#include "shell/lesson/markdown.h"
#include "shell/lesson/progress.h"
#include "shell/repl_check.h"

#include <stdio.h>
#include <string.h>

static void do_next(struct repl *r, bool anyway)
{
	const struct scenario_page *page = repl_page(r);

	if (page->kind == PAGE_FINISH) {
		repl_say(r, "This is the last page. 'lessons' shows what else there is, 'quit' "
		            "ends.\n");
		return;
	}
	/* 'next' asks for the check; who skips does not. */
	if (!r->passed && (!anyway || !r->foreign || r->allowed))
		repl_page_check(r);
	if (scenario_page_asks(page) && !r->passed && !anyway) {
		r->tried = true;
		repl_page_say_unmet(r);
		repl_say(r,
		        "'hint' helps, 'solution' shows the way, 'skip' goes on all the same.\n");
		return;
	}
	if (r->passed)
		repl_ask_compare(r);
	repl_page_start(r, r->page + 1);
}

static void do_back(struct repl *r, const char *argument)
{
	(void)argument;
	if (!r->page) {
		repl_say(r, "This is the first page.\n");
		return;
	}
	repl_page_start(r, r->page - 1);
	if (r->page)
		repl_say(r,
		        "Back on page %zu. The machine stays as it is; 'reset' takes it to the "
		        "start of this page.\n",
		        r->page);
	else
		repl_say(r, "Back on the introduction. The machine stays as it is.\n");
}

static void do_check(struct repl *r, const char *argument)
{
	const struct scenario_page *page = repl_page(r);

	(void)argument;
	if (!scenario_page_asks(page)) {
		repl_say(r, "This page asks for nothing: 'next' goes on.\n");
		return;
	}
	r->allowed = true;
	repl_page_check(r);
	if (!r->passed) {
		r->tried = true;
		repl_lesson_failed(r);
		repl_page_say_unmet(r);
		repl_say(r, "'hint' helps, 'reset' takes the machine to the start of this page.\n");
		return;
	}
	repl_say(r, "✓ %s: all is as it should be. 'next' goes on.\n", page->title);
	repl_ask_compare(r);
}

/* One at a time, and from the start again after the last. */
static void do_hint(struct repl *r, const char *argument)
{
	const struct scenario_page *page = repl_page(r);
	const char *texts[64];
	struct model *now;
	size_t n;

	(void)argument;
	if (!r->passed)
		repl_page_check(r);
	if (r->passed) {
		repl_say(r, "Nothing is missing here: 'next' goes on.\n");
		return;
	}
	if (page->hint.path || page->hint_text) {
		repl_foreign_hint(r);
		return;
	}
	now = hint_look();
	n = hint_list(page, now, texts, 64);
	model_free(now);
	if (n) {
		repl_say(r, "Hint %zu of %zu: %s\n", r->hints % n + 1, n, texts[r->hints % n]);
		r->hints++;
		r->tried = true;
		progress_used(r->progress, r->lesson->name, r->page, PROGRESS_HINT);
	} else if (scenario_page_asks(page)) {
		repl_page_say_unmet(r);
	} else if (!page->n_blocks) {
		repl_say(r, "There is nothing to do on this page but to read: 'next' goes on.\n");
	} else {
		repl_say(r, "Run the commands of the page (Enter proposes them), then 'next'.\n");
	}
}

static void do_solution(struct repl *r, const char *argument)
{
	const struct scenario_page *page = repl_page(r);
	auto_buf text = BUF_INIT;
	bool run = !strcmp(argument, "run");

	if (*argument && !run && strcmp(argument, "anyway") != 0) {
		repl_say(r, "Either 'solution', 'solution run' or 'solution anyway'.\n");
		return;
	}
	if (run && !r->passed)
		repl_page_check(r);
	if (run && r->passed) { /* a 'ct step' too many would be the next page's */
		repl_say(r, "Nothing is missing here: 'next' goes on.\n");
		return;
	}
	repl_page_solution(page, &text);
	if (!text.len && page->quiz) {
		repl_say(r, "This page asks questions: 'quiz' begins, and explains each answer.\n");
		return;
	}
	if (*page->answer && !run)
		repl_say(r, "%s\n", page->answer);
	if (!text.len && *page->answer)
		return;
	if (!text.len) {
		repl_say(r, "This page needs no commands: 'next' goes on.\n");
		return;
	}
	if (!r->tried && !r->passed && strcmp(argument, "anyway") != 0) {
		repl_say(r, "Try it first: any attempt opens the solution, and 'hint' helps.\n"
		            "'solution anyway' shows it now.\n");
		return;
	}
	if (run && r->running) {
		repl_say(r, "'solution run' has to wait until the program has ended.\n");
		return;
	}
	r->tried = true;
	progress_used(r->progress, r->lesson->name, r->page, PROGRESS_SOLUTION);
	repl_say(r, "%s%s", buf_text(&text), text.data[text.len - 1] == '\n' ? "" : "\n");
	if (!run) {
		repl_say(r, "'solution run' runs this for you.\n");
		return;
	}
	repl_speak(r);
	repl_run_command(r, buf_text(&text));
	repl_page_mark(r, r->page, true);
	if (repl_page_check(r)) {
		repl_say(r, "✓ %s: next\n", page->title);
		repl_ask_compare(r);
	}
}

static void do_view(struct repl *r, const char *argument)
{
	char name[32];
	size_t n = strcspn(argument, " ");

	if (!*argument) {
		for (const struct view *v = views; v->name; v++)
			repl_say(r, "%c %-10s %s\n",
			        strcmp(v->name, buf_text(&r->view)) ? ' ' : '*', v->name,
			        v->summary);
		return;
	}
	snprintf(name, sizeof(name), "%.*s", (int)n, argument);
	if (!view_find(name)) {
		repl_say(r, "No view is called '%s'. 'view' lists those there are.\n", name);
		return;
	}
	buf_reset(&r->view);
	buf_add(&r->view, name);
	buf_reset(&r->subject);
	buf_add(&r->subject, argument + n + strspn(argument + n, " "));
	if (r->options.stage)
		repl_say(r, "The drawing shows: %s\n", argument);
	else
		repl_say(r, "The drawing beside the lab shows: %s. Here: cutaway draw %s\n",
		        argument, argument);
}

/* Alone: what is there to be drawn. With a verb it is a program, which bash runs. */
static void do_diagram(struct repl *r, const char *argument)
{
	struct current diagram;
	struct error err = {0};

	(void)argument;
	if (current_open(NULL, &diagram, &err) < 0) {
		repl_say_error(r, &err);
		return;
	}
	buf_reset(&r->view);
	buf_add(&r->view, "diagram");
	buf_reset(&r->subject);
	buf_add(&r->subject, diagram.task->name);
	repl_say(r, "%s: %s\n%s\n", diagram.task->name, diagram.task->title, diagram.task->ask);
	repl_say(r,
	        "Draw in lines: diagram place PART BAND, diagram connect FROM TO CALL; 'diagram\n"
	        "grade' tells what is right, 'diagram --help' all verbs%s.\n",
	        r->options.stage ? ". Or by keys: F4, then ?" : "");
	current_release(&diagram);
}

static void do_reset(struct repl *r, const char *argument)
{
	bool all = !strcmp(argument, "all");

	if (*argument && !all) {
		repl_say(r, "Either 'reset' or 'reset all'.\n");
		return;
	}
	repl_speak(r);
	repl_restore_clear(r);
	if (r->quitting)
		return;
	if (!all)
		repl_restore_replay(r, r->page);
	repl_page_start(r, all ? 0 : r->page);
	repl_say(r, all ? "From the beginning: nothing of this lab is on the machine.\n"
	                : "The machine is as it was when this page began.\n");
}

/* The lesson anew, as if it had never been opened. */
static void do_restart(struct repl *r, const char *argument)
{
	(void)argument;
	repl_speak(r);
	repl_restore_clear(r);
	if (r->quitting)
		return;
	progress_forget(r->progress, r->lesson->name);
	repl_page_start(r, 0);
	repl_say(r, "From the beginning: nothing of this lab is on the machine, and no page is "
	            "passed.\n");
}

static void do_lesson(struct repl *r, const char *name)
{
	struct error err = {0};

	if (!*name) {
		if (r->lesson)
			repl_page_print(r);
		else
			repl_say(r, "'lessons' lists the lessons there are.\n");
		return;
	}
	if (repl_lesson_load(r, name, &err) < 0) {
		repl_say_error(r, &err);
		return;
	}
	repl_restore_clear(r);
	if (r->quitting)
		return;
	if (!r->foreign)
		repl_restore_replay(r, repl_lesson_place(r));
	repl_page_start(r, repl_lesson_place(r));
}

static void do_glossary(struct repl *r, const char *word)
{
	struct glossary glossary = {0};
	struct error err = {0};

	if (glossary_read_ours(&glossary, &err) < 0)
		repl_say_error(r, &err);
	else
		glossary_answer(&glossary, word, repl_width(), &r->said);
	glossary_release(&glossary);
}

static void do_help(struct repl *r, const char *word)
{
	const struct tutor_entry *entry = *word ? tutor_find(word) : NULL;

	if (entry) {
		repl_say(r, "%s%s%s: %s\n%s", entry->name, *entry->arguments ? " " : "",
		        entry->arguments, entry->summary, entry->details);
		return;
	}
	if (*word) {
		repl_say(r,
		        "The tutor has no word '%s'. For bash: builtin help %s; for programs: man "
		        "%s\n",
		        word, word, word);
		return;
	}
	repl_say(r, "Type commands as in any terminal: a bash runs them. These words are the "
	            "tutor's:\n");
	for (entry = tutor_words; entry->name; entry++) {
		char usage[32];

		snprintf(usage, sizeof(usage), "%s%s%s", entry->name, *entry->arguments ? " " : "",
		        entry->arguments);
		repl_say(r, "  %-23s %s\n", usage, entry->summary);
	}
	repl_say(r,
	        "Enter on an empty line proposes what comes next; Enter again runs it.\n"
	        "'ct' is short for 'cutaway': 'ct --help' lists what it can do.\n"
	        "[1 2/9] in the prompt: lesson 1, page 2 of 9; a tick: its check has passed.\n");
}

/* Those that take nothing get it like the others, and pass it by. */
static void word_next(struct repl *r, const char *argument)
{
	(void)argument;
	do_next(r, false);
}

static void word_skip(struct repl *r, const char *argument)
{
	(void)argument;
	do_next(r, true);
}

static void word_lessons(struct repl *r, const char *argument)
{
	(void)argument;
	repl_lesson_list(r);
}

static void word_progress(struct repl *r, const char *argument)
{
	(void)argument;
	repl_lesson_progress(r);
}

static void word_quit(struct repl *r, const char *argument)
{
	(void)argument;
	r->quitting = true;
}

static const struct {
	void (*act)(struct repl *r, const char *argument);
	bool anywhere; /* it means something without a lesson, too */
} words[] = {
        [TUTOR_NEXT] = {word_next, false},
        [TUTOR_SKIP] = {word_skip, false},
        [TUTOR_BACK] = {do_back, false},
        [TUTOR_SETUP] = {repl_foreign_setup, false},
        [TUTOR_ANSWER] = {repl_foreign_answer, false},
        [TUTOR_HINT] = {do_hint, false},
        [TUTOR_CHECK] = {do_check, false},
        [TUTOR_EXPLAIN] = {repl_explain, true},
        [TUTOR_SOLUTION] = {do_solution, false},
        [TUTOR_VIEW] = {do_view, true},
        [TUTOR_DIAGRAM] = {do_diagram, true},
        [TUTOR_RESET] = {do_reset, false},
        [TUTOR_RESTART] = {do_restart, false},
        [TUTOR_LESSON] = {do_lesson, true},
        [TUTOR_LESSONS] = {word_lessons, true},
        [TUTOR_PROGRESS] = {word_progress, false},
        [TUTOR_GLOSSARY] = {do_glossary, true},
        [TUTOR_QUIZ] = {repl_quiz, true},
        [TUTOR_HELP] = {do_help, true},
        [TUTOR_QUIT] = {word_quit, true},
};

void repl_word(struct repl *r, const struct tutor_call *call)
{
	enum tutor_word word = call->entry->word;

	if (!r->lesson && !words[word].anywhere)
		repl_say(r, "There is no lesson. 'lessons' lists those there are.\n");
	else
		words[word].act(r, call->argument);
}
