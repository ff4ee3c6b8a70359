#include "kernel/do/procfs.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

int procfs_open(const char *path, int flags)
{
	static const char top[] = "/proc/";
	struct open_how how = {
	        .flags = (uint64_t)(flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK),
	        .resolve = RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_BENEATH,
	};
	auto_close proc = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;
	long fd;

	if (proc < 0 || fstatfs(proc, &fs) < 0)
		return -errno;
	if (fs.f_type != PROC_SUPER_MAGIC || strncmp(path, top, sizeof top - 1) != 0)
		return -EXDEV;
	fd = syscall(SYS_openat2, proc, path + sizeof top - 1, &how, sizeof how);
	return fd < 0 ? -errno : (int)fd;
}

int procfs_write(const char *path, const char *text)
{
	auto_close fd = procfs_open(path, O_WRONLY);
	size_t n = strlen(text);
	ssize_t written;

	if (fd < 0)
		return fd;
	written = write(fd, text, n);
	if (written < 0)
		return -errno;
	return (size_t)written == n ? 0 : -EIO;
}
