/* How long a program on a terminal takes until it shows a text: first_text WIDTH HEIGHT TEXT
 * COMMAND...
 *
 * Runs COMMAND on a pseudo terminal, prints the milliseconds from fork until TEXT stands in its
 * output (escape sequences left out), hangs up and waits for its end. */
#include <err.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LIMIT_MS = 20000, SEEN_MAX = 1 << 20 };

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Takes printable text out of terminal output. `state` is 0 in text, 1 after ESC, 2 in a control
 * sequence (ECMA-48), 3 in an operating system command. */
static size_t plain(const char *in, size_t n, char *out, int *state)
{
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		char c = in[i];

		if (*state == 1)
			*state = c == '[' ? 2 : c == ']' ? 3 : 0;
		else if (*state == 2)
			*state = c >= '@' && c <= '~' ? 0 : 2;
		else if (*state == 3)
			*state = c == '\a' ? 0 : c == '\033' ? 1 : 3;
		else if (c == '\033')
			*state = 1;
		else if (c != '\r' && c != '\n')
			out[used++] = c;
	}
	return used;
}

static bool wait_for_text(int terminal, const char *text, double start)
{
	static char seen[SEEN_MAX];
	size_t used = 0;
	int state = 0;

	for (;;) {
		struct pollfd p = {.fd = terminal, .events = POLLIN};
		char chunk[4096];
		ssize_t n;

		if (now_ms() - start > LIMIT_MS || poll(&p, 1, LIMIT_MS) <= 0)
			return false;
		n = read(terminal, chunk, sizeof(chunk));
		if (n <= 0 || used + (size_t)n >= sizeof(seen))
			return false;
		used += plain(chunk, (size_t)n, seen + used, &state);
		seen[used] = '\0';
		if (strstr(seen, text))
			return true;
	}
}

int main(int argc, char **argv)
{
	struct winsize size = {0};
	double start, ms;
	int terminal;
	bool found;
	pid_t pid;

	if (argc < 5)
		errx(2, "usage: first_text WIDTH HEIGHT TEXT COMMAND...");
	size.ws_col = (unsigned short)strtoul(argv[1], NULL, 10);
	size.ws_row = (unsigned short)strtoul(argv[2], NULL, 10);
	start = now_ms();
	pid = forkpty(&terminal, NULL, NULL, &size);
	if (pid < 0)
		err(1, "forkpty");
	if (!pid) {
		unsetenv("LINES");
		unsetenv("COLUMNS");
		execvp(argv[4], argv + 4);
		err(127, "%s", argv[4]);
	}
	found = wait_for_text(terminal, argv[3], start);
	ms = now_ms() - start;
	close(terminal); /* hangs up: SIGHUP to the session, credentials(7) */
	waitpid(pid, NULL, 0);
	if (!found)
		errx(1, "'%s' did not appear", argv[3]);
	printf("%.1f\n", ms);
	return 0;
}
