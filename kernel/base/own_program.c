#include "kernel/base/own_program.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MFD_EXEC /* Linux 6.3 */
#define MFD_EXEC 0x0010U
#endif

static const char own[] = "/proc/self/exe";
static const char name[] = "cutaway-oci";
enum { SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };

/* Asked of the kernel, not of a variable that somebody could have set: a file with all seals, or
 * one that was started through a descriptor (which is how we do it; execveat(2) tells so in
 * AT_EXECFN) and lies on a read-only mount. */
static bool is_protected(int file)
{
	const char *started_as = (const char *)getauxval(AT_EXECFN);
	struct statvfs fs;
	int seals = fcntl(file, F_GET_SEALS);

	if (seals >= 0 && (seals & SEALS) == SEALS)
		return true;
	return started_as && !strncmp(started_as, "/dev/fd/", 8) && fstatvfs(file, &fs) == 0 &&
	       fs.f_flag & ST_RDONLY;
}

/* An owner could make it writable first. */
static bool can_be_written(int file)
{
	struct stat st;

	return geteuid() == 0 || fstat(file, &st) < 0 || st.st_uid == geteuid() ||
	       faccessat(AT_FDCWD, own, W_OK, AT_EACCESS) == 0;
}

/* In no mount namespace: there is no path to it, and nobody can make it writable again. */
static int read_only_mount(void)
{
	struct mount_attr attr = {
	        .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV};
	auto_close fd =
	        (int)syscall(SYS_open_tree, AT_FDCWD, own, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (fd < 0 || syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0)
		return -errno;
	return steal_fd(&fd);
}

static int sealed_copy(int file)
{
	unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	auto_close fd = memfd_create(name, flags | MFD_EXEC);
	off_t done = 0;
	struct stat st;

	if (fd < 0 && errno == EINVAL) /* an older kernel: every memfd can be executed */
		fd = memfd_create(name, flags);
	if (fd < 0 || fstat(file, &st) < 0)
		return -errno;
	while (done < st.st_size) {
		ssize_t n = sendfile(fd, file, &done, (size_t)(st.st_size - done));
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return -EIO;
	}
	return fcntl(fd, F_ADD_SEALS, SEALS) < 0 ? -errno : steal_fd(&fd);
}

int own_program_protect(char *const argv[], struct error *err)
{
	auto_close file = open(own, O_RDONLY | O_CLOEXEC);
	auto_close again = -1;

	if (file < 0)
		return error_set(err, errno, "open own program", own, NULL);
	if (is_protected(file)) {
		/* The kernel has called us by the number of the descriptor. */
		prctl(PR_SET_NAME, name);
		return 0;
	}
	if (!can_be_written(file))
		return 0;
	again = read_only_mount();
	if (again < 0)
		again = sealed_copy(file);
	if (again < 0)
		return error_set(err, -again, "copy own program", own, NULL);
	syscall(SYS_execveat, again, "", argv, environ, AT_EMPTY_PATH);
	return error_set(err, errno, "start own program again from a copy", own, NULL);
}
