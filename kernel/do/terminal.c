#include "kernel/do/terminal.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/build.h"
#include "kernel/do/rootpath.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
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

int terminal_open_here(struct build *b, struct child_error *fail)
{
	int master = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);

	return open_pair(b, master < 0 ? -errno : master, fail);
}

int terminal_open(struct build *b, struct child_error *fail)
{
	char from[FD_PATH_SIZE], to[FD_PATH_SIZE];
	auto_close console = -1;
	int r = open_pair(b, root_open(b->root_fd, "/dev/pts/ptmx", O_RDWR | O_NOCTTY), fail);

	if (r < 0)
		return r;
	console = root_open_file(b->root_fd, "/dev/console", 0600);
	if (console < 0)
		return child_fail(fail, -console, "make", "/dev/console");
	if (mount(fd_path(b->slave_fd, from), fd_path(console, to), NULL, MS_BIND, NULL) < 0)
		return child_fail(fail, errno, "mount MS_BIND", "/dev/console");
	return 0;
}
