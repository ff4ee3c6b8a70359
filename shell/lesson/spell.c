#include "shell/lesson/spell.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { WORDS_LIMIT = 1 << 20 };

extern char **environ;

/* Files in memory for what it reads and says: a pipe could fill on one side while we write to the
 * other. */
static int start(int input, int output, pid_t *ret)
{
	static const char *const argv[] = {
	        "aspell", "list", "--lang=en_GB", "--encoding=utf-8", NULL};
	posix_spawn_file_actions_t actions;
	int r = posix_spawn_file_actions_init(&actions);

	if (r)
		return -r;
	r = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	if (!r)
		r = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	if (!r)
		r = posix_spawn_file_actions_addopen(
		        &actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (!r)
		r = posix_spawnp(ret, argv[0], &actions, NULL, (char **)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -r;
}

/* All of a file in memory, whoever moved its place. */
static int read_all(int fd, struct buf *out)
{
	char chunk[4096];
	ssize_t n;
	off_t at = 0;

	while ((n = pread(fd, chunk, sizeof chunk, at)) > 0 && at < WORDS_LIMIT) {
		buf_add_bytes(out, chunk, (size_t)n);
		at += n;
	}
	return n < 0 ? -errno : buf_failed(out) ? -ENOMEM : 0;
}

int spell_check(const char *text, struct buf *words, struct error *err)
{
	auto_close input = memfd_create("text", MFD_CLOEXEC);
	auto_close output = memfd_create("words", MFD_CLOEXEC);
	int status = 0, r;
	pid_t pid = 0;

	if (input < 0 || output < 0)
		return error_set(err, errno, "check the spelling", "", NULL);
	r = file_write_all(input, text, strlen(text));
	if (r == 0 && lseek(input, 0, SEEK_SET) < 0)
		r = -errno;
	if (r == 0)
		r = start(input, output, &pid);
	if (r < 0)
		return error_set(err, -r, "check the spelling", "aspell", NULL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return error_set(err, ENOENT, "check the spelling", "aspell",
		        "it has no dictionary of British English (package aspell-en)");
	r = read_all(output, words);
	return r < 0 ? error_set(err, -r, "check the spelling", "aspell", NULL) : 0;
}
