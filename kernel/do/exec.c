/* The last step: execve(2). The waiting process becomes the program; its pid, its namespaces and
 * all that was built around it stay. */
#include "kernel/do/exec.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/build.h"
#include "kernel/do/child.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <limits.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* execvp(3) would look with the PATH of the parent and allocate: the paths to try are written down
 * before the clone. */
int exec_programs(const struct config *c, char ***ret, struct error *err)
{
	const char *path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	size_t n = 2, at = 0;
	char **list;

	for (size_t i = 0; c->env[i]; i++)
		if (!strncmp(c->env[i], "PATH=", 5))
			path = c->env[i] + 5;
	for (const char *p = path; *p; p++)
		n += *p == ':';
	list = calloc(n + 1, sizeof *list);
	if (!list)
		return error_set(err, ENOMEM, "find program", c->args[0], NULL);
	if (strchr(c->args[0], '/')) {
		list[0] = strdup(c->args[0]);
		*ret = list;
		return 0;
	}
	for (const char *p = path; p; p = strchr(p, ':') ? strchr(p, ':') + 1 : NULL) {
		int length = (int)strcspn(p, ":");
		if (asprintf(&list[at], "%.*s%s%s", length, p, length ? "/" : "", c->args[0]) < 0)
			list[at] = NULL;
		else
			at++;
	}
	*ret = list;
	return 0;
}

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	char *const *args = b->config->args;

	(void)s;
	buf_addf(&e->call, "execve(\"%s\", [", args[0]);
	for (size_t i = 0; args[i]; i++)
		buf_addf(&e->call, "%s\"%s\"", i ? ", " : "", args[i]);
	buf_add(&e->call, "], envp)");
	buf_add(&e->shell, "exec");
	for (size_t i = 0; args[i]; i++)
		buf_addf(&e->shell, " %s", args[i]);
	buf_add(&e->why, "The waiting process becomes the program: the same pid, and around it all "
	                 "that was built.");
}

int exec_stdio(struct build *b, struct child_error *fail)
{
	/* Our own three stay as they are; others (a log, a terminal) are above 2, so none is
	 * overwritten before it is copied. */
	for (int i = 0; i < 3; i++) {
		int from = b->slave_fd >= 0 ? b->slave_fd : b->stdio[i];
		if (from != i && dup2(from, i) < 0)
			return child_fail(fail, errno, "dup2", NULL);
	}
	/* The program leads a session, and so cannot push bytes into our terminal (TIOCSTI). */
	if (setsid() < 0 && errno != EPERM)
		return child_fail(fail, errno, "setsid", NULL);
	if (b->slave_fd >= 0 && ioctl(0, TIOCSCTTY, 0) < 0)
		return child_fail(fail, errno, "ioctl TIOCSCTTY", NULL);
	if (b->slave_fd > 2)
		close(b->slave_fd);
	b->slave_fd = -1;
	return 0;
}

/* What we ignore the program would ignore as well, execve(2). */
static void reset_signals(void)
{
	struct sigaction def = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		sigaction(i, &def, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* A directory that is not below our root has no path: that is how a descriptor of the host, left
 * open and named as "/proc/self/fd/N", shows. The raw call, getcwd(2), tells "(unreachable)…". */
int exec_enter_directory(struct build *b, struct child_error *fail)
{
	char where[PATH_MAX];
	const char *path = b->config->cwd;

	if (chdir(path) < 0)
		return child_fail(fail, errno, "chdir", path);
	if (syscall(SYS_getcwd, where, sizeof where) < 0)
		return child_fail(fail, errno, "getcwd", path);
	if (where[0] != '/')
		return child_fail(fail, EXDEV, "chdir", path);
	b->in_directory = true;
	return 0;
}

/* Whatever the parent had open, the program gets none of it. Not closed but marked, since the
 * control socket must still tell when execve(2) fails. */
int exec_mark_fds(const struct build *b)
{
	return syscall(SYS_close_range, 3u + (unsigned)b->preserve_fds, ~0u, CLOSE_RANGE_CLOEXEC) <
	                       0
	               ? -errno
	               : 0;
}

int exec_program(struct build *b, struct child_error *fail)
{
	const struct config *c = b->config;
	int code = ENOENT;
	int r = 0;

	/* Who has gone there as root still asks whether this user may be there. */
	if (!b->in_directory)
		r = exec_enter_directory(b, fail);
	else if (chdir(".") < 0)
		r = child_fail(fail, errno, "chdir", c->cwd);
	if (r == 0)
		r = exec_stdio(b, fail);
	if (r < 0)
		return r;
	reset_signals();
	umask(c->umask);
	r = exec_mark_fds(b);
	if (r < 0 && !c->seccomp) /* a filter may refuse it now, but it has been done before */
		return child_fail(fail, -r, "close_range", NULL);
	if (!b->bundle) /* capset(2) and setresuid(2) may have cleared it */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	child_executing(b);
	for (size_t i = 0; b->programs[i]; i++) {
		execve(b->programs[i], c->args, c->env);
		/* As execvp(3): what is there but not to be run is told rather than that
		 * elsewhere nothing is. */
		if (errno != ENOENT && errno != ENOTDIR)
			code = errno;
		if (code != ENOENT && code != EACCES)
			break;
	}
	return child_fail(fail, code, "execve", c->args[0]);
}

static int apply(const struct step *s, struct build *b, struct child_error *fail)
{
	(void)s;
	return exec_program(b, fail);
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	char path[64], own[4096], its[4096];
	ssize_t n, m;

	snprintf(path, sizeof path, "/proc/%d/exe", (int)b->process.pid);
	m = readlink("/proc/self/exe", own, sizeof own - 1);
	n = readlink(path, its, sizeof its - 1);
	if (n < 0) {
		if (errno != ENOENT && errno != ESRCH)
			return step_unverified(s, err, path, "%s", strerror(errno));
		buf_addf(seen, "process %d has ended already\n", (int)b->process.pid);
		return 0;
	}
	its[n] = '\0';
	if (m == n && !memcmp(own, its, (size_t)n))
		return step_unverified(s, err, path, "is still %s", its);
	buf_addf(seen, "%s is %s\n", path, its);
	return 0;
}

static void diagnose(const struct step *s, const struct build *b, int code, struct error *err)
{
	(void)s;
	if (strstr(err->operation, "chdir")) {
		snprintf(err->cause, sizeof err->cause, "%s",
		        code == ENOENT  ? "there is no such directory in the container"
		        : code == EXDEV ? "it is outside of the container"
		                        : strerror(code));
		error_advise(err, "choose another with --workdir");
	} else if (code == ENOENT) {
		snprintf(err->cause, sizeof err->cause, "%s",
		        strchr(b->config->args[0], '/')
		                ? "the container has no such program, or not its interpreter"
		                : "the container has no such program in its PATH");
		if (b->bundle) /* the words that engines look for to answer with status 127 */
			snprintf(err->cause, sizeof err->cause,
			        "executable file not found in the container: no such file or "
			        "directory");
	} else if (code == EACCES) {
		/* Of a bundle: the words that engines look for to answer with status 126. */
		snprintf(err->cause, sizeof err->cause,
		        "%sit is there, but the user may not execute it",
		        b->bundle ? "permission denied: " : "");
	} else if (code == ENOEXEC) {
		snprintf(err->cause, sizeof err->cause,
		        "it is no program of this machine: another architecture, or a script "
		        "without #!");
	}
}

const struct step_ops step_exec = {
        .id = "exec",
        .title = "the program",
        .man = "execve(2)",
        .where = STEP_CHILD,
        .explain = explain,
        .child_apply = apply,
        .verify = verify,
        .diagnose = diagnose,
};
