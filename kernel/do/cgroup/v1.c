/* Version 1: a tree for each controller, no common switch, no notification of emptiness that an
 * ordinary process could wait for (cgroups(7), "Cgroups version 1"). */
#include "kernel/base/buf.h"
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/cgroup/driver.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Nothing to switch on: a child of a v1 group has its parent's controllers. */
static int v1_enable(const char *base, const char *parent, unsigned controllers, struct error *err)
{
	(void)base;
	(void)parent;
	(void)controllers;
	(void)err;
	return 0;
}

/* One number for both, which may not be less than the memory's. With swapaccount=0 there is no such
 * file. */
static int v1_write_swap_max(int dir, uint64_t memory, uint64_t swap)
{
	char text[32] = "-1";

	if (memory != CGROUP_UNLIMITED && swap != CGROUP_UNLIMITED)
		snprintf(text, sizeof text, "%" PRIu64, memory + swap);
	return file_write_at(dir, "memory.memsw.limit_in_bytes", text);
}

static int v1_write_cpu_max(int dir, uint64_t quota_us, uint64_t period_us)
{
	char text[32];
	int r;

	snprintf(text, sizeof text, "%" PRIu64, period_us);
	r = file_write_at(dir, "cpu.cfs_period_us", text);
	if (r < 0)
		return r;
	if (quota_us == CGROUP_UNLIMITED)
		return file_write_at(dir, "cpu.cfs_quota_us", "-1");
	snprintf(text, sizeof text, "%" PRIu64, quota_us);
	return file_write_at(dir, "cpu.cfs_quota_us", text);
}

/* The state goes FREEZING, then FROZEN; reading it is what moves it on, and no event tells
 * (freezer-subsystem.rst). */
static int v1_freeze(int dir, bool frozen, deadline_ms end)
{
	const char *wanted = frozen ? "FROZEN" : "THAWED";
	int r = file_write_at(dir, "freezer.state", wanted);

	while (r == 0) {
		auto_buf state = BUF_INIT;
		r = file_read_at(dir, "freezer.state", 64, &state);
		if (r < 0 || !strncmp(buf_text(&state), wanted, strlen(wanted)))
			break;
		if (!deadline_left(end))
			r = -ETIMEDOUT;
		else
			poll(NULL, 0, 1);
	}
	return r;
}

struct kill_pass {
	deadline_ms end;
	unsigned found;
};

static int kill_pass(int dir, void *context)
{
	struct kill_pass *pass = context;

	return cgroup_kill_listed(dir, pass->end, &pass->found);
}

static int thaw(int dir, void *context)
{
	(void)context;
	/* Only the freezer's tree has the file; a frozen process cannot end before it is thawed. */
	int r = file_write_at(dir, "freezer.state", "THAWED");
	return r == -ENOENT || r == -EACCES ? 0 : r;
}

/* Round after round until a look finds nobody: a process may fork between the look and the signal.
 */
static int v1_kill(int dir, deadline_ms end)
{
	int r = cgroup_walk(dir, thaw, NULL);

	while (r == 0) {
		struct kill_pass pass = {.end = end};
		r = cgroup_walk(dir, kill_pass, &pass);
		if (r < 0 || pass.found == 0)
			break;
		if (!deadline_left(end))
			r = -ETIMEDOUT;
	}
	return r;
}

const struct cgroup_driver cgroup_v1 = {
        .memory_max = "memory.limit_in_bytes",
        .pids_max = "pids.max",
        .cpu_max = "cpu.cfs_quota_us",
        .freeze_state = "freezer.state",
        .memory_unlimited = "-1",
        .enable = v1_enable,
        .write_swap_max = v1_write_swap_max,
        .write_cpu_max = v1_write_cpu_max,
        .freeze = v1_freeze,
        .kill = v1_kill,
};
