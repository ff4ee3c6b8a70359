/* Removing a control group with everything in it. */
#pragma once

#include "kernel/base/error.h"

/* Ends the processes in `path` (absolute, in a control group file system), waits for the last one
 * by event and at most five seconds, then removes the group, its children, and the one above it
 * that is ours (place_name.h) when it was the last there, with the controllers that were switched
 * on for it; another lab's that still uses them takes that over. 1: removed; 0: there was none;
 * -EBUSY: a process cannot be ended. */
int cgroup_directory_remove(const char *path, struct error *err);

/* Locks the directory `base`, in which ours are made and removed: no two of us do that at once.
 * The lock goes with the descriptor, which is the caller's. */
int cgroup_base_lock(const char *base);

/* Remembers on `parent` itself (an extended attribute, gone with it) that `controllers`, a text
 * like "memory pids", had to be switched on in the cgroup.subtree_control of the group above it. */
int cgroup_parent_remember(const char *parent, const char *controllers);
