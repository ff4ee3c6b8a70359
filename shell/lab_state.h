/* What a lab tells about itself: lab.json in its directory, replaced as a whole by the shell and
 * read by any viewer (the stage, `cutaway view`). A file and not a stream of events: a viewer can
 * come, go and crash without anything being lost.
 *
 * Strings of a state that is written are the writer's; those of one that was read are its arena's
 * and, coming from a file, are to be cleaned before they reach a terminal. Never NULL when read. */
#pragma once

#include "kernel/base/arena.h"
#include "kernel/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* One condition that the page still asks for, as a check found it. */
struct lab_unmet {
	const char *fact;   /* "container.hand.ns.uts" */
	const char *wanted; /* "" = only that it be there */
	const char *text;   /* for the learner */
};

struct lab_state {
	pid_t shell_pid;
	uint64_t shell_start;
	const char *lesson, *lesson_title; /* "" = no lesson */
	int lesson_number;                 /* place in the list, from 1; 0 = not told */
	int step, steps;                   /* page, from 0 = intro; number of pages */
	const char *step_title, *markdown; /* of the page */
	const bool *done;                  /* for each command of the page: run already */
	size_t n_done;
	bool checked; /* the page has a check at all */
	bool passed;
	const struct lab_unmet *unmet;
	size_t n_unmet;
	const char *view, *subject; /* of the drawing: "container", "hand" */
	const char *message;        /* last answer of the tutor to a key or a command */
	uint64_t serial;            /* grows with every change */
	uint64_t step_serial;       /* grows when a page starts: then the picture starts afresh */
	struct arena arena;
};

/* Replaces lab.json below the directory `dirfd`. */
int lab_state_write(int dirfd, const struct lab_state *state, struct error *err);
/* Reads it. Unknown keys are skipped, missing ones empty; another version or something that is not
 * a lab state is -EINVAL, and `ret` stays untouched. */
int lab_state_read(int dirfd, struct lab_state *ret, struct error *err);
void lab_state_release(struct lab_state *state); /* of one that was read */
