/* How much a control group of ours may use: written, and read back. */
#include "kernel/do/cgroup/cgroup.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/cgroup/layout.h"
#include "kernel/do/cgroup/part.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int open_part(const struct cgroup *cg, enum cgroup_controller controller,
        const char *operation, struct error *err)
{
	const struct cgroup_part *p = cgroup_part_of(cg, controller);
	int fd;

	if (!p)
		return error_set(err, ENOTSUP, operation, cg->path,
		        "the group was made without the controller %s",
		        cgroup_controller_name(controller));
	fd = open(p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? error_set(err, errno, operation, p->dir, NULL) : fd;
}

static int write_limit(struct cgroup *cg, enum cgroup_controller controller, uint64_t value,
        const char *unlimited, struct error *err)
{
	auto_close dir = open_part(cg, controller, "set limit", err);
	char text[32];
	int r;

	if (dir < 0)
		return dir;
	if (value == CGROUP_UNLIMITED)
		snprintf(text, sizeof text, "%s", unlimited);
	else
		snprintf(text, sizeof text, "%" PRIu64, value);
	r = file_write_at(dir, cgroup_limit_file(cg, controller), text);
	return r < 0 ? error_set(err, -r, "set limit", cgroup_limit_file(cg, controller), "%s: %s",
	                       text, strerror(-r))
	             : 0;
}

/* v1 never lets the limit of both be below that of memory: what grows is written last. */
int cgroup_set_memory_max(struct cgroup *cg, uint64_t bytes, struct error *err)
{
	const struct cgroup_part *p = cgroup_part_of(cg, CGROUP_MEMORY);
	auto_close dir = open_part(cg, CGROUP_MEMORY, "set limit", err);
	int r, swap = 0;

	if (dir < 0)
		return dir;
	if (bytes == CGROUP_UNLIMITED)
		swap = p->driver->write_swap_max(dir, bytes, bytes);
	r = write_limit(cg, CGROUP_MEMORY, bytes, p->driver->memory_unlimited, err);
	if (r == 0 && bytes != CGROUP_UNLIMITED)
		swap = p->driver->write_swap_max(dir, bytes, bytes);
	if (r == 0 && swap < 0 && swap != -ENOENT)
		r = error_set(err, -swap, "set limit", "swap", NULL);
	return r;
}

int cgroup_set_pids_max(struct cgroup *cg, uint64_t count, struct error *err)
{
	return write_limit(cg, CGROUP_PIDS, count, "max", err);
}

int cgroup_set_cpu_max(struct cgroup *cg, uint64_t quota_us, uint64_t period_us, struct error *err)
{
	auto_close dir = open_part(cg, CGROUP_CPU, "set limit", err);
	int r;

	if (dir < 0)
		return dir;
	r = cgroup_part_of(cg, CGROUP_CPU)->driver->write_cpu_max(dir, quota_us, period_us);
	return r < 0 ? error_set(err, -r, "set limit", cgroup_limit_file(cg, CGROUP_CPU),
	                       "%" PRIu64 " of %" PRIu64 " microseconds: %s", quota_us, period_us,
	                       strerror(-r))
	             : 0;
}

static int read_limit(
        struct cgroup *cg, enum cgroup_controller controller, uint64_t *ret, struct error *err)
{
	auto_close dir = open_part(cg, controller, "read limit", err);
	auto_buf text = BUF_INIT;
	int r;

	if (dir < 0)
		return dir;
	r = file_read_at(dir, cgroup_limit_file(cg, controller), 64, &text);
	if (r < 0)
		return error_set(err, -r, "read limit", cgroup_limit_file(cg, controller), NULL);
	if (!strncmp(buf_text(&text), "max", 3)) {
		*ret = CGROUP_UNLIMITED;
		return 0;
	}
	if (sscanf(buf_text(&text), "%" SCNu64, ret) != 1)
		return error_set(err, EPROTO, "read limit", cgroup_limit_file(cg, controller),
		        "not a number");
	/* v1 has no word for it: the largest number of whole pages stands for no limit. */
	if (*ret > (uint64_t)INT64_MAX - (1 << 20))
		*ret = CGROUP_UNLIMITED;
	return 0;
}

int cgroup_get_memory_max(struct cgroup *cg, uint64_t *ret, struct error *err)
{
	return read_limit(cg, CGROUP_MEMORY, ret, err);
}

int cgroup_get_pids_max(struct cgroup *cg, uint64_t *ret, struct error *err)
{
	return read_limit(cg, CGROUP_PIDS, ret, err);
}

int cgroup_get_cpu_max(struct cgroup *cg, uint64_t *ret, struct error *err)
{
	return read_limit(cg, CGROUP_CPU, ret, err);
}
