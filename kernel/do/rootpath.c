#include "kernel/do/rootpath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int root_open(int root, const char *path, int flags)
{
	struct open_how how = {
	        .flags = (uint64_t)(flags | O_CLOEXEC),
	        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	long fd;

	/* EAGAIN: a rename or mount elsewhere raced with "..": the manual page says to retry. */
	for (int i = 0; i < 32; i++) {
		fd = syscall(SYS_openat2, root, path, &how, sizeof how);
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return fd < 0 ? -errno : (int)fd;
}

/* Makes the one missing part `name` of a path whose beginning is there. */
static int make_part(int root, const char *beginning, const char *name, mode_t mode)
{
	int parent = root_open(root, beginning, O_PATH | O_DIRECTORY), r = 0;

	if (parent < 0)
		return parent;
	if (mkdirat(parent, name, mode) < 0 && errno != EEXIST)
		r = -errno;
	close(parent);
	return r;
}

/* Mostly just the last part of a path is missing. 0 when it has been made or was there. */
static int make_last(int root, const char *path, mode_t mode)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	size_t n = (size_t)(name - path);
	char above[PATH_MAX] = "/";

	if (!*name || n >= sizeof above)
		return -ENOENT;
	if (n > 0) {
		memcpy(above, path, n);
		above[n] = '\0';
	}
	return make_part(root, above, name, mode);
}

int root_open_dir(int root, const char *path, mode_t mode)
{
	char part[PATH_MAX];
	size_t n = strlen(path);
	int fd = root_open(root, path, O_PATH | O_DIRECTORY);

	if (fd != -ENOENT)
		return fd;
	if (make_last(root, path, mode) == 0) {
		fd = root_open(root, path, O_PATH | O_DIRECTORY);
		if (fd != -ENOENT)
			return fd;
	}
	if (n >= sizeof part)
		return -ENAMETOOLONG;
	/* Down from the top: "a", "a/b", "a/b/c", each made in the one before. */
	for (size_t end = 1; end <= n; end++) {
		size_t start = end;
		int r;
		if (end < n && path[end] != '/')
			continue;
		memcpy(part, path, end);
		part[end] = '\0';
		fd = root_open(root, part, O_PATH | O_DIRECTORY);
		if (fd >= 0) {
			close(fd);
			continue;
		}
		if (fd != -ENOENT)
			return fd;
		while (start > 0 && part[start - 1] != '/')
			start--;
		if (start > 0)
			part[start - 1] = '\0';
		r = make_part(root, start > 1 ? part : "/", part + start, mode);
		if (r < 0)
			return r;
	}
	return root_open(root, path, O_PATH | O_DIRECTORY);
}

int root_open_file(int root, const char *path, mode_t mode)
{
	char parent_path[PATH_MAX];
	const char *name = strrchr(path, '/');
	int parent, fd = root_open(root, path, O_PATH);

	if (fd != -ENOENT)
		return fd;
	name = name ? name + 1 : path;
	if ((size_t)(name - path) >= sizeof parent_path)
		return -ENAMETOOLONG;
	memcpy(parent_path, path, (size_t)(name - path));
	parent_path[name - path] = '\0';
	parent = root_open_dir(root, parent_path[0] ? parent_path : "/", 0755);
	if (parent < 0)
		return parent;
	fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		fd = -errno;
	close(parent);
	if (fd < 0)
		return fd;
	close(fd);
	return root_open(root, path, O_PATH);
}

const char *fd_path(int fd, char out[static FD_PATH_SIZE])
{
	static const char prefix[] = "/proc/self/fd/";
	char digits[12];
	size_t n = 0, at = sizeof prefix - 1;

	memcpy(out, prefix, at);
	do
		digits[n++] = (char)('0' + fd % 10);
	while ((fd /= 10) > 0);
	while (n > 0)
		out[at++] = digits[--n];
	out[at] = '\0';
	return out;
}
