#include "kernel/watch/launch.h"

#include "kernel/base/cleanup.h"
#include "kernel/watch/attach.h"
#include "kernel/watch/trap.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* As execvp(3), but before anything is watched: each directory that it is not in would be a call.
 */
static char *find_program(const char *name)
{
	const char *path = getenv("PATH"), *end;
	char *full;

	if (strchr(name, '/'))
		return strdup(name);
	for (path = path ? path : "/usr/bin:/bin"; *path; path = end + (*end == ':')) {
		int n;
		end = strchrnul(path, ':');
		n = (int)(end - path);
		if (asprintf(&full, "%.*s%s%s", n, path, n ? "/" : "./", name) < 0)
			return NULL;
		if (is_program(full))
			return full;
		free(full);
	}
	return NULL;
}

int launch_prepare(struct launch *l, char *const *command, struct error *err)
{
	l->command = command;
	l->program = find_program(command[0]);
	if (!l->program)
		return error_set(err, ENOENT, "find program", command[0], "it is not in PATH");
	l->filtered = trap_possible();
	return l->filtered ? trap_compile(&l->filter, err) : 0;
}

static _Noreturn void become_program(const struct launch *l, int gate)
{
	char byte;
	int r, code;

	if (read(gate, &byte, 1) != 1)
		_exit(126);
	r = l->filtered ? trap_load(&l->filter) : 0;
	if (r == 0)
		execv(l->program, l->command);
	code = r < 0 ? -r : errno;
	dprintf(STDERR_FILENO, "cutaway watch: start program: %s: %s (%s)\n", l->program,
	        strerror(code), strerrorname_np(code));
	_exit(code == ENOENT ? 127 : 126);
}

int launch_begin(struct launch *l)
{
	int gate[2], r;

	if (pipe2(gate, O_CLOEXEC) < 0)
		return -errno;
	l->pid = fork();
	if (!l->pid) {
		close(gate[1]);
		become_program(l, gate[0]);
	}
	close(gate[0]);
	l->gate = gate[1];
	if (l->pid < 0)
		return -errno;
	r = attach_seize(l->pid);
	/* From here on with PTRACE_SYSCALL, which wants it stopped. */
	if (r == 0 && !l->filtered)
		r = ptrace(PTRACE_INTERRUPT, l->pid, NULL, NULL) < 0 ? -errno : 0;
	if (r < 0)
		launch_abandon(l);
	return r;
}

void launch_go(struct launch *l)
{
	/* It is there: we hold it. */
	if (write(l->gate, "", 1) == 1)
		cleanup_fd(&l->gate);
}

void launch_abandon(struct launch *l)
{
	cleanup_fd(&l->gate);
	if (l->pid > 0) {
		kill(l->pid, SIGKILL);
		waitpid(l->pid, NULL, 0);
	}
	l->pid = 0;
}

void launch_release(struct launch *l)
{
	cleanup_fd(&l->gate);
	free(l->program);
	free(l->filter.filter);
	*l = (struct launch)LAUNCH_INIT;
}
