/* A process named so that it cannot be mistaken for a later one with the same number: pid and the
 * start time that /proc/PID/stat gives (field 22, clock ticks since boot, proc(5)). */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct process_id {
	pid_t pid;           /* as seen in the pid namespace of the caller's /proc; 0 = none */
	uint64_t start_time; /* clock ticks since boot */
};

/* Reads the start time of `pid`. -ESRCH when there is no such process. */
int process_id_read(pid_t pid, struct process_id *ret);
/* Whether that very process still exists (a zombie counts as gone). */
bool process_id_alive(const struct process_id *id);
/* Sends `signal` to that very process and to no other (pidfd, Linux 5.3). -ESRCH when it is gone.
 */
int process_id_signal(const struct process_id *id, int signal);
