/* The host name, sethostname(2): the first thing that is different inside and outside. */
#include "kernel/base/cleanup.h"
#include "kernel/do/build.h"
#include "kernel/do/idmap.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	(void)s;
	buf_addf(&e->call, "sethostname(\"%s\", %zu)", b->config->hostname,
	        strlen(b->config->hostname));
	buf_addf(&e->shell, "hostname %s", b->config->hostname);
	buf_add(&e->why, "The name is a field of the UTS namespace, so only this one changes.");
}

static int apply(const struct step *s, struct build *b, struct child_error *fail)
{
	(void)s;
	if (gethostname(b->old_hostname, sizeof b->old_hostname) < 0)
		return child_fail(fail, errno, "gethostname", NULL);
	if (sethostname(b->config->hostname, strlen(b->config->hostname)) < 0)
		return child_fail(fail, errno, "sethostname", b->config->hostname);
	return 0;
}

static int undo(const struct step *s, struct build *b, struct child_error *fail)
{
	(void)s;
	if (sethostname(b->old_hostname, strlen(b->old_hostname)) < 0)
		return child_fail(fail, errno, "sethostname", b->old_hostname);
	return 0;
}

/* The kernel tells a UTS namespace's name only to those inside: a helper looks in for us. */
struct look {
	int pidfd, namespaces, code;
	struct utsname name;
};

static int look_inside(void *argument)
{
	struct look *l = argument;

	if (setns(l->pidfd, l->namespaces) < 0 || uname(&l->name) < 0)
		l->code = errno;
	return 0;
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	enum { STACK = 64 * 1024 };
	struct look l = {.pidfd = b->pidfd, .namespaces = CLONE_NEWUTS};
	auto_free char *stack = malloc(STACK);
	pid_t pid;

	if (build_namespaces(b) & CLONE_NEWUSER && !idmap_privileged())
		l.namespaces |= CLONE_NEWUSER;
	if (!stack)
		return error_set(err, ENOMEM, "verify hostname", "", NULL);
	pid = clone(look_inside, stack + STACK, CLONE_VM | CLONE_VFORK | SIGCHLD, &l);
	if (pid < 0)
		return error_set(err, errno, "verify hostname", "clone", NULL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (l.code)
		return step_unverified(s, err, "uname", "%s", strerror(l.code));
	if (strcmp(l.name.nodename, b->config->hostname) != 0)
		return step_unverified(s, err, "uname", "the name is %s", l.name.nodename);
	buf_addf(seen, "uname(2) inside says %s\n", l.name.nodename);
	if (uname(&l.name) == 0)
		buf_addf(seen, "uname(2) outside says %s\n", l.name.nodename);
	return 0;
}

const struct step_ops step_hostname = {
        .id = "hostname",
        .title = "a host name",
        .man = "sethostname(2), uts_namespaces(7)",
        .where = STEP_CHILD,
        .reversible = true,
        .explain = explain,
        .child_apply = apply,
        .child_undo = undo,
        .verify = verify,
};
