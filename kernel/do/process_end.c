#include "kernel/do/process_end.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>

enum { KILL_WAIT_MS = 5000 };

int process_wait(const struct process_id *id, int timeout_ms)
{
	auto_close fd = -1;
	struct pollfd p;
	int n;

	if (id->pid <= 0)
		return 0;
	fd = (int)syscall(SYS_pidfd_open, id->pid, 0);
	if (fd < 0)
		return errno == ESRCH ? 0 : -errno;
	/* The descriptor holds whoever has the number now: is it still the one that is meant? */
	if (!process_id_alive(id))
		return 0;
	p = (struct pollfd){.fd = fd, .events = POLLIN}; /* readable once it has ended */
	do
		n = poll(&p, 1, timeout_ms);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n == 0 ? -ETIMEDOUT : 0;
}

static int signal_and_wait(const struct process_id *id, int signal, int timeout_ms)
{
	int r = process_id_signal(id, signal);

	if (r < 0)
		return r == -ESRCH ? 0 : r;
	return process_wait(id, timeout_ms);
}

int process_end(const struct process_id *id, int grace_ms)
{
	if (grace_ms > 0) {
		int r = signal_and_wait(id, SIGTERM, grace_ms);
		if (r != -ETIMEDOUT)
			return r;
	}
	return signal_and_wait(id, SIGKILL, KILL_WAIT_MS);
}
