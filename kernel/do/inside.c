#include "kernel/do/inside.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/idmap.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

/* copy_up() keeps a listing a level, of at most 64; pages that are not touched cost nothing. */
enum { HELPER_STACK = 1024 * 1024 };

int inside_namespaces(const struct build *b)
{
	return CLONE_NEWNS |
	       (build_namespaces(b) & CLONE_NEWUSER && !idmap_privileged() ? CLONE_NEWUSER : 0);
}

static int helper_main(void *argument)
{
	struct inside *in = argument;

	if (setns(in->build->pidfd, inside_namespaces(in->build)) < 0)
		return child_fail(&in->fail, errno, "setns", "mount namespace");
	return in->work(in);
}

/* CLONE_VFORK: we sleep until it is done. CLONE_FILES: what it opens is open here. CLONE_VM: no
 * memory is copied for a life of four system calls. Its own are the namespaces it enters. */
int inside_run(struct inside *in)
{
	auto_free char *stack = malloc(HELPER_STACK);
	pid_t pid;

	if (!stack)
		return child_fail(&in->fail, ENOMEM, "clone", "helper");
	pid = clone(helper_main, stack + HELPER_STACK,
	        CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD, in);
	if (pid < 0)
		return child_fail(&in->fail, errno, "clone", "helper");
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return -in->fail.code;
}
