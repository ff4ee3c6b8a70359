#include "kernel/contents/upper.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

static bool is_opaque(int fd)
{
	static const char *const names[] = {"trusted.overlay.opaque", "user.overlay.opaque"};
	char path[64], value;

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	for (size_t i = 0; i < 2; i++)
		if (getxattr(path, names[i], &value, 1) == 1 && value == 'y')
			return true;
	return false;
}

static void set_at(struct upper *u, const char *path, size_t n)
{
	if (n >= sizeof u->at)
		n = sizeof u->at - 1;
	memcpy(u->at, path, n);
	u->at[n] = '\0';
}

/* One name further. 1: go on; 0: the answer is in *u. */
static int step(int *dir, const char *name, struct upper *u, const char *path, size_t so_far)
{
	auto_close fd = openat(*dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &u->stat) < 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			return -errno;
		return 0;
	}
	if (S_ISCHR(u->stat.st_mode) && u->stat.st_rdev == makedev(0, 0)) {
		u->word = UPPER_WHITEOUT;
		set_at(u, path, so_far);
		return 0;
	}
	if (S_ISDIR(u->stat.st_mode) && is_opaque(fd)) {
		u->word = UPPER_OPAQUE; /* unless what is asked for is in it */
		set_at(u, path, so_far);
	}
	close(*dir);
	*dir = steal_fd(&fd);
	return 1;
}

int upper_look(const char *directory, const char *path, struct upper *ret, struct error *err)
{
	auto_close dir = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct upper u = {.word = UPPER_NOTHING};
	const char *p = path;
	char name[NAME_MAX + 1];
	int r = 1;

	if (dir < 0 || fstat(dir, &u.stat) < 0)
		return error_set(err, errno, "look into upper directory", directory, NULL);
	for (;;) {
		size_t n;
		p += strspn(p, "/");
		n = strcspn(p, "/");
		if (!n) {
			u.word = UPPER_HAS;
			break;
		}
		if (n > NAME_MAX)
			return error_set(
			        err, ENAMETOOLONG, "look into upper directory", path, NULL);
		memcpy(name, p, n);
		name[n] = '\0';
		p += n;
		r = step(&dir, name, &u, path, (size_t)(p - path));
		if (r <= 0)
			break;
	}
	if (r < 0)
		return error_set(err, -r, "look into upper directory", path, NULL);
	*ret = u;
	return 0;
}

int upper_seen(pid_t pid, const char *path, struct stat *ret, struct error *err)
{
	struct open_how how = {
	        .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
	        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	char name[64];
	auto_close root = -1, fd = -1;

	snprintf(name, sizeof name, "/proc/%d/root", (int)pid);
	root = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return error_set(err, errno, "open root of container", name, NULL);
	fd = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
	if (fd < 0 || fstat(fd, ret) < 0)
		return error_set(err, errno, "look into container", path, NULL);
	return 0;
}
