/* Version 2: one tree; a controller has to be switched on for the children of a group in its
 * cgroup.subtree_control, from the root down (cgroup-v2.rst). */
#include "kernel/base/buf.h"
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/cgroup/driver.h"
#include "kernel/do/cgroup/layout.h"
#include "kernel/do/cgroup/remove.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

/* The controllers that have to be switched on; the freezer is part of every v2 group. */
static const enum cgroup_controller switched[] = {CGROUP_MEMORY, CGROUP_PIDS, CGROUP_CPU};

enum { N_SWITCHED = sizeof switched / sizeof switched[0] };

static unsigned missing_in(int dir, unsigned controllers)
{
	auto_buf text = BUF_INIT;

	if (file_read_at(dir, "cgroup.subtree_control", 4096, &text) < 0)
		return controllers & ~(unsigned)CGROUP_FREEZER;
	return controllers & ~cgroup_controllers_parse(buf_text(&text)) & ~(unsigned)CGROUP_FREEZER;
}

static int switch_on(int dir, unsigned controllers, const char *path, struct error *err)
{
	for (size_t i = 0; i < N_SWITCHED; i++) {
		char text[32];
		int r;
		if (!(controllers & switched[i]))
			continue;
		snprintf(text, sizeof text, "+%s", cgroup_controller_name(switched[i]));
		r = file_write_at(dir, "cgroup.subtree_control", text);
		if (r == 0)
			continue;
		error_set(err, -r, "switch on a controller", path,
		        r == -EBUSY ? "%s: the group has processes of its own"
		                    : "%s: the kernel refuses",
		        cgroup_controller_name(switched[i]));
		/* "No internal processes": a group limits its children or holds processes. */
		error_advise(err,
		        "move its processes into a child group: mkdir %s/init, then write "
		        "each pid of %s/cgroup.procs to %s/init/cgroup.procs",
		        path, path, path);
		return r;
	}
	return 0;
}

static int v2_enable(const char *base, const char *parent, unsigned controllers, struct error *err)
{
	auto_close base_dir = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_close parent_dir = -1;
	auto_buf names = BUF_INIT;
	unsigned missing;
	int r;

	if (base_dir < 0)
		return error_set(err, errno, "open control group", base, NULL);
	parent_dir = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (parent_dir < 0)
		return error_set(err, errno, "open control group", parent, NULL);
	missing = missing_in(base_dir, controllers);
	for (size_t i = 0; i < N_SWITCHED; i++)
		if (missing & switched[i])
			buf_addf(&names, "%s%s", names.len ? " " : "",
			        cgroup_controller_name(switched[i]));
	/* Written down before it is done. A kernel too old for the attribute leaves the controller
	 * on, which costs nothing and limits nobody. */
	if (names.len)
		cgroup_parent_remember(parent, buf_text(&names));
	r = switch_on(base_dir, missing, base, err);
	return r < 0 ? r : switch_on(parent_dir, missing_in(parent_dir, controllers), parent, err);
}

static int v2_write_swap_max(int dir, uint64_t memory, uint64_t swap)
{
	char text[32] = "max";

	(void)memory;
	if (swap != CGROUP_UNLIMITED)
		snprintf(text, sizeof text, "%" PRIu64, swap);
	return file_write_at(dir, "memory.swap.max", text);
}

static int v2_write_cpu_max(int dir, uint64_t quota_us, uint64_t period_us)
{
	char text[64];

	if (quota_us == CGROUP_UNLIMITED)
		snprintf(text, sizeof text, "max %" PRIu64, period_us);
	else
		snprintf(text, sizeof text, "%" PRIu64 " %" PRIu64, quota_us, period_us);
	return file_write_at(dir, "cpu.max", text);
}

/* Waits until cgroup.events has the line. The file becomes readable with POLLPRI when it changes.
 */
static int wait_event(int dir, const char *line, deadline_ms end)
{
	auto_close fd = openat(dir, "cgroup.events", O_RDONLY | O_CLOEXEC);
	char text[256];

	if (fd < 0)
		return errno == ENOENT || errno == ENODEV ? 0 : -errno;
	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLPRI};
		ssize_t n = pread(fd, text, sizeof text - 1, 0);
		if (n < 0)
			return errno == ENODEV ? 0 : -errno;
		text[n] = '\0';
		if (strstr(text, line))
			return 0;
		if (poll(&p, 1, deadline_left(end)) == 0)
			return -ETIMEDOUT;
	}
}

static int v2_freeze(int dir, bool frozen, deadline_ms end)
{
	int r = file_write_at(dir, "cgroup.freeze", frozen ? "1" : "0");

	return r < 0 ? r : wait_event(dir, frozen ? "frozen 1" : "frozen 0", end);
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

/* Before Linux 5.14 there is no cgroup.kill. In v2 a frozen process can be killed. */
static int kill_one_by_one(int dir, deadline_ms end)
{
	int r;

	file_write_at(dir, "cgroup.freeze", "1");
	for (;;) {
		struct kill_pass pass = {.end = end};
		r = cgroup_walk(dir, kill_pass, &pass);
		if (r < 0 || pass.found == 0)
			break;
		if (!deadline_left(end)) {
			r = -ETIMEDOUT;
			break;
		}
	}
	file_write_at(dir, "cgroup.freeze", "0");
	return r;
}

static int v2_kill(int dir, deadline_ms end)
{
	int r = file_write_at(dir, "cgroup.kill", "1");

	if (r == -ENOENT || r == -EACCES)
		return kill_one_by_one(dir, end);
	return r < 0 ? r : wait_event(dir, "populated 0", end);
}

const struct cgroup_driver cgroup_v2 = {
        .memory_max = "memory.max",
        .pids_max = "pids.max",
        .cpu_max = "cpu.max",
        .freeze_state = "cgroup.freeze",
        .memory_unlimited = "max",
        .enable = v2_enable,
        .write_swap_max = v2_write_swap_max,
        .write_cpu_max = v2_write_cpu_max,
        .freeze = v2_freeze,
        .kill = v2_kill,
};
