/* Follows a command and all that it starts, and processes that run already, and writes what they
 * ask of the kernel as lines of record.h. ptrace(2), by a process of its own, since a process has
 * one tracer and that one must stay: see trap.h. */
#pragma once

#include "kernel/base/error.h"

#include <stdbool.h>
#include <sys/types.h>

struct tracer;

struct tracer_options {
	char *const *command; /* ended by NULL; the first is looked for along PATH */
	const pid_t *also;    /* processes that run already, all threads of them */
	size_t n_also;
	bool bodies; /* what is said is told with its body, secrets masked */
};

/* Starts the command and the process that follows it. *ret_fd, the caller's, is where the record
 * comes out: its end is the end of the watch. Both have our standard streams, directory and process
 * group; the follower ignores the signals of the terminal.
 *
 * The record ends with the command. What it has started may go on: as long as that lives under our
 * filter the follower stays too and only lets it pass. Processes that were followed besides are let
 * go then, and also when we end in any way. When the follower itself is killed, guard.h takes its
 * place: nothing is seen any more, which the record says, but the command goes on to its end.
 *
 * -ENOENT, -EACCES: no such program. -EPERM: a process that is not ours to follow, ptrace(2)
 * "Ptrace access mode checking". -ESRCH: there is no such process. */
int tracer_start(
        const struct tracer_options *options, int *ret_fd, pid_t *ret_tracer, struct error *err);
