/* Where nobody tells of processes (an ordinary user, another pid namespace) some things that they
 * do still show, to anybody:
 *
 * - A program that starts has its interpreter opened (ld.so(8), execve(2)), and the last one who
 * has it mapped closes it at its end. An inotify(7) watch on that one file hears of all dynamically
 *   linked programs of this root file system.
 * - Who sets the host name of any UTS namespace makes /proc/sys/kernel/hostname exceptional to
 *   poll(2) in all of them (kernel/utsname_sysctl.c: one wait queue), and that is what containers
 *   are given when they begin.
 *
 * Neither says who it was. */
#include "kernel/observe/watch_source.h"

#include "kernel/base/cleanup.h"

#include <fcntl.h>
#include <link.h>
#include <stdalign.h>
#include <sys/inotify.h>

enum { DRAIN_READS = 64 };

static int find_interpreter(struct dl_phdr_info *info, size_t size, void *ret)
{
	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_INTERP)
			*(const char **)ret =
			        (const void *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
	return 1; /* the program is the first; its libraries are not asked */
}

int watch_programs_open(void)
{
	const char *interpreter = NULL;
	auto_close fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	dl_iterate_phdr(find_interpreter, &interpreter);
	if (fd < 0 || !interpreter ||
	        inotify_add_watch(fd, interpreter, IN_OPEN | IN_CLOSE_NOWRITE) < 0)
		return -1;
	return steal_fd(&fd);
}

bool watch_programs_drain(int fd)
{
	alignas(struct inotify_event) char bytes[8192];
	bool told = false;

	for (int i = 0; i < DRAIN_READS && read(fd, bytes, sizeof bytes) > 0; i++)
		told = true;
	return told;
}

int watch_names_open(void)
{
	return open("/proc/sys/kernel/hostname", O_RDONLY | O_CLOEXEC);
}
