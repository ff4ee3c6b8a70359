/* Apart from unpacking, which the program that starts containers does not link. */
#include "kernel/base/cleanup.h"
#include "kernel/store/layer_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

/* It may have gone between opening and locking: then the path leads to another one or to nothing,
 * which is -ENOENT as well. */
int layer_directory_hold(const char *path, int *ret, struct error *err)
{
	auto_close fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat ours, there;

	if (fd < 0 || flock(fd, LOCK_SH) < 0 || fstat(fd, &ours) < 0 || stat(path, &there) < 0)
		return error_set(err, errno, "find unpacked layer", path, NULL);
	if (ours.st_ino != there.st_ino || ours.st_dev != there.st_dev)
		return error_set(err, ENOENT, "find unpacked layer", path, NULL);
	*ret = steal_fd(&fd);
	return 0;
}
