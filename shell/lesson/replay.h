/* A lesson done by nobody: every page's check must fail, then its commands are typed, then the
 * check must pass; at the end nothing may be left. For `cutaway replay` and for the proof in
 * `cutaway lint`.
 *
 * Each lesson has a fresh lab with home, data, state and runtime directories of its own. A command
 * is typed when the terminal is read (replay_terminal.h), so a page may start a shell in a
 * container and have its next commands typed into that, also over several pages. */
#pragma once

#include "kernel/base/error.h"
#include "shell/lesson/scenario.h"

#include <stdbool.h>
#include <stddef.h>

/* One thing that was to hold. */
struct replay_point {
	const struct scenario *lesson;
	size_t page;      /* index into the lesson's pages; n_pages = the lesson as a whole */
	const char *what; /* "the check passes after the commands" */
	bool holds;
	const char *skipped;     /* the feature that is missing here; NULL = it was tried */
	const char *diagnostics; /* lines about the failure; "" = none */
};

struct replay_options {
	size_t upto;    /* last page to do, as numbered for people (the intro is 0); 0 = all */
	bool hints;     /* a point for the hints of each page: each comes true at some time */
	bool solutions; /* where a page has a solution script, it runs instead of the commands; it
	                 * does anyway where there are none */
	int limit_ms;   /* for one command; 0 = one minute */
	/* For bash, when the commands of a page were done and while the lab stands: a point of its
	 * own, which holds with exit status 0. NULL = none. */
	const char *after_step;
	void (*point)(void *data, const struct replay_point *point);
	void *data;
};

/* Replays one lesson. 0 when it could be tried, whatever the points said; negative errno when not
 * even a lab could be made. Changes our environment (HOME, XDG_*, PATH, CUTAWAY_LAB, LAB) while it
 * runs.
 */
int replay_lesson(
        const struct scenario *lesson, const struct replay_options *options, struct error *err);
