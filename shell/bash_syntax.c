/* Whether a command is complete, and a script right. A shell knows its grammar best, so it is
 * asked: `bash -n` reads without running, and complains of what it cannot read. */
#include "shell/bash.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* A backslash at the very end joins the next line to this one. */
static bool ends_in_backslash(const char *text)
{
	size_t n = strlen(text), count = 0;

	while (n && text[n - 1] == '\n')
		n--;
	while (n && text[n - 1] == '\\') {
		n--;
		count++;
	}
	return count % 2;
}

static bool complains_of_end(const char *complaint)
{
	static const char *const words[] = {"unexpected end of file",
	        "unexpected EOF while looking for", "delimited by end-of-file", NULL};

	for (size_t i = 0; words[i]; i++)
		if (strstr(complaint, words[i]))
			return true;
	return false;
}

/* Between fork and exec: system calls only. By its path, so that the shell tells lines. */
static void child_ask(const char *shell, int in, int out)
{
	const char *const argv[] = {shell, "-n", "/proc/self/fd/0", NULL};
	const char *const argv_bash[] = {shell, "-O", "extglob", "-n", "/proc/self/fd/0", NULL};
	static const char *const env[] = {"LC_ALL=C", "PATH=/usr/local/bin:/usr/bin:/bin", NULL};

	if (dup2(in, 0) < 0 || dup2(out, 2) < 0 || dup2(out, 1) < 0)
		_exit(127);
	execvpe(shell, (char **)(strcmp(shell, "bash") ? argv : argv_bash), (char **)env);
	_exit(127);
}

enum { COMPLAINT = 4096 };

/* What the shell says of the text, which it reads and does not run: its exit status. */
static int ask(const char *shell, const char *text, char complaint[COMPLAINT], struct error *err)
{
	auto_close in = memfd_create("command", MFD_CLOEXEC);
	auto_close out = memfd_create("complaint", MFD_CLOEXEC);
	int status = 0;
	ssize_t n;
	pid_t pid;

	if (in < 0 || out < 0 || file_write_all(in, text, strlen(text)) < 0 ||
	        write(in, "\n", 1) < 0)
		return error_set(err, errno, "check the syntax of", "a command", NULL);
	if ((pid = fork()) < 0)
		return error_set(err, errno, "start", shell, NULL);
	if (!pid)
		child_ask(shell, in, out);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status) || WEXITSTATUS(status) == 127)
		return error_set(err, ENOENT, "start", shell, NULL);
	n = pread(out, complaint, COMPLAINT - 1, 0);
	complaint[n > 0 ? n : 0] = '\0';
	return WEXITSTATUS(status);
}

int bash_incomplete(const char *text, struct error *err)
{
	char complaint[COMPLAINT];
	int r;

	if (ends_in_backslash(text))
		return 1;
	r = ask("bash", text, complaint, err);
	return r < 0 ? r : complains_of_end(complaint);
}

/* "FILE: line 3: WHAT", or of dash "FILE: 3: WHAT"; the lines behind it repeat the text. */
static int read_complaint(const char *complaint, struct buf *what)
{
	const char *at = strstr(complaint, ": ");
	char *end;
	long line;

	if (!at)
		return 1;
	at += 2;
	if (!strncmp(at, "line ", 5))
		at += 5;
	line = strtol(at, &end, 10);
	if (end > at && !strncmp(end, ": ", 2))
		at = end + 2;
	buf_add_bytes(what, at, strcspn(at, "\n"));
	return line > 0 && line < INT_MAX ? (int)line : 1;
}

int bash_syntax(const char *shell, const char *text, struct buf *what, struct error *err)
{
	char complaint[COMPLAINT];
	int status = ask(shell, text, complaint, err);

	if (status <= 0)
		return status;
	return read_complaint(complaint, what);
}
