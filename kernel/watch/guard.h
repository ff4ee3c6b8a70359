/* Somebody who takes over when the follower is killed: a process under our filter (trap.h) that
 * nobody traces gets ENOSYS from mount(2), execve(2) and all the others. The guard is a process
 * that sleeps until the follower has gone, then takes hold of all threads that the follower knew to
 * run under the filter, and lets them pass, silently, as long as one lives.
 *
 * It wakes when the follower's descriptors are closed, which is before its tracees are let go, and
 * tries until it gets them: a call within these microseconds still fails, as seen in a shell that
 * does nothing but start programs in three cases of a hundred (ten, were its end not delayed). */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { GUARD_PIDS = 1 << 22 }; /* more than there can be, PID_MAX_LIMIT of proc(5) */

/* Shared with the guard: a bit for each thread that runs under the filter. */
struct guard {
	pid_t command;
	uint64_t begun;    /* microseconds of CLOCK_MONOTONIC */
	bool delayed;      /* see guard_delay_end() */
	pid_t first, last; /* all that were ever known are between */
	uint64_t known[GUARD_PIDS / 64];
};

/* Makes what the follower and the guard share: *ret_alive[1] is for the follower alone, its end is
 * the follower's; [0] is for the guard. Both are the caller's. Negative errno. */
int guard_prepare(struct guard **ret, int ret_alive[static 2]);
/* Starts it: when the command is on its way, which need not wait for that. `record` is where the
 * guard tells the end of the command if it comes to that; it keeps a copy of its own until
 * guard_finished(). */
void guard_start(struct guard *g, int record, int alive);
/* In the follower: from its last moment to when its tracees are let go shall be time enough for the
 * guard to wake. A killed process closes the descriptor with the highest number first (task_work,
 * last in, first out), and a packet socket takes the kernel some milliseconds, until no processor
 * looks at it any more: opened here, below `alive`, which moves up. The new `alive`; the old one
 * where such a socket is refused. */
int guard_delay_end(struct guard *g, int alive);
/* In those who do not use it; NULL is none, for the functions below too. */
void guard_release(struct guard *g);
void guard_know(struct guard *g, pid_t tid);
void guard_forget(struct guard *g, pid_t tid);
/* The command has ended, and that has been told; `alive` -1 = there is no guard. */
void guard_finished(int alive);
