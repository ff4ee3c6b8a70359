/* The first process: clone3(2), born into a new user and a new pid namespace. */
#include "kernel/do/clone.h"
#include "kernel/base/cleanup.h"
#include "kernel/do/build.h"
#include "kernel/do/child.h"
#include "kernel/do/namespace.h"
#include "kernel/do/namespace_join.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

pid_t clone3_process(uint64_t flags, int *ret_pidfd)
{
	struct clone_args args = {
	        .flags = flags | CLONE_PIDFD,
	        .pidfd = (uint64_t)(uintptr_t)ret_pidfd,
	        .exit_signal = SIGCHLD,
	};

	/* No stack of its own: without CLONE_VM the child has a copy of ours, as after fork(2). */
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);

	/* Filters hide clone3(2), since they cannot look at its flags; clone(2) then does as well.
	 */
	if (pid < 0 && errno == ENOSYS && !flags)
		pid = (pid_t)syscall(
		        SYS_clone, (unsigned long)(CLONE_PIDFD | SIGCHLD), 0, ret_pidfd, 0, 0);
	return pid;
}

void child_end(int pidfd)
{
	siginfo_t info;

	if (pidfd < 0)
		return;
	syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	while (waitid((idtype_t)P_PIDFD, (id_t)pidfd, &info, WEXITED) < 0 && errno == EINTR)
		;
}

static uint64_t clone_flags(const struct build *b)
{
	return b->config->namespaces & (CLONE_NEWUSER | CLONE_NEWPID);
}

static const char *flag_text(const struct build *b)
{
	static const char *const texts[] = {
	        "0", "CLONE_NEWPID", "CLONE_NEWUSER", "CLONE_NEWUSER|CLONE_NEWPID"};
	uint64_t flags = clone_flags(b);

	return texts[(flags & CLONE_NEWUSER ? 2 : 0) + (flags & CLONE_NEWPID ? 1 : 0)];
}

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	(void)s;
	buf_addf(&e->call, "clone3({flags=%s|CLONE_PIDFD, exit_signal=SIGCHLD})", flag_text(b));
	buf_addf(&e->shell, "unshare %s%s--fork --kill-child",
	        clone_flags(b) & CLONE_NEWUSER ? "--user " : "",
	        clone_flags(b) & CLONE_NEWPID ? "--pid " : "");
	if (!(clone_flags(b) & CLONE_NEWPID))
		buf_add(&e->why, "A process like any other, in the pid namespace that is said.");
	else
		buf_add(&e->why, clone_flags(b) & CLONE_NEWUSER
		                         ? "A process like any other, but born as pid 1 of a pid "
		                           "namespace and as "
		                           "the owner of a user namespace: that lets it do the "
		                           "steps that follow."
		                         : "A process like any other, but born as pid 1 of a pid "
		                           "namespace.");
}

/* A process of our own making, with a socket to talk to it. */
static pid_t make(struct build *b, struct child_error *fail)
{
	int pair[2], pidfd = -1;
	pid_t pid;

	/* Messages with borders, and the end of either process shows as end of file. */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return child_fail(fail, errno, "socketpair", "SOCK_SEQPACKET");
	b->child_control = pair[1];
	pid = clone3_process(clone_flags(b), &pidfd);
	if (pid == 0) {
		close(pair[0]);
		child_main(b);
	}
	if (pid < 0)
		pid = child_fail(fail, errno, "clone3", flag_text(b));
	close(pair[1]);
	b->child_control = -1;
	if (pid < 0) {
		close(pair[0]);
		return pid;
	}
	b->control = pair[0];
	b->pidfd = pidfd;
	return pid;
}

static int apply(const struct step *s, struct build *b, struct error *err)
{
	struct child_error fail = {0};
	pid_t pid =
	        b->joiner >= 0 ? namespace_join_clone(b, clone_flags(b), &fail) : make(b, &fail);

	if (pid < 0)
		return step_failed(s, b, &fail, err);
	b->process.pid = pid;
	process_id_read(pid, &b->process);
	if (b->ledger) {
		char object[64];
		snprintf(object, sizeof object, "%d %llu", (int)pid,
		        (unsigned long long)b->process.start_time);
		return ledger_add(b->ledger, LEDGER_PROCESS, object, err);
	}
	return 0;
}

static int undo(const struct step *s, struct build *b, struct error *err)
{
	(void)s;
	(void)err;
	child_end(b->pidfd);
	cleanup_fd(&b->pidfd);
	cleanup_fd(&b->control);
	cleanup_fd(&b->root_fd);
	cleanup_fd(&b->console_fd);
	b->process = (struct process_id){0};
	return 0;
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	int r = 0;

	if (!process_id_alive(&b->process))
		return step_unverified(s, err, "", "process %d is gone", (int)b->process.pid);
	buf_addf(seen, "process %d waits for its next step\n", (int)b->process.pid);
	if (clone_flags(b) & CLONE_NEWUSER)
		r = namespace_verify(s, b, "user", seen, err);
	if (r < 0 || !(clone_flags(b) & CLONE_NEWPID))
		return r;
	return namespace_verify(s, b, "pid", seen, err);
}

static void diagnose(const struct step *s, const struct build *b, int code, struct error *err)
{
	(void)s;
	(void)b;
	if (code == EPERM) {
		snprintf(err->cause, sizeof err->cause,
		        "this user may not make user namespaces here");
		error_advise(err,
		        "as root: sysctl kernel.unprivileged_userns_clone=1 (Debian), "
		        "kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu); inside a chroot "
		        "it is never allowed");
	} else if (code == ENOSPC || code == EUSERS) {
		snprintf(err->cause, sizeof err->cause,
		        "the limit of namespaces, or their nesting of 32, is reached");
		error_advise(err, "raise /proc/sys/user/max_user_namespaces");
	} else if (code == EAGAIN) {
		snprintf(err->cause, sizeof err->cause, "no more processes are allowed here");
		error_advise(err, "see ulimit -u and the pids limit of this control group");
	} else if (code == ENOSYS) {
		snprintf(err->cause, sizeof err->cause,
		        "this kernel is older than 5.3, or a filter hides clone3");
	}
}

const struct step_ops step_clone = {
        .id = "clone",
        .title = "a process in a user and a pid namespace",
        .man = "clone(2), user_namespaces(7), pid_namespaces(7)",
        .where = STEP_HOST,
        .reversible = true,
        .explain = explain,
        .host_apply = apply,
        .host_undo = undo,
        .verify = verify,
        .diagnose = diagnose,
};
