/* Taking hold of threads and letting go of them, ptrace(2). */
#pragma once

#include "kernel/watch/tracee.h"

#include <stddef.h>

/* Takes hold of one thread of ours that has not begun. Negative errno. */
int attach_seize(pid_t tid);
/* Whether we are its tracer. */
bool attach_is_ours(pid_t tid);
/* Whether a stop by this signal is one of the whole process, which lasts until SIGCONT. */
bool attach_stops_group(int signal);
/* Takes hold of all threads of processes that run, which then stop at every call. -EPERM, -ESRCH.
 */
int attach_all(struct tracees *all, const pid_t *pids, size_t n);
/* Asks all that stop at every call to stop once more; attach_detach() lets each go then. */
void attach_release(struct tracees *all);
/* Lets a stopped thread go on in the way in which it is followed. */
void attach_resume(const struct tracee *t, int signal);
/* In clone(2) or, its arguments in memory, clone3(2): what is made there is followed as well,
 * though the caller asks for CLONE_UNTRACED. Without a tracer it could not live under our filter.
 * `first` is the first argument. */
void attach_keep_child(pid_t tid, bool in_memory, uint64_t first);
/* Lets a stopped thread go, with the signal that it was about to get, and forgets it. */
void attach_detach(struct tracees *all, struct tracee *t, int signal);
