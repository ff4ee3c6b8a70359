/* System calls that another program decides about: SCMP_ACT_NOTIFY, seccomp_unotify(2).
 *
 * Loading such a filter gives a descriptor, the listener. The first process hands it to the parent,
 * the parent to the socket linux.seccomp.listenerPath, with the state of the container: from then
 * on each of these calls waits for an answer from there. Linux 5.0. */
#pragma once

#include "kernel/base/error.h"

#include <jansson.h>
#include <sys/types.h>

struct build;
struct child_error;

/* -ENOTSUP where the filter wants a listener and nobody knows the container's state. */
int listener_check(const struct build *b, struct error *err);

/* In the child: loads the filter and sends the listener as CHILD_LISTENER. No stdio, no allocation.
 * It returns when the parent says that the agent has it. */
int listener_load(struct build *b, struct child_error *fail);

/* In the parent, which got `fd`: sends it to the listenerPath of `profile`, linux.seccomp, with the
 * "container process state" of config-linux.md: process `pid` of the container whose state is
 * `state`, JSON. Then the first process, at `control`, may go on. The descriptor stays the
 * caller's. */
int listener_hand_over(const json_t *profile, int control, int fd, pid_t pid, const char *state,
        struct error *err);
