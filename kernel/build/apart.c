#include "kernel/build/apart.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/subid.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct apart {
	int (*work)(void *argument, struct error *err);
	void *argument;
	struct error *told; /* in shared memory */
	uid_t uid;
	gid_t gid;
};

void *apart_memory(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

void apart_memory_free(void *memory, size_t n)
{
	if (memory)
		munmap(memory, n);
}

/* The child, root already. */
static int begin(void *argument, struct error *err)
{
	const struct apart *a = argument;

	if (unshare(CLONE_NEWNS) < 0 || mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return error_set(err, errno, "make", "a mount namespace", NULL);
	return a->work(a->argument, err);
}

/* With no other ids than one's own: user_namespaces(7). */
static int become_root(const struct apart *a, struct error *err)
{
	char map[32];
	int r;

	if (unshare(CLONE_NEWUSER) < 0)
		return error_set(err, errno, "make", "a user namespace", NULL);
	snprintf(map, sizeof map, "0 %u 1", (unsigned)a->uid);
	r = file_write_at(AT_FDCWD, "/proc/self/setgroups", "deny");
	if (r == 0)
		r = file_write_at(AT_FDCWD, "/proc/self/uid_map", map);
	snprintf(map, sizeof map, "0 %u 1", (unsigned)a->gid);
	if (r == 0)
		r = file_write_at(AT_FDCWD, "/proc/self/gid_map", map);
	return r < 0 ? error_set(err, -r, "map ids in", "a user namespace", NULL) : 0;
}

static _Noreturn void child(struct apart *a)
{
	struct error err = {0};
	int r = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (a->uid != 0)
		r = become_root(a, &err);
	if (r == 0)
		r = begin(a, &err);
	if (r < 0 && !err.code)
		error_set(&err, -r, "work apart", "", NULL);
	*a->told = err;
	_exit(err.code ? 1 : 0);
}

static int run_forked(struct apart *a, struct error *err)
{
	int status = 0, r;
	pid_t pid = fork();

	if (pid == 0)
		child(a);
	if (pid < 0)
		return error_set(err, errno, "start", "a process", NULL);
	while ((r = waitpid(pid, &status, 0)) < 0 && errno == EINTR)
		;
	if (a->told->code && err && !err->code)
		*err = *a->told;
	if (a->told->code)
		return -a->told->code;
	if (r < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return error_set(err, ECHILD, "work apart", "", "the process was ended");
	return 0;
}

int apart_run(int (*work)(void *argument, struct error *err), void *argument, struct error *err)
{
	struct apart a = {.work = work, .argument = argument, .uid = geteuid(), .gid = getegid()};
	struct subid ids = {0};
	int r;

	if (a.uid != 0) {
		subid_find(&ids);
		if (ids.usable)
			return subid_run(begin, &a, err);
	}
	a.told = apart_memory(sizeof *a.told);
	if (!a.told)
		return error_set(err, ENOMEM, "work apart", "", NULL);
	r = run_forked(&a, err);
	apart_memory_free(a.told, sizeof *a.told);
	return r;
}
