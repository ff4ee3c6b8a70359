#include "kernel/do/copy_up.h"

#include "kernel/base/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

/* The stack holds one listing a level. */
enum { DEPTH_MAX = 64, LISTING = 8192, NAMES = 4096, VALUE = 4096 };

static int may_fail(int code)
{
	return code == ENOTSUP || code == EPERM || code == EACCES || code == EINVAL ||
	       code == ENODATA || code == ERANGE || code == E2BIG;
}

static int copy_attributes(int from, int to)
{
	char names[NAMES], value[VALUE];
	ssize_t n = flistxattr(from, names, sizeof names);

	if (n < 0)
		return may_fail(errno) ? 0 : -errno;
	for (const char *name = names; name < names + n; name += strlen(name) + 1) {
		ssize_t size = fgetxattr(from, name, value, sizeof value);
		if (size < 0 || fsetxattr(to, name, value, (size_t)size, 0) < 0)
			if (!may_fail(errno))
				return -errno;
	}
	return 0;
}

/* Owner first: a change of it takes set-user-ID off. */
static int copy_owner(int to, const struct stat *st)
{
	if (fchown(to, st->st_uid, st->st_gid) < 0 && errno != EPERM && errno != EINVAL)
		return -errno;
	return fchmod(to, st->st_mode & 07777) < 0 ? -errno : 0;
}

static int copy_times(int to, const struct stat *st)
{
	struct timespec times[2] = {st->st_atim, st->st_mtim};

	return futimens(to, times) < 0 ? -errno : 0;
}

static int copy_all(int from, int to, const struct stat *st)
{
	int r = copy_owner(to, st);

	if (r == 0)
		r = copy_attributes(from, to);
	return r < 0 ? r : copy_times(to, st);
}

static int copy_file(int from, int to, const char *name, const struct stat *st)
{
	auto_close in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	auto_close out = -1;
	ssize_t n;

	if (in < 0)
		return -errno;
	out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0)
		return -errno;
	while ((n = sendfile(out, in, NULL, 1 << 24)) != 0)
		if (n < 0 && errno != EINTR)
			return -errno;
	return copy_all(in, out, st);
}

static int copy_link(int from, int to, const char *name, const struct stat *st)
{
	struct timespec times[2] = {st->st_atim, st->st_mtim};
	char target[PATH_MAX];
	ssize_t n = readlinkat(from, name, target, sizeof target - 1);

	if (n < 0)
		return -errno;
	target[n] = '\0';
	if (symlinkat(target, to, name) < 0)
		return -errno;
	if (fchownat(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0 && errno != EPERM &&
	        errno != EINVAL)
		return -errno;
	return utimensat(to, name, times, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

/* Pipes, sockets and devices; the last not where a user namespace forbids them. */
static int copy_node(int to, const char *name, const struct stat *st)
{
	bool device = S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode);

	if (mknodat(to, name, st->st_mode & (S_IFMT | 0777), st->st_rdev) < 0)
		return device && errno == EPERM ? 0 : -errno;
	if (fchownat(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0 && errno != EPERM &&
	        errno != EINVAL)
		return -errno;
	return fchmodat(to, name, st->st_mode & 07777, 0) < 0 ? -errno : 0;
}

static int copy_tree(int from, int to, int depth);

static int copy_directory(int from, int to, const char *name, const struct stat *st, int depth)
{
	auto_close in = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_close out = -1;
	struct stat above;
	int r = 0;

	if (in < 0 || fstat(from, &above) < 0)
		return -errno;
	if (mkdirat(to, name, 0700) < 0)
		return -errno;
	out = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (out < 0)
		return -errno;
	if (above.st_dev == st->st_dev)
		r = copy_tree(in, out, depth + 1);
	return r < 0 ? r : copy_all(in, out, st);
}

static int copy_entry(int from, int to, const char *name, int depth)
{
	struct stat st;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	switch (st.st_mode & S_IFMT) {
	case S_IFDIR:
		return copy_directory(from, to, name, &st, depth);
	case S_IFREG:
		return copy_file(from, to, name, &st);
	case S_IFLNK:
		return copy_link(from, to, name, &st);
	default:
		return copy_node(to, name, &st);
	}
}

/* getdents64(2) itself, since readdir(3) allocates. */
static int copy_tree(int from, int to, int depth)
{
	_Alignas(struct dirent64) char listing[LISTING];
	long n;

	if (depth > DEPTH_MAX)
		return -ELOOP;
	while ((n = syscall(SYS_getdents64, from, listing, sizeof listing)) > 0)
		for (long at = 0; at < n;) {
			const struct dirent64 *entry = (const void *)(listing + at);
			const char *name = entry->d_name;
			int r = 0;
			if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
				r = copy_entry(from, to, name, depth);
			if (r < 0)
				return r;
			at += entry->d_reclen;
		}
	return n < 0 ? -errno : 0;
}

int copy_up(int from, int to)
{
	struct stat st;
	int r = copy_tree(from, to, 0);

	if (r < 0 || fstat(from, &st) < 0)
		return r < 0 ? r : -errno;
	r = fchown(to, st.st_uid, st.st_gid) < 0 && errno != EPERM && errno != EINVAL ? -errno : 0;
	return r < 0 ? r : copy_attributes(from, to);
}

int copy_up_file(int from, int to, const char *name)
{
	struct stat st;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? -EISDIR : copy_entry(from, to, name, 0);
}
