/* Whether a command is complete. Bash knows its grammar best, so it is asked: `bash -n` reads
 * without running and complains of an end that came too early. */
#include "shell/bash.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
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

/* Between fork and exec: system calls only. */
static void child_ask(int in, int out)
{
	static const char *const argv[] = {"bash", "-O", "extglob", "-n", NULL};
	static const char *const env[] = {"LC_ALL=C", "PATH=/usr/local/bin:/usr/bin:/bin", NULL};

	if (dup2(in, 0) < 0 || dup2(out, 2) < 0 || dup2(out, 1) < 0)
		_exit(127);
	execvpe("bash", (char **)argv, (char **)env);
	_exit(127);
}

int bash_incomplete(const char *text, struct error *err)
{
	auto_close in = memfd_create("command", MFD_CLOEXEC);
	auto_close out = memfd_create("complaint", MFD_CLOEXEC);
	char complaint[4096];
	ssize_t n;
	pid_t pid;

	if (ends_in_backslash(text))
		return 1;
	if (in < 0 || out < 0 || write(in, text, strlen(text)) < 0 || write(in, "\n", 1) < 0 ||
	        lseek(in, 0, SEEK_SET) < 0)
		return error_set(err, errno, "check the syntax of", "a command", NULL);
	if ((pid = fork()) < 0)
		return error_set(err, errno, "start", "bash", NULL);
	if (!pid)
		child_ask(in, out);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	n = pread(out, complaint, sizeof(complaint) - 1, 0);
	complaint[n > 0 ? n : 0] = '\0';
	return complains_of_end(complaint);
}
