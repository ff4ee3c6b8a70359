/* The host name inside a container. uname(2) answers for the UTS namespace of whoever asks, and
 * nothing in /proc answers for another: so somebody has to go in.
 *
 * setns(2) into a UTS namespace wants CAP_SYS_ADMIN in the user namespace that owns it and in one's
 * own. Root has both: it enters, asks and comes back, which starts no process and so wakes nobody
 * who watches processes. An ordinary user has the capability only after entering a user namespace
 * of his own, and from there is no way back: a short-lived child goes. */
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

enum { VISITS = 256, PATIENCE_MS = 1000 };

struct visit {
	int uts, user; /* namespaces to enter */
	struct container_draft *draft;
};

struct answer {
	size_t visit;
	struct utsname uts;
};

static void keep_answer(struct reading *r, const struct visit *visit, const struct utsname *uts)
{
	visit->draft->container.hostname =
	        reading_string(r, uts->nodename, strnlen(uts->nodename, sizeof uts->nodename));
}

/* In this process. False when it may not enter. */
static bool visit_and_return(struct reading *r, const struct visit *visit, int home)
{
	struct utsname uts;

	if (home < 0 || setns(visit->uts, CLONE_NEWUTS) < 0)
		return false;
	if (uname(&uts) == 0)
		keep_answer(r, visit, &uts);
	/* What was allowed on the way in is allowed on the way out; only memory can be short. */
	while (setns(home, CLONE_NEWUTS) < 0 && errno == ENOMEM)
		;
	return true;
}

/* Runs in the child: system calls only. */
static void visit_for_good(const struct visit *visit, int out)
{
	struct utsname uts;

	if (setns(visit->user, CLONE_NEWUSER) == 0 && setns(visit->uts, CLONE_NEWUTS) == 0 &&
	        uname(&uts) == 0 && write(out, &uts, sizeof uts) < 0)
		_exit(1);
	_exit(0);
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

static void send_child(struct reading *r, const struct visit *visit)
{
	int pipe_fds[2];
	struct pollfd wait = {.events = POLLIN};
	struct utsname uts;
	pid_t pid;

	if (visit->user < 0 || pipe2(pipe_fds, O_CLOEXEC) < 0)
		return;
	pid = fork_quietly();
	if (pid == 0)
		visit_for_good(visit, pipe_fds[1]);
	close(pipe_fds[1]);
	wait.fd = pipe_fds[0];
	if (pid > 0 && poll(&wait, 1, PATIENCE_MS) > 0 &&
	        read(pipe_fds[0], &uts, sizeof uts) == (ssize_t)sizeof uts)
		keep_answer(r, visit, &uts);
	close(pipe_fds[0]);
	if (pid < 0)
		return;
	kill(pid, SIGKILL); /* it is at its end, or it got stuck */
	while (waitpid(pid, NULL, __WCLONE) < 0 && errno == EINTR)
		;
}

int hostnames_read(struct reading *r, struct container_list *l)
{
	struct visit visits[VISITS];
	auto_close home = r->live ? openat(r->proc, "self/ns/uts", O_RDONLY | O_CLOEXEC) : -1;
	size_t n = 0;

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
	for (size_t i = 0; i < n; i++) {
		if (!visit_and_return(r, &visits[i], home))
			send_child(r, &visits[i]);
		close(visits[i].uts);
		if (visits[i].user >= 0)
			close(visits[i].user);
	}
	return 0;
}
