#include "kernel/do/cgroup/remove.h"

#include "kernel/base/buf.h"
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/base/place_name.h"
#include "kernel/do/cgroup/driver.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#define SWITCHED_ON "user.cutaway.switched-on" /* the attribute, Linux 5.7 on cgroup2 */

enum { REMOVE_WAIT_MS = 5000, MAX_DEPTH = 32, PROCS_LIMIT = 4 << 20 };

const struct cgroup_driver *cgroup_driver_of(int dir)
{
	struct statfs fs;

	if (fstatfs(dir, &fs) < 0)
		return NULL;
	return fs.f_type == CGROUP2_SUPER_MAGIC  ? &cgroup_v2
	       : fs.f_type == CGROUP_SUPER_MAGIC ? &cgroup_v1
	                                         : NULL;
}

static int walk(int dir, int depth, int (*each)(int dir, void *context), void *context)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir list = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	if (!list) {
		int r = -errno;
		if (copy >= 0)
			close(copy);
		return r;
	}
	while (depth < MAX_DEPTH && (entry = readdir(list))) {
		auto_close child = -1;
		int r;
		if (entry->d_type != DT_DIR || !strcmp(entry->d_name, ".") ||
		        !strcmp(entry->d_name, ".."))
			continue;
		child = openat(dir, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (child < 0)
			continue; /* removed meanwhile */
		r = walk(child, depth + 1, each, context);
		if (r < 0)
			return r;
	}
	return each(dir, context);
}

int cgroup_walk(int dir, int (*each)(int dir, void *context), void *context)
{
	return walk(dir, 0, each, context);
}

static bool still_listed(int dir, pid_t pid)
{
	auto_buf text = BUF_INIT;
	char line[32];

	snprintf(line, sizeof line, "\n%d\n", (int)pid);
	buf_add(&text, "\n");
	return file_read_at(dir, "cgroup.procs", PROCS_LIMIT, &text) == 0 &&
	       strstr(buf_text(&text), line);
}

static int kill_one(int dir, pid_t pid, deadline_ms end)
{
	auto_close fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd p = {.fd = fd, .events = POLLIN};

	if (fd < 0)
		return errno == ESRCH || errno == EINVAL ? 0 : -errno;
	/* The number may have passed on to a stranger before it was opened; after this look the
	 * descriptor is sure to mean a member, or one that has ended. */
	if (!still_listed(dir, pid))
		return 0;
	if (syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0) < 0)
		return errno == ESRCH ? 0 : -errno;
	/* A frozen process ends only after it is thawed: the caller's deadline covers that. */
	return poll(&p, 1, deadline_left(end)) == 0 ? -ETIMEDOUT : 0;
}

int cgroup_kill_listed(int dir, deadline_ms end, unsigned *ret_found)
{
	auto_buf text = BUF_INIT;
	int r = file_read_at(dir, "cgroup.procs", PROCS_LIMIT, &text);

	if (r < 0)
		return r == -ENODEV || r == -ENOENT ? 0 : r;
	for (char *p = text.data, *next; p && *p; p = next) {
		pid_t pid = (pid_t)strtol(p, &next, 10);
		if (next == p)
			break;
		next += strspn(next, "\n");
		if (pid <= 0)
			continue;
		++*ret_found;
		r = kill_one(dir, pid, end);
		if (r < 0)
			return r;
	}
	return 0;
}

/* rmdir says EBUSY for a moment after the last process ended, while the kernel lets go of it. */
static int remove_patiently(const char *path, deadline_ms end)
{
	while (rmdir(path) < 0) {
		if (errno == ENOENT)
			return 0;
		if (errno != EBUSY || !deadline_left(end))
			return -errno;
		poll(NULL, 0, 1);
	}
	return 1;
}

struct remove_context {
	deadline_ms end;
};

static int remove_group(int dir, void *context)
{
	const struct remove_context *c = context;
	char link[32], path[PATH_MAX];
	ssize_t n;
	int r;

	/* rmdir wants a name: the kernel knows the one of this descriptor. */
	snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
	n = readlink(link, path, sizeof path - 1);
	if (n < 0)
		return -errno;
	path[n] = '\0';
	r = remove_patiently(path, c->end);
	return r < 0 ? r : 0;
}

int cgroup_base_lock(const char *base)
{
	auto_close fd = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_EX) < 0)
		return -errno;
	return steal_fd(&fd);
}

int cgroup_parent_remember(const char *parent, const char *controllers)
{
	auto_buf text = BUF_INIT;
	char old[256];
	ssize_t n;

	n = getxattr(parent, SWITCHED_ON, old, sizeof old);
	if (n > 0)
		buf_add_bytes(&text, old, (size_t)n);
	buf_addf(&text, "%s%s", n > 0 ? " " : "", controllers);
	if (buf_failed(&text))
		return -ENOMEM;
	return setxattr(parent, SWITCHED_ON, text.data, text.len, 0) < 0 ? -errno : 0;
}

/* Switches off what was switched on for us. A controller that a neighbour uses by now stays: the
 * kernel refuses with EBUSY where it can see the use. */
static void switch_off(const char *base, char *controllers)
{
	auto_free char *file = NULL;
	char *state = NULL;

	if (asprintf(&file, "%s/cgroup.subtree_control", base) < 0)
		return;
	for (char *word = strtok_r(controllers, " ", &state); word;
	        word = strtok_r(NULL, " ", &state)) {
		char text[64];
		snprintf(text, sizeof text, "-%s", word);
		file_write_at(AT_FDCWD, file, text);
	}
}

/* Another lab that stands beside `gone` has them on without having switched them on: the last one
 * there is to do it. Whether there is such a one. */
static bool hand_over(const char *base, const char *gone, const char *controllers)
{
	auto_dir dir = opendir(base);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		auto_free char *other = NULL;
		if (place_is_group(entry->d_name) &&
		        asprintf(&other, "%s/%s", base, entry->d_name) >= 0 &&
		        strcmp(other, gone) != 0 && cgroup_parent_remember(other, controllers) == 0)
			return true;
	}
	return false;
}

static void remove_parent_if_last(const char *path)
{
	auto_free char *base = strdup(path);
	auto_free char *parent = NULL;
	auto_close lock = -1;
	char *slash = base ? strrchr(base, '/') : NULL;
	char controllers[256];
	ssize_t n;

	if (!slash)
		return;
	*slash = '\0';
	parent = strdup(base);
	slash = strrchr(base, '/');
	if (!parent || !slash || !place_is_group(slash + 1))
		return;
	*slash = '\0';
	lock = cgroup_base_lock(base);
	if (lock < 0 || !cgroup_driver_of(lock))
		return;
	n = getxattr(parent, SWITCHED_ON, controllers, sizeof controllers - 1);
	if (rmdir(parent) < 0 || n <= 0)
		return; /* EBUSY: there are others in it, and the last of them will do this */
	controllers[n] = '\0';
	if (!hand_over(base, parent, controllers))
		switch_off(base, controllers);
}

int cgroup_directory_remove(const char *path, struct error *err)
{
	struct remove_context c = {.end = deadline_in(REMOVE_WAIT_MS)};
	auto_close dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	const struct cgroup_driver *driver;
	int r;

	if (dir < 0 && errno != ENOENT)
		return error_set(err, errno, "open control group", path, NULL);
	if (dir < 0) {
		remove_parent_if_last(path);
		return 0;
	}
	driver = cgroup_driver_of(dir);
	if (!driver)
		return error_set(err, EINVAL, "remove control group", path,
		        "it is not in a control group file system");
	r = driver->kill(dir, c.end);
	if (r < 0)
		return error_set(err, EBUSY, "end processes of control group", path, "%s",
		        r == -ETIMEDOUT ? "one did not end within five seconds" : strerror(-r));
	r = cgroup_walk(dir, remove_group, &c);
	if (r < 0)
		return error_set(err, -r, "remove control group", path, NULL);
	remove_parent_if_last(path);
	return 1;
}
