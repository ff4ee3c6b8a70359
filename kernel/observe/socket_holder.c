#include "kernel/observe/socket_holder.h"

#include "kernel/base/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

static int by_inode(const void *a, const void *b)
{
	const struct sought *x = a, *y = b;

	return (x->inode > y->inode) - (x->inode < y->inode);
}

/* The inode of "socket:[4711]", 0 of anything else. */
static uint64_t socket_inode(int dir, const char *name)
{
	char text[64];
	ssize_t n = readlinkat(dir, name, text, sizeof text - 1);

	if (n < 0)
		return 0;
	text[n] = '\0';
	return strncmp(text, "socket:[", 8) ? 0 : strtoull(text + 8, NULL, 10);
}

void socket_holder_look(
        const struct reading *r, const struct model_process *p, const struct sought *all, size_t n)
{
	char entries[8 * 1024] __attribute__((aligned(8)));
	auto_close process = reading_process_dir(r, p->pid);
	auto_close dir =
	        process < 0 ? -1 : openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int looked = 0;
	ssize_t got;

	while (dir >= 0 && looked < READING_MAX_DESCRIPTORS &&
	        (got = getdents64(dir, entries, sizeof entries)) > 0) {
		for (ssize_t at = 0; at < got; looked++) {
			const struct dirent64 *e = (const void *)(entries + at);
			struct sought key = {0}, *found;
			at += e->d_reclen;
			key.inode = socket_inode(dir, e->d_name);
			if (!key.inode)
				continue;
			found = bsearch(&key, all, n, sizeof *all, by_inode);
			if (found && !found->holder->pid)
				*found->holder = (struct holder){
				        p->pid, p->start_time, (int)strtol(e->d_name, NULL, 10)};
		}
	}
}

pid_t socket_holder_peer(const struct holder *holder)
{
	auto_close process = holder->fd < 0 ? -1 : (int)syscall(SYS_pidfd_open, holder->pid, 0);
	auto_close fd = process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, holder->fd, 0);
	struct ucred peer = {0};
	socklen_t n = sizeof peer;

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) < 0)
		return 0;
	return peer.pid;
}
