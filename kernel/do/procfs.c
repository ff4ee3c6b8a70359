#include "kernel/do/procfs.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

int procfs_open(const char *path, int flags)
{
	auto_close fd = open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct statfs fs;

	if (fd < 0 || fstatfs(fd, &fs) < 0)
		return -errno;
	return fs.f_type == PROC_SUPER_MAGIC ? steal_fd(&fd) : -EXDEV;
}
