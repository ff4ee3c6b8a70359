/* What the files of the REPL share: repl.c (loop), repl_prompt.c, repl_page.c (the page and its
 * check), repl_ask.c (its question), repl_words.c (the tutor's words), repl_restore.c (the machine
 * taken to a page's start), repl_complete.c. For nobody else. */
#pragma once

#include "kernel/base/arena.h"
#include "kernel/base/buf.h"
#include "shell/bash.h"
#include "shell/lab_state.h"
#include "shell/lesson/scenario.h"
#include "shell/line.h"
#include "shell/repl.h"
#include "shell/tutor.h"

#include <stddef.h>

/* How far the commands of the page are. */
struct repl_block {
	size_t lines_done; /* lines of it that were run, in order */
	bool done;
};

struct repl {
	struct repl_options options;
	struct bash_session *bash;
	struct line *line;
	bool colour;

	struct progress *progress;
	bool keep_failed; /* the progress could not be saved: said already */
	struct scenario *lesson;
	int lesson_number;
	size_t page;
	struct repl_block *marks;  /* one for each command of the lesson */
	struct repl_block *blocks; /* of those, the page's */
	char *home;                /* the learner's, while $HOME is another; NULL = it is not */
	bool foreign;              /* not one of the course: nothing of it runs unasked */
	bool set_up;       /* the learner had it run what it brings: 'reset' does so again */
	bool allowed;      /* the check of this page was asked for: it goes on by itself */
	bool opened;       /* the scripts of this page were run */
	uint64_t answered; /* of the page's questions, by bit */
	bool passed;
	bool asked;   /* the prediction */
	bool tried;   /* something, on this page: then there is a solution */
	int answer;   /* the learner's, -1 = none */
	size_t hints; /* given on this page, while the same things were missing */
	struct lab_unmet *unmet;
	size_t n_unmet;
	struct arena unmet_arena;
	struct buf complaint; /* what the check said that is no condition */

	struct buf view, subject;
	struct buf said; /* by the tutor, not shown yet */
	struct buf message;
	uint64_t serial, step_serial;
	int signals, events;   /* SIGTERM and SIGHUP; those and the control socket, to poll */
	struct buf prefill;    /* for the next line */
	bool running;          /* a command: the tutor answers beside it */
	bool quitting, turned; /* turned: the page changed while a command ran */
	bool asked_end;        /* whoever says once more that the lab is to end means it */
	int ended_by;          /* the signal that told us to go, 0 = none */
	int status;            /* of the last command */
};

/* ---- repl.c */
/* Adds to what the tutor says. */
void repl_say(struct repl *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Says what failed. */
void repl_say_error(struct repl *r, const struct error *err);
/* How wide an answer of the tutor is: the terminal, 80 cells where there is none or more. */
int repl_width(void);
/* Writes to the terminal what the tutor has said. */
void repl_speak(struct repl *r);
/* Bash anew, in the place where the learner starts. */
int repl_start_bash(struct repl *r, struct error *err);
/* Runs a command of the learner in bash. */
void repl_run_command(struct repl *r, const char *text);

/* ---- repl_prompt.c */
/* Appends the prompt, for line_read(). */
void repl_prompt_make(const struct repl *r, struct buf *out);
/* Writes a prompt with a command, as if it had just been typed. */
void repl_prompt_echo(struct repl *r, const char *text);

/* ---- repl_page.c */
const struct scenario_page *repl_page(const struct repl *r);
/* Goes to a page: its state is empty, its text is shown, the check looks once. */
void repl_page_start(struct repl *r, size_t page);
/* Shows the text where no stage does. */
void repl_page_print(struct repl *r);
/* Runs the check quietly; true when it has just passed for the first time. */
bool repl_page_check(struct repl *r);
/* The same unasked: of a lesson from elsewhere nothing is run before its learner had it run. */
bool repl_page_look(struct repl *r);
/* Marks what of the page `text` was. */
void repl_page_ran(struct repl *r, const char *text);
/* Whether `text` is the next command of the page, or begins it. */
bool repl_page_awaits(const struct repl *r, const char *text);
/* The line of the page that follows what was typed of an unfinished command, if it is one of the
 * page; appends to `out`. */
void repl_page_continue(const struct repl *r, const char *text, struct buf *out);
/* What Enter on an empty line proposes; appends to `out`. */
void repl_page_propose(struct repl *r, struct buf *out);
/* The commands that solve a page; appends to `out`. */
void repl_page_solution(const struct scenario_page *page, struct buf *out);
/* Says what the check still misses. */
void repl_page_say_unmet(struct repl *r);
/* Writes lab.json. */
void repl_publish(struct repl *r);

/* Room for the marks of all commands of a lesson; free() it. 0 or -ENOMEM. */
int repl_page_marks(const struct scenario *lesson, struct repl_block **ret);
/* Marks all commands of a page as run, or none. */
void repl_page_mark(struct repl *r, size_t page, bool done);
/* Whether the page has commands that were not run yet. */
bool repl_page_has_more(const struct repl *r);

/* ---- repl_ask.c */
enum repl_asked {
	ASKED_NOT,   /* there was nothing to ask */
	ASKED_ON,    /* asked: what was at hand goes on */
	ASKED_OTHER, /* a command was typed instead of a guess */
	ASKED_DROP,  /* Ctrl-C, or the page was turned: nothing is to be run */
};
/* Asks the page's question, once, where there is a person to ask. `other` gets the command that was
 * typed instead. */
enum repl_asked repl_ask(struct repl *r, struct buf *other);
/* Compares the guess with what happened, once. */
void repl_ask_compare(struct repl *r);

/* ---- repl_foreign.c: what lessons from elsewhere bring along */
/* Such a lesson's home directory is $LAB: what it writes to "~" goes with the lab. Also puts its
 * files there. For one of ours the home directory is the learner's. */
void repl_foreign_home(struct repl *r);
/* Whether the page has scripts that wait for the learner's word, and says so. */
bool repl_foreign_waits(const struct repl *r);
void repl_foreign_say(struct repl *r);
/* The word `setup`. */
void repl_foreign_setup(struct repl *r, const char *argument);
/* The word `answer`: asks the page's questions that are not answered yet, or takes "NUMBER ANSWER".
 */
void repl_foreign_answer(struct repl *r, const char *argument);
/* The page's own hint: a text, or what its script prints. */
void repl_foreign_hint(struct repl *r);
/* Whether there are questions left that nobody has asked for. */
bool repl_foreign_has_question(const struct repl *r);

/* ---- repl_words.c */
void repl_word(struct repl *r, const struct tutor_call *call);

/* ---- repl_quiz.c */
/* Asks a round of questions; "" = those of the page, or of the lesson. */
void repl_quiz(struct repl *r, const char *argument);
/* Whether the questions that the page wants to be known are; appends what is missing. */
bool repl_quiz_passed(struct repl *r, struct buf *missing);

/* ---- repl_end.c */
/* `text` is a line, NULL the end of the input (Ctrl-D). That and `exit` leave a shell in a
 * container as well, and one too many would take away all that was made: at a terminal the first
 * one gets only a word of warning, and true is returned. False: it means what it says. */
bool repl_end_asked(struct repl *r, const char *text);

/* ---- repl_explain.c */
/* Explains a step of the container that is shown; "" = the last one done. */
void repl_explain(struct repl *r, const char *id);

/* ---- repl_restore.c */
/* Ends all containers of this lab and starts bash afresh. */
void repl_restore_clear(struct repl *r);
/* Runs the solutions of the pages before `page`, quietly. */
void repl_restore_replay(struct repl *r, size_t page);

/* ---- repl_lesson.c */
/* Loads a lesson by name or folder; NULL = the one to go on with. */
int repl_lesson_load(struct repl *r, const char *name, struct error *err);
/* The page at which the learner stopped. */
size_t repl_lesson_place(const struct repl *r);
void repl_lesson_list(struct repl *r);
void repl_lesson_progress(struct repl *r);
/* Keeps the place and what has passed. */
void repl_lesson_keep(struct repl *r);
/* Counts that the check was asked for and failed. */
void repl_lesson_failed(struct repl *r);

/* ---- repl_complete.c */
/* Whether the first word of a command may be this one: a program of PATH, or bash's own. */
bool repl_is_program(const char *word);
void repl_complete(void *data, const char *before, size_t start, const char *word,
        struct line_candidates *out);
