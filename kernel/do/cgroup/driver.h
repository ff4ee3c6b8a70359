/* What differs between the two versions of control groups, as one table each. Private to
 * kernel/do/cgroup/. */
#pragma once

#include "kernel/base/deadline.h"
#include "kernel/do/cgroup/cgroup.h"

#include <stdbool.h>
#include <stdint.h>

struct cgroup_driver {
	/* Files that hold a limit or a state, by controller. */
	const char *memory_max, *pids_max, *cpu_max, *freeze_state;
	const char *memory_unlimited; /* what "no limit" is written as in memory_max */

	/* Makes `controllers` usable for children of `parent`, a group of ours in `base`. `base` is
	 * somebody else's; whatever is changed there is taken back when the last of ours in it is
	 * removed. */
	int (*enable)(
	        const char *base, const char *parent, unsigned controllers, struct error *err);
	/* Memory and swap together; CGROUP_UNLIMITED. -ENOENT: swap is not counted here. */
	int (*write_swap_max)(int dir, uint64_t memory, uint64_t swap);
	int (*write_cpu_max)(int dir, uint64_t quota_us, uint64_t period_us);
	int (*freeze)(int dir, bool frozen, deadline_ms end);
	/* Ends every process in the group and below it and waits for the last. -ETIMEDOUT. */
	int (*kill)(int dir, deadline_ms end);
};

extern const struct cgroup_driver cgroup_v1, cgroup_v2;

/* By the file system that `dir` is on (statfs(2)); NULL when that is none for control groups. */
const struct cgroup_driver *cgroup_driver_of(int dir);

/* Calls `each` for `dir` and every group below it, children first. Stops at the first failure. */
int cgroup_walk(int dir, int (*each)(int dir, void *context), void *context);
/* Sends SIGKILL to all that cgroup.procs lists now, and waits for those to end. Adds how many there
 * were to *ret_found. */
int cgroup_kill_listed(int dir, deadline_ms end, unsigned *ret_found);
