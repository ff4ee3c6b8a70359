/* Where the control group file systems are, from /proc/self/mountinfo and /proc/self/cgroup.
 *
 * A v2 hierarchy carries all its controllers in one tree. On v1 each controller (or a few together,
 * "cpu,cpuacct") has a tree of its own; hybrid machines have both, and a controller is in one of
 * them only (cgroups(7)). In a container the mount may show a part of the tree: `root` is then the
 * path of that part. */
#pragma once

#include "kernel/do/cgroup/cgroup.h"

#include <stdbool.h>
#include <stddef.h>

enum { CGROUP_MAX_HIERARCHIES = 24 };

struct cgroup_hierarchy {
	char *mount;          /* "/sys/fs/cgroup/memory" */
	char *root;           /* path in the hierarchy of what is mounted there: "/" */
	char *names;          /* v1: "cpu,cpuacct"; v2: "" */
	char *own;            /* path of this process in the hierarchy; "" = not known */
	unsigned controllers; /* of those that we use; v2: 0 here, cgroup.controllers tells */
	bool v2;
};

struct cgroup_layout {
	enum cgroup_mode mode;
	struct cgroup_hierarchy hierarchies[CGROUP_MAX_HIERARCHIES];
	size_t n;
};

/* From the texts of the two files. -ENOMEM is the only failure: lines that are not understood are
 * passed over. */
int cgroup_layout_parse(const char *mountinfo, const char *self_cgroup, struct cgroup_layout *ret);
/* Of this machine. Without a readable /proc: CGROUP_NONE. */
int cgroup_layout_read(struct cgroup_layout *ret);
void cgroup_layout_release(struct cgroup_layout *l);

/* The v1 hierarchy that has the controller, else the v2 one, else NULL. */
const struct cgroup_hierarchy *cgroup_layout_find(
        const struct cgroup_layout *l, enum cgroup_controller controller);
/* The part of /proc/PID/cgroup's `path` below the mount: "" for its top, NULL when it is not
 * visible there. */
const char *cgroup_hierarchy_relative(const struct cgroup_hierarchy *h, const char *path);

/* "memory pids" or "memory,pids" → a mask. */
unsigned cgroup_controllers_parse(const char *list);
