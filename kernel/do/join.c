#include "kernel/do/join.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/build.h"
#include "kernel/do/cgroup/directories.h"
#include "kernel/do/child.h"
#include "kernel/do/clone.h"
#include "kernel/do/config.h"
#include "kernel/do/exec.h"
#include "kernel/do/label.h"
#include "kernel/do/listener.h"
#include "kernel/do/namespace.h"
#include "kernel/do/oom_score.h"
#include "kernel/do/rlimit.h"
#include "kernel/do/seccomp.h"
#include "kernel/do/steps.h"
#include "kernel/do/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The plan of who joins: the last steps of the container's own, in the same order. */
struct join {
	struct build *b;
	struct step steps[10];
	size_t n;
	int target; /* pidfd of the first process */
	unsigned long namespaces;
	bool waits; /* the parent has something to do to it first */
	int root;   /* of a container that has chroot(2) for it; else -1 */
};

/* ---- the child ----------------------------------------------------------------------------- */

static _Noreturn void tell_failure(struct join *j, unsigned step, const struct child_error *fail)
{
	struct child_report r = {.answer = CHILD_FAILED, .step = step, .error = *fail};

	control_send(j->b->child_control, &r, sizeof r, -1);
	_exit(1);
}

/* The second process: in all namespaces now, the pid namespace included, which only holds
 * processes that are born into it. */
static _Noreturn void inside(struct join *j)
{
	struct build *b = j->b;
	struct child_error fail = {0};
	struct child_order go;
	sigset_t none;

	if (!b->bundle)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (exec_mark_fds(b) < 0)
		_exit(1);
	if (j->waits && control_receive(b->child_control, &go, sizeof go, NULL) < 0)
		_exit(1);
	if (b->config->terminal) {
		struct child_report r = {.answer = CHILD_DONE, .has_fd = true};
		if (terminal_open_here(b, &fail) < 0)
			tell_failure(j, 0, &fail);
		if (control_send(b->child_control, &r, sizeof r, b->console_fd) < 0)
			_exit(1);
		close(b->console_fd);
		b->console_fd = -1;
	}
	for (unsigned i = 0; i < j->n; i++)
		if (j->steps[i].ops->child_apply &&
		        j->steps[i].ops->child_apply(&j->steps[i], b, &fail) < 0)
			tell_failure(j, i, &fail);
	_exit(1);
}

static int set_cpus(const cpu_set_t *set, const char *which, struct child_error *fail)
{
	if (set && sched_setaffinity(0, sizeof *set, set) < 0)
		return child_fail(fail, errno, "sched_setaffinity", which);
	return 0;
}

/* Where nothing is said for then, it is to be as the control group has it: all that the group may
 * use, which the kernel makes of all there are. */
static int set_final_cpus(const struct config *c, struct child_error *fail)
{
	cpu_set_t all;

	memset(&all, 0xff, sizeof all);
	if (!c->exec_cpus_final && c->exec_cpus_initial)
		return set_cpus(&all, "all", fail);
	return set_cpus(c->exec_cpus_final, "final", fail);
}

/* The first process enters, makes the second as a child of our parent (CLONE_PARENT), says its
 * number as seen from outside, and ends. */
static _Noreturn void enter(struct join *j)
{
	struct build *b = j->b;
	struct clone_args args = {.flags = CLONE_PARENT};
	struct child_error fail = {0};
	struct child_report r = {.answer = CHILD_DONE};
	long pid;

	/* While it runs our program inside, nobody in there may look into it or its files:
	 * not dumpable means out of reach of ptrace(2) and /proc/PID. */
	prctl(PR_SET_DUMPABLE, 0);
	if (label_next_program(b->config, &fail) < 0 ||
	        set_cpus(b->config->exec_cpus_initial, "initial", &fail) < 0)
		tell_failure(j, 0, &fail);
	if (directories_join(b, NULL, &fail) < 0)
		tell_failure(j, 0, &fail);
	if (set_final_cpus(b->config, &fail) < 0)
		tell_failure(j, 0, &fail);
	if (b->config->has_oom_score)
		r.error.code = -oom_score_set_own(b->config->oom_score_adj);
	if (setns(j->target, (int)j->namespaces) < 0) {
		child_fail(&fail, errno, "setns", "all namespaces");
		tell_failure(j, 0, &fail);
	}
	/* A mount namespace is entered at its own root, and that is not always the container's. */
	if (j->root >= 0 && (fchdir(j->root) < 0 || chroot(".") < 0)) {
		child_fail(&fail, errno, "chroot", "root of the container");
		tell_failure(j, 0, &fail);
	}
	if (j->namespaces & CLONE_NEWUSER && step_idmap.child_apply(NULL, b, &fail) < 0)
		tell_failure(j, 0, &fail);
	/* It will be seen in there, and who may trace processes sees its descriptors: there are
	 * none that lead out. */
	directories_close_join(b);
	close(j->target);
	cleanup_fd(&j->root);
	pid = syscall(SYS_clone3, &args, sizeof args);
	if (pid == 0)
		inside(j);
	if (pid < 0) {
		child_fail(&fail, errno, "clone3", "CLONE_PARENT");
		tell_failure(j, 0, &fail);
	}
	r.step = (unsigned)pid;
	_exit(control_send(b->child_control, &r, sizeof r, -1) < 0);
}

/* ---- the parent ---------------------------------------------------------------------------- */

static void choose_steps(struct join *j)
{
	const struct config *c = j->b->config;
	bool early = c->seccomp && !c->no_new_privs;

	/* What only the host's powers can do, see there; the program does not start before. */
	j->waits = c->scheduler || c->io_priority != IO_PRIORITY_NOT_SAID || rlimit_raises(c);
	if (c->scheduler)
		j->steps[j->n++].ops = &step_scheduler;
	if (c->io_priority != IO_PRIORITY_NOT_SAID)
		j->steps[j->n++].ops = &step_io_priority;
	if (c->n_limits)
		j->steps[j->n++].ops = &step_rlimits;
	if (j->b->new_keyring)
		j->steps[j->n++].ops = &step_keyring;
	if (early)
		j->steps[j->n++].ops = &step_seccomp;
	j->steps[j->n++].ops = &step_user;
	if (c->has_capabilities)
		j->steps[j->n++].ops = &step_capabilities;
	if (c->no_new_privs)
		j->steps[j->n++].ops = &step_no_new_privs;
	if (c->seccomp && !early)
		j->steps[j->n++].ops = &step_seccomp;
	j->steps[j->n++].ops = &step_exec;
}

/* The user namespace we are in ourselves cannot be entered again, setns(2). */
static void find_namespaces(struct join *j, const struct process_id *first)
{
	char own[64], its[64];

	j->namespaces = j->b->config->namespaces | config_joined(j->b->config);
	if (namespace_read(0, "user", own) == 0 && namespace_read(first->pid, "user", its) == 0 &&
	        !strcmp(own, its))
		j->namespaces &= ~(unsigned long)CLONE_NEWUSER;
	j->b->old_user_namespace = j->namespaces & CLONE_NEWUSER;
}

static int prepare(struct join *j, const struct process_id *first, struct error *err)
{
	struct build *b = j->b;
	int r;

	j->target = (int)syscall(SYS_pidfd_open, first->pid, 0);
	if (j->target < 0 || !process_id_alive(first))
		return error_set(err, ESRCH, "enter container", b->name, "it has ended");
	find_namespaces(j, first);
	if (!(b->config->namespaces & CLONE_NEWNS)) {
		char path[64];
		snprintf(path, sizeof path, "/proc/%d/root", (int)first->pid);
		j->root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (j->root < 0)
			return error_set(err, errno, "enter container", path, NULL);
	}
	r = exec_programs(b->config, &b->programs, err);
	if (r == 0 && b->config->seccomp)
		r = seccomp_compile(b->config->seccomp, &b->filter, b->warnings, err);
	if (r == 0 && b->config->seccomp)
		r = seccomp_flags(b->config->seccomp, &b->filter_flags, err);
	if (r == 0)
		r = listener_check(b, err);
	choose_steps(j);
	return r;
}

/* What the steps do from outside, as soon as there is a process to do it to. */
static int do_host_parts(struct join *j, struct error *err)
{
	struct child_order go = {.verb = CHILD_RUN};
	int r = 0;

	for (size_t i = 0; r == 0 && i < j->n; i++)
		if (j->steps[i].ops->host_apply)
			r = j->steps[i].ops->host_apply(&j->steps[i], j->b, err);
	if (r == 0 && j->waits)
		r = control_send(j->b->control, &go, sizeof go, -1);
	return r;
}

static int hand_over_listener(struct build *b, int fd, struct error *err)
{
	auto_close listener = fd;
	auto_buf state = BUF_INIT;
	int r = b->state_text(b, "running", &state);

	if (r < 0)
		return error_set(err, -r, "tell the state of", b->name, NULL);
	return listener_hand_over(
	        b->config->seccomp, b->control, listener, b->process.pid, buf_text(&state), err);
}

/* Reads reports until the program runs or has failed. */
static int follow(struct join *j, struct error *err)
{
	struct build *b = j->b;
	struct child_report report;
	bool executing = false;
	int fd, r;

	while ((r = control_receive(b->control, &report, sizeof report, &fd)) == 0) {
		if (report.answer == CHILD_FAILED) {
			if (report.step >= j->n)
				return error_set(err, EPROTO, "enter container", b->name, NULL);
			return step_failed(&j->steps[report.step], b, &report.error, err);
		} else if (report.answer == CHILD_EXECUTING) {
			executing = true;
		} else if (report.answer == CHILD_LISTENER) {
			r = hand_over_listener(b, fd, err);
			if (r < 0)
				return r;
		} else if (fd >= 0) {
			b->console_fd = fd;
		} else {
			b->pidfd = (int)syscall(SYS_pidfd_open, (pid_t)report.step, 0);
			b->process.pid = (pid_t)report.step;
			process_id_read(b->process.pid, &b->process);
			if (report.error.code && b->warnings)
				oom_score_warn(b->warnings, b->config->oom_score_adj);
			r = do_host_parts(j, err);
			if (r < 0)
				return r;
		}
	}
	if (r == -EPIPE && executing && b->pidfd >= 0)
		return 0;
	return error_set(err, ECHILD, "enter container", b->name,
	        "the process ended before the program started");
}

static int start(struct join *j, struct error *err)
{
	struct build *b = j->b;
	int pair[2], helper_fd = -1, r;
	pid_t helper;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return error_set(err, errno, "enter container", b->name, NULL);
	b->child_control = pair[1];
	helper = clone3_process(0, &helper_fd);
	if (helper == 0) {
		close(pair[0]);
		enter(j);
	}
	close(pair[1]);
	b->child_control = -1;
	b->control = pair[0];
	if (helper < 0)
		return error_set(err, errno, "enter container", b->name, NULL);
	r = follow(j, err);
	if (r < 0) {
		child_end(helper_fd);
		child_end(b->pidfd);
	} else {
		while (waitid(P_PID, (id_t)helper, &(siginfo_t){0}, WEXITED) < 0 && errno == EINTR)
			;
	}
	cleanup_fd(&helper_fd);
	return r;
}

int join_start(struct build *b, const struct process_id *first, struct error *err)
{
	struct join j = {.target = -1, .root = -1, .b = b};
	int r = prepare(&j, first, err);

	if (r == 0)
		r = start(&j, err);
	cleanup_fd(&j.target);
	cleanup_fd(&j.root);
	return r;
}
