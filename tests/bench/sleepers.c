/* Starts N processes that wait for a signal, says so, and waits until its standard input ends; then
 * they end with it (PR_SET_PDEATHSIG). What tests/bench/observe.sh looks at. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void sleep_until_killed(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(STDIN_FILENO);
	while (getppid() == parent)
		pause();
	_exit(0);
}

int main(int argc, char **argv)
{
	long n = argc == 2 ? strtol(argv[1], NULL, 10) : 0, started = 0;
	pid_t self = getpid(), *pids = calloc(n > 0 ? (size_t)n : 1, sizeof *pids);
	char byte;
	int status = 0;

	if (n < 1 || n > 100000 || !pids) {
		fprintf(stderr, "usage: sleepers N\n");
		return 2;
	}
	for (; started < n && status == 0; started++) {
		pids[started] = fork();
		if (pids[started] == 0)
			sleep_until_killed(self);
		if (pids[started] < 0) {
			fprintf(stderr, "sleepers: fork: %s\n", strerror(errno));
			status = 1;
			break;
		}
	}
	if (status == 0) {
		puts("ready");
		fflush(stdout);
		while (read(STDIN_FILENO, &byte, 1) > 0)
			;
	}
	for (long i = 0; i < started; i++)
		kill(pids[i], SIGKILL); /* children not waited for: nobody else has the number */
	while (wait(NULL) > 0)
		;
	free(pids);
	return status;
}
