/* Where in a hierarchy this user may make groups: the directory that "cutaway" goes into. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/do/cgroup/layout.h"

/* The top of the mount where that may be written (root); else the nearest group around this process
 * that is delegated to the user, can hold children ("no internal processes", cgroup-v2.rst) and
 * has the controllers. *ret is the caller's. -EACCES: no place for this user. -EBUSY: the only
 * place has processes of its own. -ENOTSUP: a controller is not to be had there. */
int cgroup_base_find(const struct cgroup_hierarchy *h, unsigned controllers, char **ret);

/* Which of our controllers groups in `base` can have. */
unsigned cgroup_base_controllers(const struct cgroup_hierarchy *h, const char *base);
