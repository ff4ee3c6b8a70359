/* What looking costs on this machine: observe ROUNDS. Prints two numbers, the CPU time of the first
 * observation in milliseconds, and the median over ROUNDS of one after a process was started, in
 * microseconds; each time the process is in it. */
#include "kernel/observe/observer.h"
#include "kernel/observe/watch.h"

#include <err.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS_MOST = 10000 };

static double cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Not by fork(2): what we write to afterwards would first have to be copied, and that is no cost of
 * looking. */
static pid_t start_sleeper(void)
{
	char name[] = "sleep", seconds[] = "1000", *argv[] = {name, seconds, NULL};
	pid_t pid;

	if (posix_spawn(&pid, "/bin/sleep", NULL, NULL, argv, NULL))
		errx(1, "sleep can not be started");
	return pid;
}

static void wait_for_event(struct watch *w)
{
	struct pollfd fds[16];

	while (watch_is_complete(w) && !watch_drain(w))
		poll(fds, watch_pollfds(w, fds, 16), -1);
}

/* Reads and returns what that cost. Where the kernel does not tell of processes, we do: of `pid`.
 */
static double look(struct observer *o, struct watch *w, pid_t pid, struct model **ret)
{
	static struct observer_changes changes;
	double start = cpu_us();

	watch_take_changes(w, &changes);
	if (!watch_is_complete(w) && pid) {
		changes.all = changes.untold = false;
		changes_add(&changes, getpid());
		changes_add(&changes, pid);
	}
	if (observer_read_changed(o, &changes, ret, NULL) < 0)
		errx(1, "the machine can not be read");
	return cpu_us() - start;
}

int main(int argc, char **argv)
{
	size_t rounds = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	static double cost[ROUNDS_MOST];
	struct observer *o;
	struct watch *w;
	struct model *m;
	double first;

	if (rounds < 1 || rounds > ROUNDS_MOST)
		errx(2, "usage: observe ROUNDS");
	if (observer_new(NULL, &o, NULL) < 0 || watch_new(NULL, &w, NULL) < 0)
		errx(1, "the machine can not be watched");
	first = look(o, w, 0, &m);
	model_free(m);
	watch_drain(w);
	for (size_t i = 0; i < rounds; i++) {
		pid_t pid = start_sleeper();

		wait_for_event(w);
		cost[i] = look(o, w, pid, &m);
		if (!model_process(m, pid))
			errx(1, "process %d is not in the model", (int)pid);
		model_free(m);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		wait_for_event(w);
	}
	qsort(cost, rounds, sizeof *cost, by_value);
	printf("%.1f %.0f\n", first / 1e3, cost[rounds / 2]);
	watch_free(w);
	observer_free(o);
	return 0;
}
