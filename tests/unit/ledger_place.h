/* A place of its own for each test of ledgers and sweeps, and processes to be found dead or alive.
 */
#pragma once

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/ledger.h"
#include "kernel/do/sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

struct place {
	char path[64], ledger[80];
	int dir;
};

static inline int set_up(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	strcpy(p->path, "/tmp/test-ledger-XXXXXX");
	assert_non_null(mkdtemp(p->path));
	snprintf(p->ledger, sizeof p->ledger, "%s/ledger", p->path);
	p->dir = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	setenv("XDG_RUNTIME_DIR", p->path, 1);
	setenv("XDG_DATA_HOME", p->path, 1);
	unsetenv(LAB_VARIABLE);
	*state = p;
	return 0;
}

static inline int tear_down(void **state)
{
	struct place *p = *state;

	close(p->dir);
	assert_int_equal(dir_remove_tree(AT_FDCWD, p->path), 0);
	free(p);
	return 0;
}

static inline struct process_id self(void)
{
	struct process_id id;

	assert_int_equal(process_id_read(getpid(), &id), 0);
	return id;
}

/* A process that waits until it is killed, with `lab` in its environment as execve left it. */
static inline pid_t sleeper(const char *lab)
{
	pid_t pid = fork();

	if (pid == 0) {
		char variable[64];
		char program[] = "sleep", time[] = "1000";
		char *argv[] = {program, time, NULL}, *envp[] = {variable, NULL};
		snprintf(variable, sizeof variable, LAB_VARIABLE "=%s", lab);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execve("/bin/sleep", argv, envp);
		_exit(127);
	}
	assert_true(pid > 0);
	return pid;
}

static inline struct process_id id_of(pid_t pid)
{
	struct process_id id;

	assert_int_equal(process_id_read(pid, &id), 0);
	return id;
}

/* One that existed and is no more. */
static inline struct process_id dead_process(void)
{
	pid_t pid = sleeper("none");
	struct process_id id = id_of(pid);

	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return id;
}

static inline void touch(struct place *p, const char *name)
{
	assert_int_equal(file_replace_at(p->dir, name, "x", 1, 0600), 0);
}

static inline bool inside(struct place *p, const char *name)
{
	return faccessat(p->dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static inline const char *full(struct place *p, const char *name)
{
	static char path[160]; /* valid until the next call */

	snprintf(path, sizeof path, "%s/%s", p->path, name);
	return path;
}
