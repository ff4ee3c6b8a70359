/* Freeze and thaw: the kernel stops every process of a group where it stands, and lets it run on.
 * No signal is sent, and the processes cannot tell. v1: freezer-subsystem.rst; v2: cgroup.freeze,
 * cgroup-v2.rst, since Linux 5.2. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/cgroup/cgroup.h"
#include "kernel/do/cgroup/driver.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum { WAIT_MS = 5000 };

int cgroup_directory_freeze(const char *directory, bool frozen, struct error *err)
{
	const char *operation = frozen ? "freeze" : "thaw";
	auto_close dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct cgroup_driver *driver = dir < 0 ? NULL : cgroup_driver_of(dir);
	int r;

	if (dir < 0)
		return error_set(err, errno, operation, directory, NULL);
	if (!driver)
		return error_set(err, ENOTTY, operation, directory, "it is no control group");
	r = driver->freeze(dir, frozen, deadline_in(WAIT_MS));
	return r < 0 ? error_set(err, -r, operation, directory, NULL) : 0;
}

bool cgroup_directory_frozen(const char *directory)
{
	auto_close dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_buf text = BUF_INIT;

	/* v1 says FROZEN; v2 has a line "frozen 1". */
	if (dir < 0)
		return false;
	if (file_read_at(dir, "freezer.state", 64, &text) == 0)
		return !strncmp(buf_text(&text), "FROZEN", 6);
	return file_read_at(dir, "cgroup.events", 256, &text) == 0 &&
	       strstr(buf_text(&text), "frozen 1");
}
