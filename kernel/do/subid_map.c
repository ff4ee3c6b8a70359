#include "kernel/do/subid.h"

#include "kernel/do/config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SAID_SIZE = 160 };

bool subid_program(const char *name, char *ret, size_t size)
{
	static const char *const places[] = {"/usr/bin", "/bin", "/usr/local/bin"};

	/* Not from $PATH: what maps our ids is to be the system's. */
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		snprintf(ret, size, "%s/%s", places[i], name);
		if (access(ret, X_OK) == 0)
			return true;
	}
	return false;
}

extern char **environ;

static int spawn_quiet(const char *path, char **argv, int errors, pid_t *ret)
{
	posix_spawn_file_actions_t actions;
	int r = posix_spawn_file_actions_init(&actions);

	if (r)
		return -r;
	r = posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
	if (!r)
		r = posix_spawn(ret, path, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -r;
}

/* What it says on its standard error, up to the end of the line, and its end. */
static int run_mapper(const char *path, char **argv, char said[static SAID_SIZE])
{
	int ends[2], status = 0, r;
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	r = spawn_quiet(path, argv, ends[1], &pid);
	close(ends[1]);
	while (r == 0 && n + 1 < SAID_SIZE &&
	        ((got = read(ends[0], said + n, SAID_SIZE - 1 - n)) > 0 ||
	                (got < 0 && errno == EINTR)))
		n += got > 0 ? (size_t)got : 0;
	close(ends[0]);
	said[n] = '\0';
	said[strcspn(said, "\n")] = '\0';
	if (r < 0)
		return r;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EPERM;
}

int subid_map(const char *program, pid_t pid, const struct id_map *map, size_t n, struct error *err)
{
	enum { MAX_MAPS = 8, WORD = 16 };
	char path[64], said[SAID_SIZE] = "", words[3 * MAX_MAPS + 1][WORD];
	char *argv[3 * MAX_MAPS + 3] = {path};
	size_t argc = 1;
	int r;

	if (n > MAX_MAPS)
		return error_set(
		        err, E2BIG, "map ids with", program, "more than %d ranges", (int)MAX_MAPS);
	if (!subid_program(program, path, sizeof path)) {
		error_set(err, ENOENT, "map ids with", program, "there is no such program");
		error_advise(err, "apt install uidmap");
		return -ENOENT;
	}
	snprintf(words[0], WORD, "%d", (int)pid);
	for (size_t i = 0; i < n; i++) {
		snprintf(words[3 * i + 1], WORD, "%" PRIu32, map[i].inside);
		snprintf(words[3 * i + 2], WORD, "%" PRIu32, map[i].outside);
		snprintf(words[3 * i + 3], WORD, "%" PRIu32, map[i].count);
	}
	for (size_t i = 0; i < 3 * n + 1; i++)
		argv[argc++] = words[i];
	r = run_mapper(path, argv, said);
	return r < 0 ? error_set(err, -r, "map ids with", path, "%s",
	                       *said ? said : "it refuses and does not say why")
	             : 0;
}
