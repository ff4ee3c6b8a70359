#include "kernel/watch/attach.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <sys/ptrace.h>

int attach_seize(pid_t tid)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
	                     PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACESECCOMP;

	return ptrace(PTRACE_SEIZE, tid, NULL, options) < 0 ? -errno : 0;
}

static int attach_thread(struct tracees *all, pid_t tid)
{
	int r = attach_seize(tid);
	struct tracee *t;

	if (r < 0)
		return r;
	t = tracees_add(all, tid);
	if (!t)
		return -ENOMEM;
	t->every_call = true;
	t->state = TRACEE_RUNNING;
	/* From here on with PTRACE_SYSCALL, which wants it stopped. */
	return ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) < 0 && errno != ESRCH ? -errno : 0;
}

/* Those that are not held yet; how many. A thread may begin another one until it is held itself. */
static int attach_threads(struct tracees *all, pid_t pid)
{
	char path[64];
	struct dirent *entry;
	int found = 0;

	snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	auto_dir dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? -ESRCH : -errno;
	while ((entry = readdir(dir))) {
		pid_t tid = (pid_t)strtol(entry->d_name, NULL, 10);
		int r;
		if (tid <= 0 || tracees_find(all, tid))
			continue;
		r = attach_thread(all, tid);
		if (r < 0 && r != -ESRCH) /* it may have ended */
			return r;
		found++;
	}
	return found;
}

int attach_all(struct tracees *all, const pid_t *pids, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int r = attach_threads(all, pids[i]);
		while (r > 0)
			r = attach_threads(all, pids[i]);
		if (r < 0)
			return r;
		if (!tracees_find(all, pids[i]))
			return -ESRCH;
	}
	return 0;
}

void attach_release(struct tracees *all)
{
	for (struct tracee *t = tracees_next(all, NULL); t; t = tracees_next(all, t))
		if (t->every_call && !t->leaving) {
			t->leaving = true;
			ptrace(PTRACE_INTERRUPT, t->tid, NULL, NULL);
		}
}

void attach_detach(struct tracees *all, struct tracee *t, int signal)
{
	ptrace(PTRACE_DETACH, t->tid, NULL, (long)signal);
	tracees_remove(all, t->tid);
}
