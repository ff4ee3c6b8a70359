/* Times commands against each other: time_pairs ROUNDS NAME COMMAND... [-- NAME COMMAND...]...
 *
 * Each round runs every command once, one after the other, so that whatever else the machine does
 * meanwhile hits all alike. Prints for each the median, the tenth and the ninetieth percentile of
 * the time from fork to end in milliseconds, and the median's ratio to the first command's. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

enum { MAX_COMMANDS = 16, WARM_UP = 3 };

struct contender {
	char *name;
	char **argv;
	double *ms;
};

extern char **environ;

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Milliseconds, or a negative number when the command failed. */
static double run_once(const struct contender *c)
{
	posix_spawn_file_actions_t actions;
	double start;
	int status, r;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	start = now_ms();
	r = posix_spawnp(&pid, c->argv[0], &actions, NULL, c->argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (r) {
		fprintf(stderr, "time_pairs: %s: %s\n", c->argv[0], strerror(r));
		return -1;
	}
	if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status)) {
		fprintf(stderr, "time_pairs: %s failed\n", c->name);
		return -1;
	}
	return now_ms() - start;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static size_t parse(int argc, char **argv, int rounds, struct contender *all)
{
	size_t n = 0;

	for (int i = 2; i + 1 < argc && n < MAX_COMMANDS; n++) {
		all[n].name = argv[i];
		all[n].argv = &argv[i + 1];
		all[n].ms = calloc((size_t)rounds, sizeof(*all[n].ms));
		if (!all[n].ms)
			return 0;
		while (i < argc && strcmp(argv[i], "--") != 0)
			i++;
		if (i < argc)
			argv[i++] = NULL;
	}
	return n;
}

int main(int argc, char **argv)
{
	struct contender all[MAX_COMMANDS];
	int rounds = argc > 1 ? atoi(argv[1]) : 0; /* NOLINT(cert-err34-c): 0 is refused below */
	size_t n;
	double first = 0;

	if (rounds < 10 || !(n = parse(argc, argv, rounds, all))) {
		fputs("usage: time_pairs ROUNDS NAME COMMAND... [-- NAME COMMAND...]...\n", stderr);
		return 2;
	}
	for (int round = -WARM_UP; round < rounds; round++)
		for (size_t i = 0; i < n; i++) {
			double ms = run_once(&all[i]);

			if (ms < 0)
				return 1;
			if (round >= 0)
				all[i].ms[round] = ms;
		}
	puts("| what | median ms | 10 % | 90 % | ratio to the first |\n"
	     "| --- | ---: | ---: | ---: | ---: |");
	for (size_t i = 0; i < n; i++) {
		double median;

		qsort(all[i].ms, (size_t)rounds, sizeof(*all[i].ms), compare);
		median = all[i].ms[rounds / 2];
		if (!i)
			first = median;
		printf("| %s | %.2f | %.2f | %.2f | %.2f |\n", all[i].name, median,
		        all[i].ms[rounds / 10], all[i].ms[rounds * 9 / 10], median / first);
		free(all[i].ms);
	}
	return 0;
}
