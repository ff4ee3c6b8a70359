#include "kernel/do/hooks.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/build.h"
#include "kernel/do/clone.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

int hooks_state(const char *text, size_t n)
{
	auto_close fd = memfd_create("state.json", MFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	for (size_t done = 0; done < n;) {
		ssize_t w = write(fd, text + done, n - done);
		if (w < 0 && errno != EINTR)
			return -errno;
		done += w > 0 ? (size_t)w : 0;
	}
	return steal_fd(&fd);
}

static _Noreturn void become(const struct hook *h, int state_fd)
{
	struct sigaction def = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		sigaction(i, &def, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (lseek(state_fd, 0, SEEK_SET) < 0 || dup2(state_fd, 0) < 0)
		_exit(126);
	syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC);
	execve(h->path, h->args, h->env);
	_exit(127);
}

static int reap(int pidfd)
{
	siginfo_t info = {0};

	while (waitid((idtype_t)P_PIDFD, (id_t)pidfd, &info, WEXITED) < 0)
		if (errno != EINTR)
			return 255;
	return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

/* A pid namespace is entered by being born into it, so who has entered makes one more. */
static _Noreturn void enter_and_become(const struct hook *h, int state_fd, int pidfd, int flags)
{
	int inner = -1;
	pid_t pid;

	if (setns(pidfd, flags) < 0)
		_exit(126);
	if (!(flags & CLONE_NEWPID))
		become(h, state_fd);
	pid = clone3_process(0, &inner);
	if (pid == 0)
		become(h, state_fd);
	_exit(pid < 0 ? 126 : reap(inner));
}

static int run_one(
        const struct hook *h, int state_fd, int pidfd, int flags, struct child_error *fail)
{
	auto_close child = -1;
	pid_t pid = clone3_process(0, &child);
	struct pollfd p = {.events = POLLIN};
	int status, r;

	if (pid < 0)
		return child_fail(fail, errno, "start hook", h->path);
	if (pid == 0) {
		if (pidfd >= 0)
			enter_and_become(h, state_fd, pidfd, flags);
		become(h, state_fd);
	}
	p.fd = child;
	do
		r = poll(&p, 1, h->timeout_ms);
	while (r < 0 && errno == EINTR);
	if (r == 0) {
		child_end(child);
		return child_fail(fail, ETIMEDOUT, "run hook", h->path);
	}
	status = reap(child);
	if (status == 127)
		return child_fail(fail, ENOENT, "run hook", h->path);
	return status ? child_fail(fail, EPROTO, "run hook", h->path) : 0;
}

int hooks_run(
        const struct hook_list *list, int state_fd, int pidfd, int flags, struct child_error *fail)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < list->n; i++)
		r = run_one(&list->hooks[i], state_fd, pidfd, flags, fail);
	return r;
}

/* ---- as steps: those between the namespaces and the new root -------------------------------- */

static void explain_list(const struct hook_list *list, struct explanation *e)
{
	for (size_t i = 0; i < list->n; i++) {
		buf_addf(
		        &e->call, "%sexecve(\"%s\")", e->call.len ? "\n" : "", list->hooks[i].path);
		buf_addf(&e->shell, "%s%s < state.json", e->shell.len ? "\n" : "",
		        list->hooks[i].path);
	}
}

static int run_lists(const struct step *s, struct build *b, enum hook_kind first,
        enum hook_kind last, int pidfd, struct error *err)
{
	struct child_error fail = {0};
	auto_buf text = BUF_INIT;
	auto_close state = -1;
	int flags = (int)build_namespaces(b);
	int r = b->state_text ? b->state_text(b, "created", &text) : 0;

	if (r == 0)
		r = state = hooks_state(buf_text(&text), text.len);
	if (r < 0)
		return error_set(err, -r, "tell hooks the state of", b->name, NULL);
	r = 0;
	for (enum hook_kind k = first; r == 0 && k <= last; k++)
		r = hooks_run(&b->config->hooks[k], state, pidfd, flags, &fail);
	return r < 0 ? step_failed(s, b, &fail, err) : 0;
}

static void explain_runtime(const struct step *s, const struct build *b, struct explanation *e)
{
	(void)s;
	explain_list(&b->config->hooks[HOOK_PRESTART], e);
	explain_list(&b->config->hooks[HOOK_CREATE_RUNTIME], e);
	buf_add(&e->why, "The engine's own programs, out here: the namespaces are there, so a "
	                 "network can be put into them.");
}

static int apply_runtime(const struct step *s, struct build *b, struct error *err)
{
	return run_lists(s, b, HOOK_PRESTART, HOOK_CREATE_RUNTIME, -1, err);
}

static void explain_container(const struct step *s, const struct build *b, struct explanation *e)
{
	(void)s;
	explain_list(&b->config->hooks[HOOK_CREATE_CONTAINER], e);
	buf_add(&e->why,
	        "The engine's own programs, in the container's namespaces, while the files "
	        "of the host can still be seen.");
}

static int apply_container(const struct step *s, struct build *b, struct error *err)
{
	return run_lists(s, b, HOOK_CREATE_CONTAINER, HOOK_CREATE_CONTAINER, b->pidfd, err);
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	(void)s;
	(void)b;
	(void)err;
	buf_add(seen, "each has ended with status 0\n");
	return 0;
}

const char *hooks_meaning(int code)
{
	return code == EPROTO      ? "the hook ended with an error"
	       : code == ETIMEDOUT ? "the hook took longer than its timeout and was ended"
	       : code == ENOENT    ? "the hook could not be started, or ended with status 127"
	                           : NULL;
}

static void diagnose(const struct step *s, const struct build *b, int code, struct error *err)
{
	const char *meaning = hooks_meaning(code);

	(void)s;
	(void)b;
	if (meaning)
		snprintf(err->cause, sizeof err->cause, "%s", meaning);
}

const struct step_ops step_hooks_runtime = {
        .id = "hooks-create-runtime",
        .title = "what the engine does about it out here",
        .man = "execve(2)",
        .where = STEP_HOST,
        .after_child = true,
        .explain = explain_runtime,
        .host_apply = apply_runtime,
        .verify = verify,
        .diagnose = diagnose,
};
const struct step_ops step_hooks_container = {
        .id = "hooks-create-container",
        .title = "what the engine does about it in there",
        .man = "execve(2), setns(2)",
        .where = STEP_HOST,
        .after_child = true,
        .explain = explain_container,
        .host_apply = apply_container,
        .verify = verify,
        .diagnose = diagnose,
};
