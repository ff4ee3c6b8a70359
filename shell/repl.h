/* The prompt: reads lines, gives the tutor's words to the tutor and the rest to bash, checks the
 * page after each command, and tells viewers through lab.json. On a terminal, over a pipe, inside
 * the stage. */
#pragma once

#include "kernel/base/error.h"

#include <stdbool.h>

struct lab;

struct repl_options {
	struct lab *lab;    /* the caller's */
	const char *lesson; /* name or folder; NULL = where the learner stopped, or the first */
	bool stage;         /* the lesson's text is shown beside us: do not print it */
	bool fresh;         /* begin at the first page, whatever the progress says */
};

/* Runs until the learner leaves; returns the exit status for the process, or a negative errno. */
int repl_run(const struct repl_options *options, struct error *err);
