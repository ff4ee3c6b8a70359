/* The device filter of control groups of version 2, on the real kernel. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/cgroup/group.h"
#include "kernel/do/cgroup/group_v2.h"
#include "kernel/do/cgroup/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* A group of version 2 of our own; false where there can be none. */
static bool make_group(char *path, size_t size)
{
	struct cgroup_layout l;
	bool made = false;

	if (cgroup_layout_read(&l) < 0)
		return false;
	for (size_t i = 0; i < l.n && !made; i++) {
		if (!l.hierarchies[i].v2)
			continue;
		snprintf(path, size, "%s/test-group-%d", l.hierarchies[i].mount, (int)getpid());
		made = mkdir(path, 0755) == 0;
	}
	cgroup_layout_release(&l);
	return made;
}

/* What open(2) of a device says to a process in the group: 0 or errno. */
static int open_inside(const char *group, const char *device, int flags)
{
	char procs[300];
	int status;
	pid_t pid;

	snprintf(procs, sizeof procs, "%s/cgroup.procs", group);
	pid = fork();
	if (pid == 0) {
		if (file_write_at(AT_FDCWD, procs, "0") < 0)
			_exit(255);
		_exit(open(device, flags | O_CLOEXEC) < 0 ? errno : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

static void test_device_filter(void **state)
{
	static struct device_rule rules[] = {
	        {true, 'a', -1, -1, "rwm"}, /* before a rule for everything none counts */
	        {false, 'a', -1, -1, "rwm"},
	        {true, 'c', 1, 3, "rwm"},
	        {true, 'c', 1, 5, "r"},
	        {true, 'c', 1, -1, "rw"},
	        {false, 'c', 1, 8, "w"},
	};
	struct config c = {.device_rules = rules, .n_device_rules = sizeof rules / sizeof *rules};
	struct error err = {0};
	char group[256];
	int r;

	(void)state;
	if (geteuid() != 0 || !make_group(group, sizeof group))
		skip();
	r = group_v2_devices(group, &c, &err);
	if (r == -ENOTSUP) { /* this kernel has no such filters, and it was said */
		assert_string_equal(err.object, "linux.resources.devices");
		assert_int_equal(rmdir(group), 0);
		skip();
	}
	if (r < 0)
		fail_msg("%s: %s: %s", err.operation, err.object, err.cause);
	assert_int_equal(open_inside(group, "/dev/null", O_RDWR), 0);
	assert_int_equal(open_inside(group, "/dev/zero", O_RDWR), 0);
	assert_int_equal(open_inside(group, "/dev/random", O_RDONLY), 0);
	assert_int_equal(open_inside(group, "/dev/random", O_WRONLY), EPERM);
	assert_int_equal(open_inside(group, "/dev/tty", O_RDONLY), EPERM);
	assert_int_equal(open_inside(group, "/dev/ptmx", O_RDWR), EPERM);
	assert_int_equal(rmdir(group), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_device_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
