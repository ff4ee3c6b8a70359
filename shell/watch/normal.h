/* A system call, or a request, as two runs can be compared by it: what only one run can have is
 * left out. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/watch/recording.h"

/* Appends "mount("proc", "/proc/self/fd/N", "proc", 0, NULL)"; of what is asked of a daemon or of a
 * runtime "http POST /v1.41/containers/ID/start". Numbers of descriptors, of processes and of keys
 * become N, addresses ADDRESS, ids of containers ID, names that end in random letters NAME.…; of
 * execve(2) the variables are left out. Numbers that are a user, a mode, a flag or a size stay.
 * `container` is the name that the person gave to the container, which becomes ID too; "" = none.
 */
void watch_normal(struct buf *out, const struct watch_event *e, const char *container);
/* That name, as the first command line of a runtime in the recording has it; "" when there is none.
 * The caller's; NULL when memory is out. */
char *watch_normal_container(const struct watch_recording *r);
