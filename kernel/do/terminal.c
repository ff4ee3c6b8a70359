#include "kernel/do/terminal.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/bind.h"
#include "kernel/do/build.h"
#include "kernel/do/rootpath.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/* unlockpt(3) and ptsname(3) without their file names: TIOCGPTPEER (Linux 4.13) opens the slave of
 * this very master, in whatever mount namespace. */
static int open_pair(struct build *b, int master, struct child_error *fail)
{
	int unlock = 0, slave;

	if (master < 0)
		return child_fail(fail, -master, "open", "/dev/pts/ptmx");
	if (ioctl(master, TIOCSPTLCK, &unlock) < 0) {
		close(master);
		return child_fail(fail, errno, "ioctl TIOCSPTLCK", "/dev/pts/ptmx");
	}
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0) {
		close(master);
		return child_fail(fail, errno, "ioctl TIOCGPTPEER", "/dev/pts/ptmx");
	}
	/* The terminal is its user's, so that programs may open it by name again. */
	if (b->config->uid && fchown(slave, b->config->uid, (gid_t)-1) < 0 && errno != EPERM) {
		close(master);
		close(slave);
		return child_fail(fail, errno, "fchown", "terminal");
	}
	b->console_fd = master;
	b->slave_fd = slave;
	return 0;
}

/* Only that of devpts itself: opening whatever an image has by this name would be for it to choose,
 * and so would be what we then read and write (CVE-2025-52565). Nobody makes names in a devpts, and
 * what is mounted over one is not in it. */
static int open_master(int directory)
{
	struct open_how how = {
	        .flags = O_RDWR | O_NOCTTY | O_CLOEXEC,
	        .resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH,
	};
	struct statfs fs;
	long fd;

	if (directory < 0)
		return directory;
	if (fstatfs(directory, &fs) < 0)
		return -errno;
	if (fs.f_type != DEVPTS_SUPER_MAGIC)
		return -EXDEV;
	fd = syscall(SYS_openat2, directory, "ptmx", &how, sizeof how);
	return fd < 0 ? -errno : (int)fd;
}

int terminal_open_here(struct build *b, struct child_error *fail)
{
	auto_close pts = open("/dev/pts", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return open_pair(b, pts < 0 ? -errno : open_master(pts), fail);
}

int terminal_open(struct build *b, struct child_error *fail)
{
	auto_close pts = root_open(b->root_fd, "/dev/pts", O_PATH | O_DIRECTORY);
	auto_close dev = -1, console = -1, tree = -1;
	int r = open_pair(b, open_master(pts), fail);

	if (r < 0)
		return r;
	dev = root_open(b->root_fd, "/dev", O_PATH | O_DIRECTORY);
	if (dev < 0)
		return child_fail(fail, -dev, "open", "/dev");
	console = openat(dev, "console", O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (console < 0 && errno == EEXIST)
		console = openat(dev, "console", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (console < 0)
		return child_fail(fail, errno, "make", "/dev/console");
	tree = bind_take_fd(b->slave_fd, false);
	r = tree < 0 ? tree : bind_put(tree, console);
	return r < 0 ? child_fail(fail, -r, "mount terminal over", "/dev/console") : 0;
}
