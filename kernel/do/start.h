/* The first process of a bundle's container waits for `start` when all around it is made. Nothing
 * of ours stays behind: it waits by itself, on a socket in the container's directory. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/do/config.h"

#include <sys/types.h>

/* The socket it will wait on, DIRECTORY/start; the caller's. */
int start_listen(const char *directory, int *ret_fd, struct error *err);
/* Whether somebody may still be waiting there. */
int start_pending(const char *directory);
/* Lets it go, process `pid`: hands it the state for its startContainer hooks, waits until its
 * program runs, and removes the socket. A listener for its system calls goes where `config` says.
 */
int start_release(const char *directory, const struct config *config, pid_t pid, const char *state,
        struct error *err);
