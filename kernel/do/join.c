#include "kernel/do/join.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/build.h"
#include "kernel/do/child.h"
#include "kernel/do/clone.h"
#include "kernel/do/config.h"
#include "kernel/do/container_state.h"
#include "kernel/do/exec.h"
#include "kernel/do/options.h"
#include "kernel/do/seccomp.h"
#include "kernel/do/steps.h"
#include "kernel/do/terminal.h"
#include "kernel/do/watch_child.h"

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
	struct build build;
	struct step steps[6];
	size_t n;
	int target; /* pidfd of the first process */
	bool cgroup_namespace;
};

/* ---- the child ----------------------------------------------------------------------------- */

static _Noreturn void tell_failure(struct join *j, unsigned step, const struct child_error *fail)
{
	struct child_report r = {.answer = CHILD_FAILED, .step = step, .error = *fail};

	control_send(j->build.child_control, &r, sizeof r, -1);
	_exit(1);
}

/* The second process: in all namespaces now, the pid namespace included, which only holds
 * processes that are born into it. */
static _Noreturn void inside(struct join *j)
{
	struct build *b = &j->build;
	struct child_error fail = {0};
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
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
		if (j->steps[i].ops->child_apply(&j->steps[i], b, &fail) < 0)
			tell_failure(j, i, &fail);
	_exit(1);
}

/* The first process enters, makes the second as a child of our parent (CLONE_PARENT), says its
 * number as seen from outside, and ends. */
static _Noreturn void enter(struct join *j)
{
	struct build *b = &j->build;
	struct clone_args args = {.flags = CLONE_PARENT};
	struct child_error fail = {0};
	struct child_report r = {.answer = CHILD_DONE};
	unsigned long flags = b->config->namespaces;
	long pid;

	/* While it runs our program inside, nobody in there may look into it or its files:
	 * not dumpable means out of reach of ptrace(2) and /proc/PID. */
	prctl(PR_SET_DUMPABLE, 0);
	for (size_t i = 0; i < b->n_cgroup_fds; i++)
		if (write(b->cgroup_fds[i], "0", 1) < 0) {
			child_fail(&fail, errno, "write 0", "control group");
			tell_failure(j, 0, &fail);
		}
	if (setns(j->target, (int)flags) < 0) {
		child_fail(&fail, errno, "setns", "all namespaces");
		tell_failure(j, 0, &fail);
	}
	if (flags & CLONE_NEWUSER && step_idmap.child_apply(NULL, b, &fail) < 0)
		tell_failure(j, 0, &fail);
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

/* The configuration of the container with what is different for this one program. */
static int edit_config(json_t *json, const struct join_options *o, struct error *err)
{
	json_t *process = json_object_get(json, "process"), *args = json_array();
	json_t *env = json_object_get(process, "env");
	uint32_t uid, gid;

	for (size_t i = 0; i < o->n_command; i++)
		if (json_array_append_new(args, json_string(o->command[i])) < 0) {
			json_decref(args);
			return error_set(err, EILSEQ, "run in container", o->command[i],
			        "the argument is not UTF-8");
		}
	json_object_set_new(process, "args", args);
	json_object_set_new(process, "terminal", json_boolean(o->terminal));
	for (size_t i = 0; i < o->n_env; i++)
		options_set_env(env, o->env[i]);
	if (o->terminal)
		options_set_env(env, "TERM=xterm-256color");
	if (o->workdir)
		json_object_set_new(process, "cwd", json_string(o->workdir));
	if (!o->user)
		return 0;
	if (options_user(o->user, &uid, &gid, err) < 0)
		return -EINVAL;
	json_object_set_new(process, "user",
	        json_pack("{s:I, s:I}", "uid", (json_int_t)uid, "gid", (json_int_t)gid));
	if (uid != 0) { /* another user has no powers in effect, as in config_build() */
		json_t *sets = json_object_get(process, "capabilities");
		json_object_set_new(sets, "effective", json_array());
		json_object_set_new(sets, "permitted", json_array());
	}
	return 0;
}

/* The files through which one joins the control groups that the first process is in: those that
 * bear the container's name. */
static int open_cgroup(struct build *b, const json_t *state, struct error *err)
{
	json_t *directories = json_object_get(state, "cgroup_dirs");
	const char *controller;
	json_t *directory;
	unsigned joined = 0;

	json_object_foreach (directories, controller, directory)
		joined |= cgroup_controller_parse(controller, strlen(controller));
	if (!joined)
		return 0;
	if (container_frozen(state)) {
		error_set(err, EBUSY, "enter container", b->name, "it is frozen");
		error_advise(err, "'cutaway unpause %s' lets it run on", b->name);
		return -EBUSY;
	}
	if (cgroup_new(b->name, joined, &b->cgroup, err) < 0)
		return -err->code;
	return limit_open_join_files(b, err);
}

static void choose_steps(struct join *j)
{
	const struct config *c = j->build.config;
	bool early = c->seccomp && !c->no_new_privs;

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

static int prepare(struct join *j, const json_t *state, struct error *err)
{
	struct process_id process = container_process(state);
	struct build *b = &j->build;
	int r = 0;

	j->target = (int)syscall(SYS_pidfd_open, process.pid, 0);
	if (j->target < 0 || !process_id_alive(&process))
		return error_set(err, ESRCH, "enter container", b->name, "it has ended");
	r = open_cgroup(b, state, err);
	if (r == 0)
		r = exec_programs(b->config, &b->programs, err);
	if (r == 0 && b->config->seccomp)
		r = seccomp_compile(b->config->seccomp, &b->filter, err);
	choose_steps(j);
	return r;
}

/* Reads reports until the program runs or has failed. */
static int follow(struct join *j, struct error *err)
{
	struct build *b = &j->build;
	struct child_report report;
	bool executing = false;
	int fd, r;

	while ((r = control_receive(b->control, &report, sizeof report, &fd)) == 0) {
		if (report.answer == CHILD_FAILED) {
			return step_failed(&j->steps[report.step], b, &report.error, err);
		} else if (report.answer == CHILD_EXECUTING) {
			executing = true;
		} else if (fd >= 0) {
			b->console_fd = fd;
		} else {
			b->pidfd = (int)syscall(SYS_pidfd_open, (pid_t)report.step, 0);
			b->process.pid = (pid_t)report.step;
			process_id_read(b->process.pid, &b->process);
		}
	}
	if (r == -EPIPE && executing && b->pidfd >= 0)
		return 0;
	return error_set(err, ECHILD, "enter container", b->name,
	        "the process ended before the program started");
}

static int start(struct join *j, struct error *err)
{
	struct build *b = &j->build;
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

int join_run(const json_t *state, const struct join_options *o, int *ret_status, struct error *err)
{
	const char *name = json_string_value(json_object_get(state, "name"));
	struct join j = {.target = -1};
	struct config *config = NULL;
	json_t *json = NULL;
	int r;

	build_init(&j.build);
	j.build.name = name;
	r = container_load_config(name, &json, err);
	if (r == 0)
		r = edit_config(json, o, err);
	if (r == 0)
		r = config_parse(json, &config, err);
	j.build.config = config;
	if (r == 0)
		r = prepare(&j, state, err);
	if (r == 0)
		r = start(&j, err);
	if (r == 0)
		*ret_status = watch_child(&j.build);
	cleanup_fd(&j.target);
	build_release(&j.build);
	config_free(config);
	json_decref(json);
	return r;
}
