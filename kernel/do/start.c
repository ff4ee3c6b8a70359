/* The socket speaks as the one between parent and child does (child.h): `start` is a new parent for
 * the rest of the way. After connecting it sends the state, hears when the hooks have been run,
 * orders the steps that are left, and takes the end of the connection for success: the socket is
 * marked close-on-exec, so it ends with execve(2). */
#include "kernel/do/start.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/build.h"
#include "kernel/do/child.h"
#include "kernel/do/exec.h"
#include "kernel/do/hooks.h"
#include "kernel/do/listener.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

enum { STATE_MAX = 48 * 1024 };

/* ---- from outside --------------------------------------------------------------------------- */

/* A socket's name has 108 bytes at most and directories may be deep: a descriptor is short. */
static struct sockaddr_un address(int directory)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};

	snprintf(name.sun_path, sizeof name.sun_path, "/proc/self/fd/%d/start", directory);
	return name;
}

int start_listen(const char *directory, int *ret_fd, struct error *err)
{
	auto_close dir = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_close fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct sockaddr_un name = address(dir);

	if (dir < 0 || fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof name) < 0 ||
	        listen(fd, 1) < 0)
		return error_set(err, errno, "make start socket", directory, NULL);
	*ret_fd = steal_fd(&fd);
	return 0;
}

int start_pending(const char *directory)
{
	auto_close dir = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return dir >= 0 && faccessat(dir, "start", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* An engine answers with status 127 to "no such file", and with 126 to "permission denied". */
static int told(const struct child_report *report, struct error *err)
{
	const char *meaning = NULL;
	char operation[64];

	snprintf(operation, sizeof operation, "start: %.40s", report->error.operation);
	if (!strcmp(report->error.operation, "run hook"))
		meaning = hooks_meaning(report->error.code);
	return error_set(err, report->error.code, operation, report->error.object, "%s",
	        meaning ? meaning : strerror(report->error.code));
}

static int follow(
        int fd, const struct config *config, pid_t pid, const char *state, struct error *err)
{
	struct child_order go = {.verb = CHILD_RUN, .step = UINT_MAX - 1};
	struct child_report report;
	bool executing = false;
	int r, got;

	while ((r = control_receive(fd, &report, sizeof report, &got)) == 0) {
		auto_close passed = got;
		if (report.answer == CHILD_FAILED)
			return told(&report, err);
		if (report.answer == CHILD_LISTENER) {
			r = listener_hand_over(config->seccomp, fd, passed, pid, state, err);
			if (r < 0)
				return r;
			continue;
		}
		if (report.answer == CHILD_EXECUTING)
			executing = true;
		else if ((r = control_send(fd, &go, sizeof go, -1)) < 0)
			break;
	}
	if (r == -EPIPE && executing)
		return 0;
	return error_set(err, ECHILD, "start", "its first process",
	        "it has ended before its program started");
}

int start_release(const char *directory, const struct config *config, pid_t pid, const char *state,
        struct error *err)
{
	auto_close dir = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_close fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct sockaddr_un name = address(dir);
	size_t n = strlen(state);
	int r;

	if (n > STATE_MAX)
		return error_set(err, E2BIG, "start", directory, "its annotations are too long");
	if (dir < 0 || fd < 0 || connect(fd, (struct sockaddr *)&name, sizeof name) < 0)
		return error_set(err, errno, "start", directory,
		        errno == ECONNREFUSED ? "its first process has ended" : "%s",
		        strerror(errno));
	if (send(fd, state, n, MSG_NOSIGNAL) < 0)
		return error_set(err, errno, "start", directory, NULL);
	r = follow(fd, config, pid, state, err);
	/* Whatever came of it, nobody waits there any more. */
	unlinkat(dir, "start", 0);
	return r;
}

/* ---- from inside ---------------------------------------------------------------------------- */

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	(void)s;
	(void)b;
	buf_add(&e->call, "accept4(start, NULL, NULL, SOCK_CLOEXEC)");
	buf_add(&e->shell, "cutaway-oci start ID");
	buf_add(&e->why, "All is made; the program starts when the engine says so, and until then "
	                 "it can still put a network or files in.");
}

/* That there is no such program is better told now than when it is to start. */
static int find_program(const struct build *b, struct child_error *fail)
{
	int code = ENOENT;

	for (size_t i = 0; b->programs[i]; i++) {
		struct stat st;
		bool may = faccessat(AT_FDCWD, b->programs[i], X_OK, AT_EACCESS) == 0;
		if (may && !(stat(b->programs[i], &st) == 0 && S_ISDIR(st.st_mode)))
			return 0;
		if (may || errno == EACCES)
			code = EACCES;
		/* A filter that has no rule for faccessat2(2) knows nothing of programs. */
		else if (errno == EPERM || errno == ENOSYS)
			return 0;
	}
	return child_fail(fail, code, "execve", b->config->args[0]);
}

static int run_hooks(struct build *b, const char *state, size_t n, struct child_error *fail)
{
	auto_close fd = -1;

	if (!b->config->hooks[HOOK_START_CONTAINER].n)
		return 0;
	fd = hooks_state(state, n);
	if (fd < 0)
		return child_fail(fail, -fd, "memfd_create", "state.json");
	return hooks_run(&b->config->hooks[HOOK_START_CONTAINER], fd, -1, 0, fail);
}

/* What the making needed is not held while it waits, which may be long. */
static void close_others(struct build *b)
{
	unsigned first = 3u + (unsigned)b->preserve_fds;
	unsigned low = (unsigned)b->start_fd, high = (unsigned)b->child_control;
	unsigned keep[2] = {low < high ? low : high, low < high ? high : low};

	for (int i = 0; i < 2; i++) {
		if (keep[i] > first)
			syscall(SYS_close_range, first, keep[i] - 1, 0);
		if (keep[i] >= first)
			first = keep[i] + 1;
	}
	syscall(SYS_close_range, first, ~0u, 0);
}

static int apply(const struct step *s, struct build *b, struct child_error *fail)
{
	char state[STATE_MAX];
	ssize_t n = 0;

	(void)s;
	if (find_program(b, fail) < 0)
		return -fail->code;
	/* From now on it does not end with who made it, and not with that one's terminal. */
	prctl(PR_SET_PDEATHSIG, 0);
	if (b->starts_at_once)
		return 0;
	/* Nor does it hold the pipes of that one: an engine reads from them until all have let go.
	 * With a terminal the program's own streams are others, and with none they are these. */
	if (exec_stdio(b, fail) < 0)
		return -fail->code;
	child_waiting(b);
	close_others(b);
	close(b->child_control);
	b->child_control = -1;
	while (b->child_control < 0) {
		b->child_control = accept4(b->start_fd, NULL, NULL, SOCK_CLOEXEC);
		if (b->child_control < 0) {
			if (errno != EINTR && errno != ECONNABORTED)
				_exit(1);
			continue;
		}
		n = recv(b->child_control, state, sizeof state, 0);
		if (n <= 0) { /* it went away again */
			close(b->child_control);
			b->child_control = -1;
		}
	}
	close(b->start_fd);
	b->start_fd = -1;
	return run_hooks(b, state, (size_t)n, fail);
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	if (!process_id_alive(&b->process))
		return step_unverified(s, err, b->name, "its first process is gone");
	buf_addf(seen, "process %d waits\n", (int)b->process.pid);
	return 0;
}

static void diagnose(const struct step *s, const struct build *b, int code, struct error *err)
{
	if (strstr(err->operation, "execve"))
		step_exec.diagnose(s, b, code, err);
}

const struct step_ops step_start = {
        .id = "start",
        .title = "waiting to be started",
        .man = "accept(2), unix(7)",
        .where = STEP_CHILD,
        .explain = explain,
        .child_apply = apply,
        .verify = verify,
        .diagnose = diagnose,
};
