/* The group of a container that runs: stopped, signalled, emptied, removed. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/cgroup/driver.h"
#include "kernel/do/cgroup/group.h"
#include "kernel/do/cgroup/remove.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

enum { WAIT_MS = 5000, PROCS_LIMIT = 4 << 20 };

static int open_directory(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? -errno : fd;
}

/* The directory that has a freezer: of its own tree on version 1, any on version 2. */
static int open_freezer(const char *const *directories, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		auto_close dir = open_directory(directories[i]);
		if (dir >= 0 && (faccessat(dir, "freezer.state", F_OK, 0) == 0 ||
		                        faccessat(dir, "cgroup.freeze", F_OK, 0) == 0))
			return steal_fd(&dir);
	}
	return -ENOTSUP;
}

int group_freeze(const char *const *directories, size_t n, bool frozen, struct error *err)
{
	const char *what = frozen ? "pause container" : "resume container";
	auto_close dir = open_freezer(directories, n);
	const struct cgroup_driver *driver = dir < 0 ? NULL : cgroup_driver_of(dir);
	int r;

	if (!driver)
		return error_set(err, ENOTSUP, what, n ? directories[0] : "",
		        "it has no control group with a freezer");
	r = driver->freeze(dir, frozen, deadline_in(WAIT_MS));
	return r < 0 ? error_set(err, -r, what, directories[0], NULL) : 0;
}

bool group_frozen(const char *const *directories, size_t n)
{
	auto_close dir = open_freezer(directories, n);
	auto_buf v1 = BUF_INIT, v2 = BUF_INIT;

	if (dir < 0)
		return false;
	if (file_read_at(dir, "freezer.state", 64, &v1) == 0)
		return !strncmp(buf_text(&v1), "FR", 2); /* FROZEN, and FREEZING on the way */
	return file_read_at(dir, "cgroup.events", 256, &v2) == 0 &&
	       strstr(buf_text(&v2), "frozen 1");
}

size_t group_processes(const char *const *directories, size_t n, pid_t *ret, size_t max)
{
	auto_close dir = n ? open_directory(directories[0]) : -1;
	auto_buf text = BUF_INIT;
	size_t found = 0;

	if (dir < 0 || file_read_at(dir, "cgroup.procs", PROCS_LIMIT, &text) < 0)
		return 0;
	for (char *p = text.data, *next; p && *p; p = next + strspn(next, "\n")) {
		pid_t pid = (pid_t)strtol(p, &next, 10);
		if (next == p)
			break;
		if (found < max)
			ret[found] = pid;
		found++;
	}
	return found;
}

int group_move(const char *const *directories, size_t n, const char *to, struct error *err)
{
	enum { MAX = 32768, TRIES = 10 };
	auto_free pid_t *pids = calloc(MAX, sizeof *pids);
	auto_free char *file = NULL;
	size_t count = 0, there = 0;
	char text[16];

	if (!pids || asprintf(&file, "%s/cgroup.procs", to) < 0)
		return error_set(err, ENOMEM, "move processes", to, NULL);
	/* What a process forks while it is moved may be left behind: then once more. */
	for (int i = 0; i < TRIES && (i == 0 || there < count); i++) {
		count = group_processes(directories, n, pids, MAX);
		for (size_t k = 0; k < count && k < MAX; k++) {
			snprintf(text, sizeof text, "%d", (int)pids[k]);
			int r = file_write_at(AT_FDCWD, file, text);
			if (r < 0 && r != -ESRCH)
				return error_set(err, -r, "move processes", file, NULL);
		}
		count = group_processes(directories, n, pids, MAX);
		there = group_processes(&to, 1, pids, MAX);
	}
	return 0;
}

/* Which groups the signal goes to, and what was tried. */
struct pass {
	int signal;
	int failed;
};

static int signal_listed(int dir, void *context)
{
	struct pass *pass = context;
	auto_buf text = BUF_INIT;

	if (file_read_at(dir, "cgroup.procs", PROCS_LIMIT, &text) < 0)
		return 0;
	for (char *p = text.data, *next; p && *p; p = next + strspn(next, "\n")) {
		pid_t pid = (pid_t)strtol(p, &next, 10);
		if (next == p)
			break;
		if (pid > 0 && kill(pid, pass->signal) < 0 && errno != ESRCH)
			pass->failed = errno;
	}
	return 0;
}

int group_signal(const char *const *directories, size_t n, int signal, struct error *err)
{
	struct pass pass = {.signal = signal};
	auto_close dir = n ? open_directory(directories[n - 1]) : -1;
	const struct cgroup_driver *driver = dir < 0 ? NULL : cgroup_driver_of(dir);
	int r;

	if (dir == -ENOENT)
		return 0;
	if (!driver)
		return error_set(err, n && dir < 0 ? -dir : ENOTSUP, "signal all processes", "",
		        "the container has no control group");
	if (signal == SIGKILL) {
		group_freeze(directories, n, false, NULL);
		r = driver->kill(dir, deadline_in(WAIT_MS));
	} else {
		r = cgroup_walk(dir, signal_listed, &pass);
	}
	if (r == 0)
		r = -pass.failed;
	return r < 0 ? error_set(err, -r, "signal all processes", directories[n - 1], NULL) : 0;
}

/* The directory above goes too when it is one of ours and the last has left. */
static void remove_own_parent(const char *path)
{
	auto_free char *parent = strdup(path);
	char *slash = parent ? strrchr(parent, '/') : NULL;

	if (!slash)
		return;
	*slash = '\0';
	slash = strrchr(parent, '/');
	if (slash && !strcmp(slash, "/cutaway-oci"))
		rmdir(parent);
}

/* Removes those in which nothing is any more: the usual case. Whether all were such. */
static bool remove_empty(const char *const *directories, size_t n, unsigned kept)
{
	bool all = true;

	for (size_t i = n; i-- > 0;) {
		if (kept & 1u << i)
			all = false;
		else if (rmdir(directories[i]) == 0 || errno == ENOENT)
			remove_own_parent(directories[i]);
		else
			all = false;
	}
	return all;
}

/* One that was there before: only its processes go. */
static int end_processes(const char *path, struct error *err)
{
	auto_close dir = open_directory(path);
	const struct cgroup_driver *driver = dir < 0 ? NULL : cgroup_driver_of(dir);
	int r;

	if (dir == -ENOENT)
		return 0;
	r = driver ? driver->kill(dir, deadline_in(WAIT_MS)) : dir < 0 ? dir : -EINVAL;
	return r < 0 ? error_set(err, -r, "end processes of control group", path, NULL) : 0;
}

int group_remove(const char *const *directories, size_t n, unsigned kept, struct error *err)
{
	int first = 0;

	if (remove_empty(directories, n, kept))
		return 0;
	/* A process that is frozen cannot end. */
	if (group_frozen(directories, n))
		group_freeze(directories, n, false, NULL);
	for (size_t i = n; i-- > 0;) {
		bool stays = kept & 1u << i;
		int r = stays ? end_processes(directories[i], err)
		              : cgroup_directory_remove(directories[i], err);
		if (r < 0 && !first)
			first = r;
		if (r >= 0 && !stays)
			remove_own_parent(directories[i]);
	}
	return first;
}
