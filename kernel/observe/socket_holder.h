/* Which process holds a socket: the links /proc/PID/fd/N that say "socket:[INODE]" (proc(5)).
 * Internal to kernel/observe.
 *
 * Looking through the descriptors of all processes would cost more than all the rest of an
 * observation. So only processes of interest are looked through; who is at the other end of what
 * they hold is asked of the socket itself (SO_PEERCRED, unix(7)). */
#pragma once

#include "kernel/observe/reading.h"

struct holder {
	pid_t pid; /* 0 = not known */
	uint64_t start_time;
	int fd; /* its descriptor, when it was found in this observation; else -1 */
};

/* A socket to be found. */
struct sought {
	uint64_t inode;
	struct holder *holder; /* filled in */
};

/* Looks through the descriptors of a process for sockets of `all`, which is sorted by inode. */
void socket_holder_look(
        const struct reading *r, const struct model_process *p, const struct sought *all, size_t n);
/* The process that made the other end of a socket that `holder` holds by its `fd`: who connected,
 * or, when `holder` has connected, who began to listen. A copy of the descriptor is taken for the
 * time of the question, which neither of the two notices. 0 = that is not to be had: since Linux
 * 5.6, with the right to trace the holder (pidfd_getfd(2)). */
pid_t socket_holder_peer(const struct holder *holder);
