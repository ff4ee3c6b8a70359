/* A lesson folder: a Killercoda or Katacoda scenario, read leniently, never outside its folder.
 *
 *   index.json   title, description, time, difficulty, details.{intro, steps[], finish},
 *                each page with text, title, verify, foreground, background (or code, courseData)
 *   cutaway      our own key, which other players ignore. At the top:
 *                {"needs": [names of `cutaway doctor`], "view": "host"}; in a page:
 *                {"view", "predict": {"question", "choices", "answer", "because"},
 *                 "hints": [{"when": CHECK, "text", "try", "undo"}], "solution": FILE,
 *                 "needs": [...], "subject": container of the view,
 *                 "quiz": TOPIC, "pass": how many of its questions are to be known,
 *                 "diagram": task of `cutaway diagram`, which is the view and the check then}
 *
 * Every file is opened with openat2(2) RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS (Linux 5.6): a path
 * or a symbolic link that leaves the folder is never followed, nor is a file read that is too big.
 *
 * Only a folder without an index.json that can be read is no lesson. Else the lesson opens: what is
 * wrong in it is listed as its problems, and the page says which text is missing. */
#pragma once

#include "kernel/base/arena.h"
#include "kernel/base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct markdown;
struct md_block;
struct page_question;

/* A script of the lesson, read whole: run through bash, so that it needs neither a run bit
 * nor a shebang. Carriage returns of DOS files are gone. */
struct scenario_script {
	const char *path; /* relative to the folder; NULL = there is none */
	const char *text;
};

struct scenario_hint {
	const char *when; /* a check (kernel/observe/check.h), NULL = always */
	const char *text;
	/* For lint, which no learner sees: commands that bring about what `when` asks for before
	 * the page's own, and that end it. NULL = the lesson itself comes by it. */
	const char *try, *undo;
};

/* A question asked before the command is run. */
struct scenario_predict {
	const char *question; /* NULL = there is none */
	const char **choices; /* in the order in which they are shown: choice_order.h */
	size_t n_choices;
	int answer; /* index into choices, as they stand here */
	const char *because;
};

enum scenario_page_kind { PAGE_INTRO, PAGE_STEP, PAGE_FINISH };

struct scenario_page {
	enum scenario_page_kind kind;
	const char *title;
	const char *path; /* of the text; NULL = the text stands in index.json */
	/* All files of the text, the first is `path`; the text is one behind the other. */
	const char *const *files;
	size_t n_files;
	/* The text, "" when there is none; with addresses of this machine (placeholder.h) and
	 * without the answers to its questions (page_question.h). */
	const char *markdown;
	struct markdown *parsed;
	const struct md_block *blocks; /* the commands of the text, in order; owned by parsed */
	size_t n_blocks;
	struct scenario_script verify, foreground, background, solution;
	const char *answer;          /* Markdown that Katacoda showed on request; "" = none */
	struct scenario_script hint; /* that prints one; or its text: */
	const char *hint_text;       /* Markdown; NULL = none */
	const char
	        *view; /* "host", "container"; the lesson's when the page has none; may be NULL */
	const char *subject; /* name of the container that the view shows; may be NULL */
	const char *diagram; /* task of `cutaway diagram` that is drawn at; may be NULL */
	struct scenario_predict predict;
	struct scenario_hint *hints;
	size_t n_hints;
	const char *quiz; /* topic of questions (quiz.h) that belong to the page; NULL = none */
	int quiz_pass;    /* how many of them are to be known */
	struct page_question *questions; /* the questions in the text */
	size_t n_questions;
	const char **needs; /* of the lesson and of the page, names as `cutaway doctor` has them */
	size_t n_needs;
};

struct scenario_asset {
	const char *host;   /* "host01", "client"; of several, the machine it is for */
	const char *file;   /* below assets/; may hold wildcards */
	const char *target; /* where the lesson wants it, "~/" */
	const char *mode;   /* "+x", NULL = as it is */
};

/* What of the lesson cannot be read as it was meant. */
struct scenario_problem {
	int code;         /* positive errno */
	const char *file; /* as index.json names it; "index.json" for what is wrong there */
	const char *text;
};

struct scenario {
	const char *folder; /* absolute path */
	const char *name;   /* of the folder: "containers-are-linux" */
	const char *title, *description, *time, *difficulty; /* "" when not told */
	const char *machine; /* that it was written for (backend.imageid); "" when not told */
	struct scenario_page *pages; /* 0 = intro, last = finish; both are always there */
	size_t n_pages;
	struct scenario_asset *assets;
	size_t n_assets;
	bool moved; /* addresses of other machines were made those of this one */
	struct scenario_problem *problems;
	size_t n_problems;
	const char *remark; /* on an index.json that was mended: a sentence; "" = none */
	struct arena arena; /* owns all of it but the parsed pages */
};

/* Whether the page asks for something before it is passed. */
static inline bool scenario_page_asks(const struct scenario_page *page)
{
	return page->verify.text || page->quiz;
}

/* Reads the folder. On failure the error names file, and for JSON line and column. JSON with
 * comments and the like is read as it was meant (json_mend.h). */
int scenario_load(const char *folder, struct scenario **ret, struct error *err);
void scenario_free(struct scenario *s); /* accepts NULL */

/* The folder that the lesson's folder is in: where glossary and questions are. The caller's; NULL
 * when memory is short. */
char *scenario_folder_above(const struct scenario *s);

/* The names of the lessons below `folder` as paths relative to it, in the order of its
 * structure.json (Killercoda, with those of its folders; "../x" may lead to another folder below
 * `folder`) or its NAME-pathway.json (Katacoda; the courses are here, in NAME/ or named from the
 * top). Without a structure.json the others follow by name, those in folders of folders and of
 * lessons too. Folders without an index.json are left out, and assets/ is not looked into. *names
 * is an array of `n` strings in `arena`. */
int scenario_list(
        const char *folder, struct arena *arena, const char ***names, size_t *n, struct error *err);
