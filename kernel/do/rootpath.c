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

/* As many links to what is not there yet are followed; the kernel follows 40 to what is. */
enum { LINKS_MAX = 8 };

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

/* Opens what `path` is in: its last part begins at `start`. */
static int open_beginning(int root, char *path, size_t start)
{
	char kept = path[start];
	int fd;

	path[start] = '\0';
	fd = root_open(root, start ? path : "/", O_PATH | O_DIRECTORY);
	path[start] = kept;
	return fd;
}

/* Makes the one missing part of a path whose beginning is there. */
static int make_part(int root, char *path, size_t start, mode_t mode)
{
	int parent = open_beginning(root, path, start), r = 0;

	if (parent < 0)
		return parent;
	if (mkdirat(parent, path + start, mode) < 0 && errno != EEXIST)
		r = -errno;
	close(parent);
	return r;
}

/* Mostly just the last part of a path is missing. 0 when it has been made or was there. */
static int make_last(int root, const char *path, mode_t mode)
{
	const char *slash = strrchr(path, '/');
	size_t start = slash ? (size_t)(slash + 1 - path) : 0, n = strlen(path);
	char copy[PATH_MAX];

	if (start == n || n >= sizeof copy)
		return -ENOENT;
	memcpy(copy, path, n + 1);
	return make_part(root, copy, start, mode);
}

/* A link that leads to what is not there yet: *path is `end` long up to and with the link. Puts
 * what it leads to in the link's place and returns 1; 0 when there is no link. */
static int follow(int root, const char *path, size_t end, char out[static PATH_MAX])
{
	char beginning[PATH_MAX], target[PATH_MAX];
	size_t start = end, length, rest = strlen(path + end);
	int parent;
	ssize_t n;

	while (start > 0 && path[start - 1] != '/')
		start--;
	memcpy(beginning, path, end);
	beginning[end] = '\0';
	parent = end > start ? open_beginning(root, beginning, start) : -ENOENT;
	if (parent < 0)
		return parent == -ENOENT ? 0 : parent;
	n = readlinkat(parent, beginning + start, target, sizeof target);
	close(parent);
	if (n <= 0)
		return 0;
	length = target[0] == '/' ? 0 : start;
	if (length + (size_t)n + rest >= PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(out, path, length);
	memcpy(out + length, target, (size_t)n);
	memcpy(out + length + (size_t)n, path + end, rest + 1);
	return 1;
}

static int open_dir(int root, const char *path, mode_t mode, int links)
{
	char part[PATH_MAX], led[PATH_MAX];
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
		r = follow(root, path, end, led);
		if (r)
			return r < 0 ? r : links ? open_dir(root, led, mode, links - 1) : -ELOOP;
		while (start > 0 && part[start - 1] != '/')
			start--;
		r = make_part(root, part, start, mode);
		if (r < 0)
			return r;
	}
	return root_open(root, path, O_PATH | O_DIRECTORY);
}

int root_open_dir(int root, const char *path, mode_t mode)
{
	return open_dir(root, path, mode, LINKS_MAX);
}

static int open_file(int root, const char *path, mode_t mode, int links)
{
	char parent_path[PATH_MAX], led[PATH_MAX];
	const char *name = strrchr(path, '/');
	int parent, r, fd = root_open(root, path, O_PATH);

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
	if (fd == -EEXIST) {
		r = follow(root, path, strlen(path), led);
		return r < 0 ? r : !r ? fd : links ? open_file(root, led, mode, links - 1) : -ELOOP;
	}
	if (fd < 0)
		return fd;
	close(fd);
	return root_open(root, path, O_PATH);
}

int root_open_file(int root, const char *path, mode_t mode)
{
	return open_file(root, path, mode, LINKS_MAX);
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
