/* Control groups to be seen from inside: a mount of type "cgroup" in config.json. */
#pragma once

#include "kernel/do/config.h"
#include "kernel/do/step.h"

struct build;
/* In the child. On version 2 the container's own group; on version 1 a directory for each tree that
 * it is in, and in there its own group. Without a group of its own, the host's, read-only. */
int cgroup_mount(struct build *b, const struct mount_spec *m, struct child_error *fail);
