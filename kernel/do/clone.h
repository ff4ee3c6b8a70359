/* Processes made and ended by descriptor, clone(2), pidfd_open(2). */
#pragma once

#include <stdint.h>
#include <sys/types.h>

/* clone3(2) as fork(2) with flags; Linux 5.3. 0 in the child, -1 with errno. *ret_pidfd is the
 * caller's, O_CLOEXEC. In the child: raw system calls and what is async-signal-safe only. */
pid_t clone3_process(uint64_t flags, int *ret_pidfd);
/* Kills the child behind `pidfd` and reaps it. */
void child_end(int pidfd);
