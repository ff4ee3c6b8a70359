#include "kernel/watch/attach.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

int attach_seize(pid_t tid)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
	                     PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACESECCOMP;

	return ptrace(PTRACE_SEIZE, tid, NULL, options) < 0 ? -errno : 0;
}

void attach_resume(const struct tracee *t, int signal)
{
	int request = t->every_call || t->hearing || t->state == TRACEE_IN_CALL ? PTRACE_SYSCALL
	                                                                        : PTRACE_CONT;

	/* It may have been killed while it was stopped. */
	ptrace(request, t->tid, NULL, (long)signal);
}

/* Sets the first argument of the call in which it is stopped, syscall(2). */
static void set_first(pid_t tid, uint64_t value)
{
	struct user_regs_struct registers;
	struct iovec io = {&registers, sizeof registers};

	if (ptrace(PTRACE_GETREGSET, tid, (void *)NT_PRSTATUS, &io) < 0)
		return;
#if defined(__aarch64__)
	registers.regs[0] = value;
#else
	registers.rdi = value;
#endif
	ptrace(PTRACE_SETREGSET, tid, (void *)NT_PRSTATUS, &io);
}

void attach_keep_child(pid_t tid, bool in_memory, uint64_t first)
{
	uint64_t flags = first;
	struct iovec local = {&flags, sizeof flags};
	struct iovec remote = {(void *)(uintptr_t)first, sizeof flags};

	if (in_memory && process_vm_readv(tid, &local, 1, &remote, 1, 0) != sizeof flags)
		return;
	if (!(flags & CLONE_UNTRACED))
		return;
	flags &= ~(uint64_t)CLONE_UNTRACED;
	if (!in_memory)
		set_first(tid, flags);
	else if (process_vm_writev(tid, &local, 1, &remote, 1, 0) < 0)
		return;
}

bool attach_is_ours(pid_t tid)
{
	auto_buf status = BUF_INIT;
	char path[64];
	const char *line;

	snprintf(path, sizeof path, "/proc/%d/status", (int)tid);
	if (file_read_at(AT_FDCWD, path, 16384, &status) < 0)
		return false;
	line = strstr(buf_text(&status), "\nTracerPid:");
	return line && strtol(line + strlen("\nTracerPid:"), NULL, 10) == getpid();
}

bool attach_stops_group(int signal)
{
	return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
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
		if (r == -EPERM && attach_is_ours(tid)) /* its parent was held already */
			continue;
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
		if (t->every_call && !t->observed && !t->leaving) {
			t->leaving = true;
			ptrace(PTRACE_INTERRUPT, t->tid, NULL, NULL);
		}
}

void attach_detach(struct tracees *all, struct tracee *t, int signal)
{
	ptrace(PTRACE_DETACH, t->tid, NULL, (long)signal);
	tracees_remove(all, t->tid);
}
