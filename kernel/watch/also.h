/* Processes that run already and shall be followed besides, by what people call them. */
#pragma once

#include "kernel/base/error.h"

#include <stddef.h>
#include <sys/types.h>

struct also {
	pid_t pids[64];
	size_t n;
};

/* Adds the processes that `word` means: a number is a process id; what has a slash or begins with @
 * the socket, as in unix(7), on which they listen; anything else the name of a program, as in
 * /proc/PID/comm, which the kernel cuts at 15 bytes. Each comes once, and we never.
 *
 * -ESRCH: there is none. -EACCES: somebody listens, and we may not see who. -E2BIG: too many. */
int also_find(struct also *a, const char *word, struct error *err);
