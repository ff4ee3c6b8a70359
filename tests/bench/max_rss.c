/* Peak memory of a command and of every process it has waited for, in KiB: max_rss COMMAND [ARG]...
 * A runtime that starts another program measures what it was itself up to then as well: the peak of
 * getrusage(2), RUSAGE_CHILDREN, is that of the largest one. */
#include <err.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv)
{
	posix_spawn_file_actions_t actions;
	struct rusage use;
	int status;
	pid_t pid;

	if (argc < 2)
		errx(2, "usage: max_rss COMMAND [ARG]...");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, argv[1], &actions, NULL, argv + 1, environ))
		errx(1, "%s", argv[1]);
	posix_spawn_file_actions_destroy(&actions);
	if (waitpid(pid, &status, 0) < 0 || status || getrusage(RUSAGE_CHILDREN, &use) < 0)
		errx(1, "%s failed", argv[1]);
	printf("%ld\n", use.ru_maxrss);
	return 0;
}
