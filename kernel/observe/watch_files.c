/* Files that tell of changes, through inotify(7): RUNTIME/containers/NAME/state.json, replaced
 * after every step; the index of the image store; what containers write, as the directories in
 * their upper directory; and the directories of our control groups: mkdir, rmdir, a limit that is
 * written, and the kernel's own cgroup.events ("populated", "frozen"). */
#include "kernel/observe/watch_source.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "kernel/base/file.h"
#include "kernel/base/place_dirs.h"
#include "kernel/base/place_name.h"

#include <dirent.h>
#include <errno.h>
#include <linux/magic.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/vfs.h>

enum { MAX_DEPTH = 8, MAX_ENTRIES = 1024, DRAIN_READS = 64 };

static const uint32_t members = IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM | IN_ONLYDIR;
static const uint32_t contents =
        IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM | IN_MODIFY | IN_ONLYDIR;

/* A program that writes one byte after the other shall not keep anybody busy: a file counts when
 * it is closed. */
static const uint32_t written = IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM |
                                IN_CLOSE_WRITE | IN_ONLYDIR | IN_DONT_FOLLOW;

struct following {
	int fd;            /* inotify */
	const char *group; /* of ours: "cutaway" */
};

/* Calls `each` for every directory in `path`. Watching one twice is the same as once. */
static void for_each_directory(const char *path,
        void (*each)(const struct following *f, const char *path, int depth),
        const struct following *f, int depth)
{
	auto_dir dir = opendir(path);
	struct dirent *e;

	for (int i = 0; dir && i < MAX_ENTRIES && (e = readdir(dir)); i++) {
		auto_free char *child = NULL;
		if (e->d_name[0] == '.' || (e->d_type != DT_DIR && e->d_type != DT_UNKNOWN))
			continue;
		if (asprintf(&child, "%s/%s", path, e->d_name) >= 0)
			each(f, child, depth);
	}
}

static void follow_container(const struct following *f, const char *path, int depth)
{
	(void)depth;
	inotify_add_watch(f->fd, path, members);
}

static void follow_group(const struct following *f, const char *path, int depth)
{
	inotify_add_watch(f->fd, path, contents);
	if (depth < MAX_DEPTH)
		for_each_directory(path, follow_group, f, depth + 1);
}

/* The root of a hierarchy is watched for our group to come; below that, everything. */
static void follow_hierarchy(const struct following *f, const char *path, int depth)
{
	struct statfs fs;
	auto_free char *ours = NULL;

	(void)depth;
	if (statfs(path, &fs) < 0 ||
	        (fs.f_type != CGROUP_SUPER_MAGIC && fs.f_type != CGROUP2_SUPER_MAGIC))
		return;
	inotify_add_watch(f->fd, path, members);
	if (asprintf(&ours, "%s/%s", path, f->group) >= 0)
		follow_group(f, ours, 0);
}

static void follow_upper(const struct following *f, const char *path, int depth)
{
	inotify_add_watch(f->fd, path, written);
	if (depth < MAX_DEPTH)
		for_each_directory(path, follow_upper, f, depth + 1);
}

static void follow_files(const struct following *f, const char *path, int depth)
{
	auto_free char *upper = NULL;

	if (asprintf(&upper, "%s/upper", path) >= 0)
		follow_upper(f, upper, depth);
}

/* The index of the image store is replaced as a whole, so that its directory tells. */
static void follow_store(int fd)
{
	auto_free char *store = NULL;

	if (dirs_path(DIRS_DATA, "store", false, &store, NULL) == 0)
		inotify_add_watch(fd, store, members);
}

static int follow(int fd, const char *runtime)
{
	auto_free char *containers = NULL, *data = NULL;
	char group[PLACE_GROUP_SIZE];
	const struct following f = {.fd = fd, .group = group};

	if (asprintf(&containers, "%s/containers", runtime) < 0)
		return -ENOMEM;
	place_group(runtime, group);
	if (inotify_add_watch(fd, containers, members) < 0)
		return -errno;
	for_each_directory(containers, follow_container, &f, 0);
	if (place_data(NULL, false, &data, NULL) == 0)
		for_each_directory(data, follow_files, &f, 0);
	follow_store(fd);
	follow_hierarchy(&f, "/sys/fs/cgroup", 0);                     /* v2 alone */
	for_each_directory("/sys/fs/cgroup", follow_hierarchy, &f, 0); /* v1 and hybrid */
	return 0;
}

int watch_files_open(const char *runtime)
{
	auto_close fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	auto_free char *containers = NULL;

	if (fd < 0 || asprintf(&containers, "%s/containers", runtime) < 0 ||
	        dir_make(containers, 0700) < 0 || follow(fd, runtime) < 0)
		return -1;
	return steal_fd(&fd);
}

/* Temporary files, before they take their place, are nobody's concern. */
static bool matters(const struct inotify_event *event)
{
	static const char tail[] = ".tmp";
	size_t n = event->len ? strlen(event->name) : 0, len = sizeof tail - 1;

	return !(event->mask & IN_IGNORED) && (n < len || strcmp(event->name + n - len, tail) != 0);
}

/* A step that was done may have made the upper directory. */
static bool may_bring_directories(const struct inotify_event *event)
{
	return event->mask & (IN_ISDIR | IN_Q_OVERFLOW) ||
	       (event->len && !strcmp(event->name, "state.json"));
}

bool watch_files_drain(int fd, const char *runtime)
{
	alignas(struct inotify_event) char bytes[8192];
	bool changed = false, directories = false;

	for (int i = 0; i < DRAIN_READS; i++) {
		ssize_t n = read(fd, bytes, sizeof bytes);
		if (n <= 0)
			break;
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *event = (const void *)(bytes + at);
			at += (ssize_t)(sizeof *event + event->len);
			changed = changed || matters(event);
			directories = directories || may_bring_directories(event);
		}
	}
	if (directories)
		follow(fd, runtime);
	return changed;
}
