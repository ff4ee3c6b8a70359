#include "kernel/base/file.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int file_read_at(int dirfd, const char *path, size_t limit, struct buf *out)
{
	auto_close fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	size_t total = 0;
	char chunk[4096];

	if (fd < 0)
		return -errno;
	for (;;) {
		ssize_t n = read(fd, chunk, sizeof chunk);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		total += (size_t)n;
		if (total > limit)
			return -EFBIG;
		buf_add_bytes(out, chunk, (size_t)n);
	}
	return buf_failed(out) ? -ENOMEM : 0;
}

int file_write(int fd, const char *text)
{
	size_t len = strlen(text);
	ssize_t n = write(fd, text, len);

	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

int file_write_at(int dirfd, const char *path, const char *text)
{
	auto_close fd = openat(dirfd, path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

	return fd < 0 ? -errno : file_write(fd, text);
}

int file_write_all(int fd, const char *bytes, size_t n)
{
	while (n) {
		ssize_t w = write(fd, bytes, n);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return -errno;
		bytes += w;
		n -= (size_t)w;
	}
	return 0;
}

int file_replace_at(int dirfd, const char *path, const void *bytes, size_t n, mode_t mode)
{
	auto_free char *temporary = NULL;
	auto_close fd = -1;
	int r;

	if (asprintf(&temporary, "%s.%d.tmp", path, (int)getpid()) < 0)
		return -ENOMEM;
	fd = openat(dirfd, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return -errno;
	r = file_write_all(fd, bytes, n);
	if (r == 0 && renameat(dirfd, temporary, dirfd, path) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(dirfd, temporary, 0);
	return r;
}

/* The directory above, and those above it as far up as they are missing: mostly that is one. */
bool file_abandoned(const char *name)
{
	const char *dot = strrchr(name, '.');
	int pid = 0, end = 0;

	if (!dot || strcmp(dot, ".tmp") != 0)
		return false;
	while (dot > name && dot[-1] != '.')
		dot--;
	if (dot == name || sscanf(dot, "%d.tmp%n", &pid, &end) != 1 || dot[end] || pid <= 0)
		return false;
	return kill(pid, 0) < 0 && errno == ESRCH;
}

static int make_parents(const char *path, mode_t mode)
{
	auto_free char *above = strdup(path);
	size_t end;

	if (!above)
		return -ENOMEM;
	for (end = strlen(above); end > 0 && above[end - 1] == '/'; end--)
		;
	for (; end > 0 && above[end - 1] != '/'; end--)
		;
	for (; end > 0 && above[end - 1] == '/'; end--)
		;
	if (end == 0)
		return 0;
	above[end] = '\0';
	return dir_make(above, mode);
}

int dir_make(const char *path, mode_t mode)
{
	struct stat st;
	int r = mkdir(path, mode) < 0 ? -errno : 0;

	if (r == -ENOENT) {
		r = make_parents(path, mode);
		if (r == 0 && mkdir(path, mode) < 0)
			r = -errno;
	}
	if (r != -EEXIST)
		return r;
	if (stat(path, &st) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

static int remove_children(int fd, dev_t device);

static int remove_entry(int dirfd, const char *name, dev_t device)
{
	auto_close fd = -1;
	struct stat st;
	int r;

	if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	/* overlayfs keeps a directory of mode 0 in its work directory: its owner has to open it. */
	if (fd < 0 && errno == EACCES && fchmodat(dirfd, name, 0700, AT_SYMLINK_NOFOLLOW) == 0)
		fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_dev != device)
		return -EXDEV;
	/* Names in a read-only directory can be removed by root alone. */
	if ((st.st_mode & 0700) != 0700 && fchmod(fd, 0700) < 0)
		return -errno;
	r = remove_children(fd, device);
	if (r < 0)
		return r;
	return unlinkat(dirfd, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 0;
}

static int remove_children(int fd, dev_t device)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), first = 0;
	auto_dir dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	if (!dir) {
		int r = -errno;
		if (copy >= 0)
			close(copy);
		return r;
	}
	while ((entry = readdir(dir))) {
		int r;
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		r = remove_entry(fd, entry->d_name, device);
		if (r < 0 && !first)
			first = r;
	}
	return first;
}

int dir_remove_tree(int dirfd, const char *path)
{
	struct stat st;

	if (fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	return remove_entry(dirfd, path, st.st_dev);
}
