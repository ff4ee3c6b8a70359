#include "kernel/base/process_id.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

static int read_stat(pid_t pid, char *ret_state, uint64_t *ret_start)
{
	auto_buf text = BUF_INIT;
	char path[64];
	const char *after;
	int r;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	r = file_read_at(AT_FDCWD, path, 8192, &text);
	if (r < 0)
		return r == -ENOENT ? -ESRCH : r;
	after = strrchr(buf_text(&text), ')'); /* comm may hold anything, even ')' */
	if (!after || sscanf(after + 1,
	                      " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d "
	                      "%*d %*d %" SCNu64,
	                      ret_state, ret_start) != 2)
		return -EPROTO;
	return 0;
}

int process_id_read(pid_t pid, struct process_id *ret)
{
	uint64_t start;
	char state;
	int r = read_stat(pid, &state, &start);

	if (r < 0)
		return r;
	*ret = (struct process_id){.pid = pid, .start_time = start};
	return 0;
}

bool process_id_alive(const struct process_id *id)
{
	uint64_t start;
	char state;

	if (id->pid <= 0 || read_stat(id->pid, &state, &start) < 0)
		return false;
	return start == id->start_time && state != 'Z' && state != 'X';
}

int process_id_signal(const struct process_id *id, int signal)
{
	auto_close fd = -1;

	if (id->pid <= 0)
		return -ESRCH;
	fd = (int)syscall(SYS_pidfd_open, id->pid, 0);
	if (fd < 0)
		return -errno;
	/* The pidfd holds the process that has the number now: only then is its identity checked.
	 */
	if (!process_id_alive(id))
		return -ESRCH;
	return syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0) < 0 ? -errno : 0;
}
