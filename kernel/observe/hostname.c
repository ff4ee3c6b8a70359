/* The host name inside a container. uname(2) answers for the UTS namespace of whoever asks, and
 * nothing in /proc answers for another: so somebody has to go in. A short-lived child does, that
 * the observer itself always stays outside.
 *
 * setns(2) into a UTS namespace wants CAP_SYS_ADMIN in the user namespace that owns it. Root has
 * that everywhere; an ordinary user has it after entering a user namespace of his own, and from
 * there is no way back. So one child visits as many as it can, and the one that had to enter a
 * user namespace visits no more. */
#include "kernel/observe/reading.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>

enum { VISITS = 64, PATIENCE_MS = 1000 };

struct visit {
	int uts, user; /* namespaces to enter */
	struct container_draft *draft;
};

struct answer {
	size_t visit;
	struct utsname uts;
};

/* Runs in the child: system calls only. */
static void visit_from(const struct visit *visits, size_t n, size_t next, int out)
{
	for (bool last = false; next < n && !last; next++) {
		struct answer answer = {.visit = next};
		if (setns(visits[next].uts, CLONE_NEWUTS) < 0) {
			last = true;
			if (visits[next].user < 0 || setns(visits[next].user, CLONE_NEWUSER) < 0 ||
			        setns(visits[next].uts, CLONE_NEWUTS) < 0)
				break;
		}
		if (uname(&answer.uts) == 0 && write(out, &answer, sizeof answer) < 0)
			break;
	}
}

/* A child that tells nobody when it ends: exit signal 0, so that it disturbs no SIGCHLD handler and
 * no wait for any child of the program that we are part of (clone(2), __WCLONE). Signals are
 * blocked so that the child never runs a handler of the program. */
static pid_t fork_quietly(void)
{
	struct clone_args args = {0};
	sigset_t all, old;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
	if (pid != 0)
		sigprocmask(SIG_SETMASK, &old, NULL);
	return pid;
}

/* Takes the child's answers; returns the visit after the last one answered. */
static size_t take_answers(
        struct reading *r, const struct visit *visits, size_t n, size_t next, int in)
{
	struct pollfd wait = {.fd = in, .events = POLLIN};
	struct answer answer;

	while (poll(&wait, 1, PATIENCE_MS) > 0 &&
	        read(in, &answer, sizeof answer) == (ssize_t)sizeof answer) {
		const char *name = answer.uts.nodename;
		if (answer.visit >= n)
			break;
		visits[answer.visit].draft->container.hostname =
		        reading_string(r, name, strnlen(name, sizeof answer.uts.nodename));
		next = answer.visit + 1;
	}
	return next;
}

static void send_child(struct reading *r, const struct visit *visits, size_t n, size_t *next)
{
	int pipe_fds[2];
	size_t after;
	pid_t pid;

	if (pipe2(pipe_fds, O_CLOEXEC) < 0) {
		*next = n;
		return;
	}
	pid = fork_quietly();
	if (pid == 0) {
		visit_from(visits, n, *next, pipe_fds[1]);
		_exit(0);
	}
	close(pipe_fds[1]);
	after = pid < 0 ? n : take_answers(r, visits, n, *next, pipe_fds[0]);
	close(pipe_fds[0]);
	if (pid > 0) {
		kill(pid, SIGKILL); /* it is at its end, or it got stuck */
		while (waitpid(pid, NULL, __WCLONE) < 0 && errno == EINTR)
			;
	}
	*next = after > *next ? after : *next + 1;
}

int hostnames_read(struct reading *r, struct container_list *l)
{
	struct visit visits[VISITS];
	size_t n = 0, next = 0;

	for (size_t i = 0; i < l->n; i++) {
		struct model_container *c = &l->all[i].container;
		auto_close dir = -1;
		if (!c->pid)
			continue;
		if (!c->ns[NS_UTS]) { /* it sees the host's */
			const struct model_process *first = model_process(r->model, c->pid);
			if (first && first->ns[NS_UTS] == r->model->host.ns[NS_UTS])
				c->hostname = r->model->host.hostname;
			continue;
		}
		if (!r->live || n == VISITS)
			continue;
		dir = reading_process_dir(r, c->pid);
		visits[n] = (struct visit){
		        .uts = dir < 0 ? -1 : openat(dir, "ns/uts", O_RDONLY | O_CLOEXEC),
		        .user = dir < 0 ? -1 : openat(dir, "ns/user", O_RDONLY | O_CLOEXEC),
		        .draft = &l->all[i],
		};
		if (visits[n].uts >= 0)
			n++;
		else if (visits[n].user >= 0)
			close(visits[n].user);
	}
	while (next < n)
		send_child(r, visits, n, &next);
	for (size_t i = 0; i < n; i++) {
		close(visits[i].uts);
		if (visits[i].user >= 0)
			close(visits[i].user);
	}
	return 0;
}
