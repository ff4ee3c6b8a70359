/* Runs commands and takes their time: wall clock from before the start to after the end, and the
 * processor time that the kernel counted, wait4(2).
 *
 * No shell is between: posix_spawn(3) starts the program, with an empty input, its output thrown
 * away, and what it says on its standard error kept for the case that it fails. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"
#include "kernel/measure/measure.h"

#include <signal.h>

/* Holds the signals that ask us to end, and waits for them together with the end of a run: no run
 * is left behind, and nothing is half kept. */
struct runner {
	sigset_t waited, before;
	int null, said; /* descriptors: no input and output; a file in memory for stderr */
	int ended_by;   /* the signal that asked us to end; 0 = none did */
};

int runner_open(struct runner *r, struct error *err);
/* Signals are as before again. One that asked us to end is now on its way: with its default action
 * this call does not come back. */
void runner_close(struct runner *r);

/* One run. *ret_status is the exit status as a shell has it: 128 and the number of the signal that
 * ended it. -EINTR when a signal has asked us to end; -ENOENT and the like when the program cannot
 * be started. */
int runner_run(struct runner *r, char *const *argv, struct measure_sample *ret, int *ret_status,
        struct error *err);
/* The last lines of what the last run wrote on its standard error. */
void runner_said(const struct runner *r, struct buf *out);
