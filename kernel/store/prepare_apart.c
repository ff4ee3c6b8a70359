/* Preparing an image in another process: `cutaway-lab prepare NAME OFFSET`, which stands beside
 * this program. It tells what failed as a struct error on its standard output: both are of one
 * build. */
#include "kernel/store/prepare.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int lab_program(char *ret, size_t size, struct error *err)
{
	static const char name[] = "cutaway-lab";
	ssize_t n = readlink("/proc/self/exe", ret, size - sizeof name);
	char *slash;

	if (n < 0)
		return error_set(err, errno, "find program", name, NULL);
	ret[n] = '\0';
	slash = strrchr(ret, '/');
	memcpy(slash ? slash + 1 : ret, name, sizeof name);
	return 0;
}

static int spawn(const char *program, char **argv, int output, pid_t *ret)
{
	posix_spawn_file_actions_t actions;
	int r = posix_spawn_file_actions_init(&actions);

	if (r)
		return -r;
	r = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	if (!r)
		r = posix_spawn(ret, program, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -r;
}

/* Its failure, if it wrote one, else what its end says. */
static int judge(int fd, int status, const char *name, struct error *err)
{
	struct error told;
	ssize_t n = read(fd, &told, sizeof told);

	if (n == (ssize_t)sizeof told && told.code > 0) {
		if (err && !err->code)
			*err = told;
		return -told.code;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return error_set(err, ECHILD, "prepare image", name, "cutaway-lab ended with status %d",
	        WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

int store_prepare(const char *name, uid_t uid_offset, struct error *err)
{
	char program[4096], offset[16], own[] = "cutaway", word[] = "prepare";
	char *argv[] = {own, word, (char *)name, offset, NULL};
	auto_close from = -1;
	int ends[2], status = 0, r;
	pid_t pid;

	r = lab_program(program, sizeof program, err);
	if (r < 0)
		return r;
	snprintf(offset, sizeof offset, "%u", (unsigned)uid_offset);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, errno, "prepare image", name, NULL);
	from = ends[0];
	r = spawn(program, argv, ends[1], &pid);
	close(ends[1]);
	if (r < 0)
		return error_set(err, -r, "start program", program, NULL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return error_set(err, errno, "prepare image", name, NULL);
	return judge(from, status, name, err);
}
