/* The parent of a container's first process, from before its first step until after its end.
 *
 * It performs the steps, all at once or as it is asked through the control socket; hands signals
 * on; passes bytes between our terminal and the container's; collects the exit status; and leaves
 * nothing behind. */
#pragma once

#include "kernel/do/container.h"

struct monitor_options {
	bool step;       /* perform no step unasked: serve requests on the control socket */
	bool foreground; /* hand our signals on; with a terminal, be its screen and keyboard */
	bool start;      /* perform all steps first (else they are, or will be, done) */
	/* Called once when the container runs, or waits for its first step. May be NULL. */
	void (*ready)(void *argument);
	void *argument;
};

/* Runs until the container has ended and everything is undone. Returns 0 and its exit status (128
 * and the signal's number if it was killed) in *ret_status, or an error; a program that could not
 * be started is -ENOENT and the like from step exec. */
int monitor_run(
        struct container *c, const struct monitor_options *o, int *ret_status, struct error *err);

/* 127 when the program was not found, 126 when it could not be run, 125 for all else. */
int monitor_failure_status(const struct error *err);
