#include "shell/stage/child.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

extern char **environ;

enum { ARGUMENTS = 16, VARIABLES = 3 };

static bool is_replaced(const char *entry)
{
	/* Sizes are the terminal's own to tell: a variable would be wrong after the first change.
	 */
	static const char *const names[] = {
	        "TERM=", "CUTAWAY_STAGE=", "LINES=", "COLUMNS=", "TERMCAP=", "COLORTERM=", NULL};

	for (size_t i = 0; names[i]; i++)
		if (!strncmp(entry, names[i], strlen(names[i])))
			return true;
	return false;
}

static const char **environment_make(const char *stage)
{
	size_t n = 0;
	const char **env;

	while (environ[n])
		n++;
	if (!(env = calloc(n + VARIABLES, sizeof(*env))))
		return NULL;
	n = 0;
	for (size_t i = 0; environ[i]; i++)
		if (!is_replaced(environ[i]))
			env[n++] = environ[i];
	env[n++] = "TERM=xterm-256color";
	env[n++] = stage;
	return env;
}

/* Between fork and exec: system calls only. */
static void child_exec(const char *program, char *const *argv, const char *const *env)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	execve(program, argv, (char *const *)env);
	execve("/proc/self/exe", argv, (char *const *)env);
	_exit(127);
}

int stage_child_start(const char *id, char *const *arguments, int rows, int columns,
        struct stage_child *ret, struct error *err)
{
	struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
	char cutaway[] = "cutaway", shell[] = "shell";
	char *argv[ARGUMENTS] = {cutaway, shell};
	auto_buf stage = BUF_INIT;
	const char **env;
	char program[4096];
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);
	int pty, saved;
	pid_t pid;

	for (size_t i = 0; arguments[i] && i + 3 < ARGUMENTS; i++)
		argv[i + 2] = arguments[i];
	buf_addf(&stage, "CUTAWAY_STAGE=%s", id);
	if (buf_failed(&stage) || !(env = environment_make(buf_text(&stage))))
		return error_set(err, ENOMEM, "start", "the lab's shell", NULL);
	program[n > 0 ? n : 0] = '\0'; /* by its own name: that is what ps and the drawing show */
	pid = forkpty(&pty, NULL, NULL, &size);
	if (!pid)
		child_exec(program, argv, env);
	saved = errno;
	free(env);
	if (pid < 0)
		return error_set(err, saved, "open a pseudoterminal", "for the lab's shell", NULL);
	fcntl(pty, F_SETFD, FD_CLOEXEC);
	fcntl(pty, F_SETFL, fcntl(pty, F_GETFL) | O_NONBLOCK);
	*ret = (struct stage_child){.pty = pty, .pid = pid};
	return 0;
}

void stage_child_resize(const struct stage_child *c, int rows, int columns)
{
	struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};

	ioctl(c->pty, TIOCSWINSZ, &size); /* the kernel sends SIGWINCH to who has it */
}
