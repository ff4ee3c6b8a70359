/* The one executor: the same list of steps for full speed, for one key a step, and for building
 * again what cannot be taken back.
 *
 * It keeps the promise that nothing is left: when a step fails, all steps before it are undone in
 * reverse, and the error names the step, the object, the cause and what it means here. */
#pragma once

#include "kernel/do/plan.h"

struct executor {
	struct build *build;
	struct plan *plan;
	size_t done;         /* steps performed */
	size_t child_done;   /* of these, how far the child has done its parts */
	size_t sent;         /* what it was told to do when its answer is not awaited yet; else 0 */
	bool fd_pending;     /* the child has not been given its root directory yet */
	bool groups_pending; /* nor the files to join its control groups through */
	bool program;        /* execve(2) has been done */

	/* What else is to be done before the first step that is done beside the child (step.h), and
	 * can be meanwhile; NULL = nothing. It is done once. */
	int (*meanwhile)(void *context, struct error *err);
	void *context;

	/* For tests: this step reports `fail_code` instead of being done; NULL = none. */
	const char *fail_step;
	int fail_code;
};

void executor_init(struct executor *ex, struct build *b, struct plan *p);

/* Performs all steps up to and with index `last` that are not done yet. On failure everything is
 * undone, ex->done is 0, and the failed step is marked. */
int executor_run(struct executor *ex, size_t last, struct error *err);

/* Takes the last step back. Where the kernel cannot, ends the first process and builds again up to
 * the step before; *ret_rebuilt then says so (may be NULL). */
int executor_back(struct executor *ex, bool *ret_rebuilt, struct error *err);

/* Ends the first process if it lives and undoes every step in reverse. The first error is told, but
 * all is tried. */
int executor_undo(struct executor *ex, struct error *err);
