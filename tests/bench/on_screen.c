/* From a change in the kernel to the screen: on_screen ROUNDS COMMAND...
 *
 * Runs COMMAND on a pseudo terminal and waits until it writes no more. Then, ROUNDS times, a
 * process enters a UTS namespace of its own and calls itself and its host by a name that was never
 * there before; the clock runs from then until that name stands in what COMMAND writes to the
 * terminal. Prints the median, the 10th and the 90th percentile in milliseconds. As root. */
#include <err.h>
#include <poll.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS_MOST = 1000, QUIET_MS = 1500, LIMIT_MS = 20000, SEEN = 1 << 16 };

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The end of what was written is kept, escape sequences and all: a new name is written as a whole.
 */
struct screen {
	int terminal;
	char seen[SEEN + 1];
	size_t n;
};

static bool take(struct screen *s, int limit_ms)
{
	struct pollfd p = {.fd = s->terminal, .events = POLLIN};
	char chunk[8192];
	ssize_t n;

	if (poll(&p, 1, limit_ms) <= 0)
		return false;
	n = read(s->terminal, chunk, sizeof chunk);
	if (n <= 0)
		errx(1, "the program has ended");
	if (s->n + (size_t)n > SEEN) {
		memmove(s->seen, s->seen + SEEN / 2, s->n > SEEN / 2 ? s->n - SEEN / 2 : 0);
		s->n = s->n > SEEN / 2 ? s->n - SEEN / 2 : 0;
	}
	memcpy(s->seen + s->n, chunk, (size_t)n);
	s->n += (size_t)n;
	return true;
}

/* At rest: nothing for a while, or the drawing of others who are never at rest. */
static void settle(struct screen *s, int most_ms)
{
	double start = now_ms();

	while (take(s, QUIET_MS) && now_ms() - start < most_ms)
		;
}

static pid_t change(const char *name)
{
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(CLONE_NEWUTS | CLONE_NEWNS) < 0 || sethostname(name, strlen(name)) < 0)
			err(1, "a namespace");
		prctl(PR_SET_NAME, name); /* an event: PROC_EVENT_COMM */
		pause();
		_exit(0);
	}
	return pid;
}

static double measure(struct screen *s, int round)
{
	char name[16];
	double start, ms;
	pid_t pid;

	/* Another letter at each place than the time before: a terminal is sent what differs. */
	for (int i = 0; i < 8; i++)
		name[i] = (char)('a' + (round * 7 + i * i * 3 + i * 5) % 26);
	name[8] = '\0';
	s->n = 0;
	start = now_ms();
	pid = change(name);
	for (;;) {
		if (now_ms() - start > LIMIT_MS)
			errx(1, "%s did not appear", name);
		take(s, LIMIT_MS);
		s->seen[s->n] = '\0';
		if (memmem(s->seen, s->n, name, strlen(name)))
			break;
	}
	ms = now_ms() - start;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	settle(s, 3000);
	return ms;
}

int main(int argc, char **argv)
{
	size_t rounds = argc > 2 ? strtoul(argv[1], NULL, 10) : 0;
	struct winsize size = {.ws_col = 160, .ws_row = 50};
	static double took[ROUNDS_MOST];
	static struct screen s;
	pid_t pid;

	if (rounds < 1 || rounds > ROUNDS_MOST)
		errx(2, "usage: on_screen ROUNDS COMMAND...");
	pid = forkpty(&s.terminal, NULL, NULL, &size);
	if (pid < 0)
		err(1, "forkpty");
	if (pid == 0) {
		unsetenv("LINES");
		unsetenv("COLUMNS");
		execvp(argv[2], argv + 2);
		err(127, "%s", argv[2]);
	}
	settle(&s, LIMIT_MS);
	for (size_t i = 0; i < rounds; i++)
		took[i] = measure(&s, (int)i);
	qsort(took, rounds, sizeof *took, by_value);
	printf("%.1f %.1f %.1f\n", took[rounds / 2], took[rounds / 10], took[rounds * 9 / 10]);
	close(s.terminal);
	waitpid(pid, NULL, 0);
	return 0;
}
