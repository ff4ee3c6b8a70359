/* How commands get into bash and statuses out of it.
 *
 * A socket pair is bash's standard input, and it reads commands from there as from a keyboard; the
 * command line of the learner is one `eval`, whose standard input is the terminal. Before each
 * prompt bash runs PROMPT_COMMAND, and that reports "SERIAL STATUS DIRECTORY": after a normal end,
 * after Ctrl-C, which brings an interactive bash back to its prompt, and after Ctrl-Z.
 *
 *      we                          bash
 *      line                 ─▶     reads all of it
 *                           ◀─     "SERIAL go" NUL
 *      terminal to bash
 *      newline              ─▶     eval; foreground jobs own the terminal
 *                           ◀─     "SERIAL STATUS DIRECTORY" NUL
 *      terminal to us
 *
 * The handing over in the middle keeps Ctrl-C from cutting a command that is still being read.
 * The socket is descriptor 0 for a reason: while `eval` has another one there, bash keeps the
 * socket as a copy with close-on-exec, so no command of the learner inherits it (it does that for
 * 0, 1 and 2 only). */
#include "shell/bash.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* Where bash finds the standard input for commands when it is not the terminal. */
#define INPUT_NUMBER 9

/* Before each prompt. The group with stderr closed keeps our own words out of the learner's
 * `set -x`. What is only ours is not exported. */
#define REPORT                                                                                     \
	"{ __ct_status=$?; printf '%s\\0' \"${__ct_serial:-0} $__ct_status $PWD\" >&0; } "         \
	"2>/dev/null"

static const char prompt_setting[] =
        "PROMPT_COMMAND=" REPORT "\n"
        "{ if [[ -z ${__ct_serial-} ]]; then\n"
        "    __ct_serial=0; __ct_set() { return \"$1\"; }\n"
        "    declare +x PROMPT_COMMAND PS1 PS2 HISTFILE; unset HISTFILE; readonly PROMPT_COMMAND\n"
        "fi; PS1= PS2=; } 2>/dev/null";

/* Without a terminal there is no prompt, hence no PROMPT_COMMAND: a loop of our own, which takes
 * `set -x` away while it speaks itself. */
#define UNTRACE                                                                                    \
	"{ case $- in *x*) set +x; __ct_trace='set -x; ';; *) __ct_trace=;; esac; } 2>/dev/null"

static const char plain_loop[] = "__ct_set() { return \"$1\"; }\n"
                                 "__ct_trace=\n" REPORT "\n"
                                 "while IFS= read -r __ct_line || exit \"$__ct_status\"; do\n"
                                 "  eval \"$__ct_line\"\n" REPORT "\n" UNTRACE "\n"
                                 "done";

struct bash_session {
	struct bash_options options;
	pid_t pid;
	int pidfd, socket;
	bool terminal; /* options.in is our controlling terminal */
	pid_t our_group;
	struct termios ours, theirs;
	unsigned long serial;
	enum bash_end end;
	int end_status;
	struct buf in; /* received, not yet taken */
	struct buf directory;
};

/* A background process that changes the terminal is stopped by SIGTTOU unless it is blocked,
 * tcsetpgrp(3). */
static void give_terminal(int tty, pid_t group, const struct termios *modes)
{
	sigset_t block, before;

	sigemptyset(&block);
	sigaddset(&block, SIGTTOU);
	sigprocmask(SIG_BLOCK, &block, &before);
	tcsetpgrp(tty, group);
	if (modes)
		tcsetattr(tty, TCSADRAIN, modes);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static void terminal_to_bash(struct bash_session *s)
{
	if (!s->terminal)
		return;
	tcgetattr(s->options.in, &s->ours);
	give_terminal(s->options.in, s->pid, &s->theirs);
}

/* Programs that die may leave the terminal raw: bash repairs that for its jobs, we for bash. */
static void terminal_to_us(struct bash_session *s)
{
	if (s->terminal)
		give_terminal(s->options.in, s->our_group, &s->ours);
}

static bool same_name(const char *entry, const char *setting)
{
	size_t n = strcspn(setting, "=");

	return !strncmp(entry, setting, n) && entry[n] == '=';
}

static bool is_dropped(const char *entry, const char *const *extra)
{
	/* Their values would be wrong after the first change of the window's size. */
	if (same_name(entry, "LINES") || same_name(entry, "COLUMNS") ||
	        same_name(entry, "PROMPT_COMMAND") || same_name(entry, "BASH_ENV"))
		return true;
	for (size_t i = 0; extra && extra[i]; i++)
		if (same_name(entry, extra[i]))
			return true;
	return false;
}

/* Ours without what is replaced, then what is added. Only the array is the caller's to free. */
static const char **environment_make(const char *const *extra, const char *prompt)
{
	size_t n = 0, size = 2;
	const char **env;

	for (size_t i = 0; environ[i]; i++)
		size++;
	for (size_t i = 0; extra && extra[i]; i++)
		size++;
	if (!(env = calloc(size, sizeof(*env))))
		return NULL;
	for (size_t i = 0; environ[i]; i++)
		if (!is_dropped(environ[i], extra))
			env[n++] = environ[i];
	for (size_t i = 0; extra && extra[i]; i++)
		if (strchr(extra[i], '='))
			env[n++] = extra[i];
	if (prompt)
		env[n++] = prompt;
	return env;
}

/* Between fork and exec: system calls only. Signals that a shell ignores or that we block must not
 * be handed down, signal(7). */
static void child_prepare(const struct bash_session *s, int socket)
{
	static const int reset[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE, SIGHUP,
	        SIGTERM, SIGCHLD, SIGWINCH};
	const struct bash_options *o = &s->options;
	sigset_t none;
	int streams[3];

	prctl(PR_SET_PDEATHSIG, SIGHUP); /* our end is bash's end, and bash passes it on */
	setpgid(0, 0);
	if (s->terminal)
		give_terminal(o->in, getpid(), NULL);
	for (size_t i = 0; i < sizeof(reset) / sizeof(*reset); i++)
		signal(reset[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (o->directory && chdir(o->directory) && chdir("/"))
		_exit(127);
	/* First out of the way, then into place: any of them may be any of 0, 1, 2, 9. */
	streams[0] = fcntl(socket, F_DUPFD_CLOEXEC, INPUT_NUMBER + 1);
	streams[1] = fcntl(o->out, F_DUPFD_CLOEXEC, INPUT_NUMBER + 1);
	streams[2] = fcntl(o->err, F_DUPFD_CLOEXEC, INPUT_NUMBER + 1);
	if (!s->terminal && o->in != INPUT_NUMBER)
		dup2(o->in, INPUT_NUMBER);
	for (int i = 0; i < 3; i++)
		dup2(streams[i], i);
}

static int take_message(struct bash_session *s, struct buf *ret)
{
	const char *nul = s->in.len ? memchr(s->in.data, '\0', s->in.len) : NULL;
	size_t n;

	if (!nul)
		return -EAGAIN;
	n = (size_t)(nul - s->in.data) + 1;
	buf_reset(ret);
	buf_add_bytes(ret, s->in.data, n - 1);
	memmove(s->in.data, s->in.data + n, s->in.len - n);
	s->in.len -= n;
	return buf_failed(ret) ? -ENOMEM : 0;
}

static void reap(struct bash_session *s)
{
	int status = 0;

	if (s->end != BASH_ALIVE)
		return;
	while (waitpid(s->pid, &status, 0) < 0 && errno == EINTR)
		;
	s->end = WIFSIGNALED(status) ? BASH_KILLED : BASH_EXITED;
	s->end_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Waits for the next message, serving also_fd meanwhile. -ESHUTDOWN when bash ended. */
static int receive(struct bash_session *s, struct buf *ret)
{
	char chunk[4096];
	bool hung_up = false;
	ssize_t n;
	int r;

	while ((r = take_message(s, ret)) == -EAGAIN) {
		/* After its end of the socket is closed (`exec PROGRAM`) only its end counts. */
		struct pollfd fds[] = {
		        {.fd = hung_up ? -1 : s->socket, .events = POLLIN},
		        {.fd = s->pidfd, .events = POLLIN},
		        {.fd = s->options.ready ? s->options.also_fd : -1, .events = POLLIN},
		};

		if (poll(fds, 3, -1) < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		if (s->options.ready && fds[2].revents)
			s->options.ready(s->options.data);
		if (fds[0].revents) {
			n = recv(s->socket, chunk, sizeof(chunk), MSG_DONTWAIT);
			if (n > 0)
				buf_add_bytes(&s->in, chunk, (size_t)n);
			else if (!n || (errno != EAGAIN && errno != EINTR))
				hung_up = true;
		} else if (fds[1].revents) {
			reap(s);
			return -ESHUTDOWN;
		}
		if (buf_failed(&s->in))
			return -ENOMEM;
	}
	return r;
}

static int send_all(struct bash_session *s, const char *bytes, size_t n)
{
	while (n) {
		ssize_t sent = send(s->socket, bytes, n, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return -errno;
		bytes += sent;
		n -= (size_t)sent;
	}
	return 0;
}

/* Waits for the report of command `serial`; older ones (Ctrl-C in the last moment) are dropped.
 * Returns what follows the serial in `ret`. */
static int receive_for(struct bash_session *s, unsigned long serial, struct buf *ret)
{
	auto_buf message = BUF_INIT;
	char *rest;
	int r;

	for (;;) {
		if ((r = receive(s, &message)) < 0)
			return r;
		if (strtoul(buf_text(&message), &rest, 10) != serial || *rest != ' ')
			continue;
		buf_reset(ret);
		buf_add(ret, rest + 1);
		return buf_failed(ret) ? -ENOMEM : 0;
	}
}

static int receive_report(struct bash_session *s, int *status)
{
	auto_buf report = BUF_INIT;
	char *rest;
	long value;
	int r;

	if ((r = receive_for(s, s->serial, &report)) < 0)
		return r;
	value = strtol(buf_text(&report), &rest, 10);
	buf_reset(&s->directory);
	buf_add(&s->directory, *rest ? rest + 1 : rest);
	*status = (int)value;
	return 0;
}

static int fork_bash(struct bash_session *s, int socket, struct error *err)
{
	const char *interactive[] = {
	        "bash", "--norc", "--noediting", "+o", "history", "+H", "-i", NULL};
	const char *plain[] = {"bash", "--norc", "--noprofile", "-c", plain_loop, "bash", NULL};
	const char **argv = s->terminal ? interactive : plain;
	const char **env;

	env = environment_make(s->options.environment, s->terminal ? prompt_setting : NULL);
	if (!env)
		return error_set(err, ENOMEM, "start", "bash", NULL);
	s->pid = fork();
	if (!s->pid) {
		child_prepare(s, socket);
		execvpe("bash", (char **)argv, (char **)env);
		_exit(127);
	}
	free(env);
	if (s->pid < 0)
		return error_set(err, errno, "start", "bash", NULL);
	setpgid(s->pid, s->pid); /* whoever of the two comes first */
	s->pidfd = (int)syscall(SYS_pidfd_open, s->pid, 0);
	return s->pidfd < 0 ? error_set(err, errno, "pidfd_open", "bash", NULL) : 0;
}

int bash_session_start(
        const struct bash_options *options, struct bash_session **ret, struct error *err)
{
	struct bash_session *s = calloc(1, sizeof(*s));
	int pair[2], r, status;

	if (!s)
		return error_set(err, ENOMEM, "start", "bash", NULL);
	s->options = *options;
	if (!s->options.in && !s->options.out && !s->options.err) {
		s->options.out = 1;
		s->options.err = 2;
	}
	s->pidfd = s->socket = -1;
	s->terminal = isatty(s->options.in) && tcgetpgrp(s->options.in) > 0 &&
	              tcgetattr(s->options.in, &s->ours) == 0;
	s->theirs = s->ours;
	s->our_group = getpgrp();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
		r = error_set(err, errno, "socketpair", "bash", NULL);
		free(s);
		return r;
	}
	s->socket = pair[0];
	r = fork_bash(s, pair[1], err);
	close(pair[1]);
	if (!r && (r = receive_report(s, &status)) < 0) {
		error_set(err, -r, "start", "bash", "it ended before it took a command (status %d)",
		        s->end_status);
		error_advise(err, "Is bash installed? `bash --version` tells.");
	}
	terminal_to_us(s);
	if (r < 0) {
		bash_session_close(s);
		return r;
	}
	*ret = s;
	return 0;
}

/* The whole command as one line: eval $'…', where only \, ' and the newline need an escape. $? is
 * put back to what the last command left. */
static void add_line(const struct bash_session *s, const char *text, struct buf *out)
{
	buf_addf(out,
	        "{ __ct_serial=%lu; printf '%lu go\\0' >&0; read -r __ct_go; "
	        "__ct_set \"$__ct_status\"; } 2>/dev/null; eval -- %s$'",
	        s->serial, s->serial, s->terminal ? "" : "\"$__ct_trace\"");
	for (; *text; text++) {
		if (*text == '\n')
			buf_add(out, "\\n");
		else if (*text == '\\' || *text == '\'')
			buf_addf(out, "\\%c", *text);
		else
			buf_addc(out, *text);
	}
	if (s->terminal)
		buf_add(out, "' <&1\n");
	else
		buf_addf(out, "' <&%d %d<&-\n", INPUT_NUMBER, INPUT_NUMBER);
}

int bash_session_run(struct bash_session *s, const char *text, int *status, struct error *err)
{
	auto_buf line = BUF_INIT, word = BUF_INIT;
	int r;

	*status = s->end_status;
	if (s->end != BASH_ALIVE)
		return -ESHUTDOWN;
	s->serial++;
	add_line(s, text, &line);
	if (buf_failed(&line))
		return error_set(err, ENOMEM, "run", "bash", NULL);
	if ((r = send_all(s, line.data, line.len)) == 0)
		r = receive_for(s, s->serial, &word);
	if (!r) {
		terminal_to_bash(s);
		if ((r = send_all(s, "\n", 1)) == 0)
			r = receive_report(s, status);
		if (s->terminal && !r)
			tcgetattr(s->options.in, &s->theirs);
		terminal_to_us(s);
	}
	if (r == -EPIPE || r == -ECONNRESET || r == -ESHUTDOWN) {
		reap(s);
		*status = s->end_status;
		return -ESHUTDOWN;
	}
	return r < 0 ? error_set(err, -r, "run", "bash", NULL) : 0;
}

enum bash_end bash_session_end(const struct bash_session *s)
{
	return s->end;
}

pid_t bash_session_pid(const struct bash_session *s)
{
	return s->pid;
}

const char *bash_session_directory(const struct bash_session *s)
{
	return buf_text(&s->directory);
}

/* Whether bash ended within `ms`. */
static bool ends_within(const struct bash_session *s, int ms)
{
	struct pollfd fd = {.fd = s->pidfd, .events = POLLIN};

	return poll(&fd, 1, ms) == 1;
}

void bash_session_close(struct bash_session *s)
{
	if (!s)
		return;
	/* Twice: the first one only warns while jobs are suspended. */
	if (s->socket >= 0 && s->end == BASH_ALIVE)
		send_all(s, "exit 2>/dev/null\nexit 2>/dev/null\n", 34);
	if (s->socket >= 0)
		close(s->socket);
	if (s->pid > 0 && s->end == BASH_ALIVE) {
		if (s->pidfd >= 0 && !ends_within(s, 500)) {
			kill(s->pid, SIGHUP);
			if (!ends_within(s, 1000))
				kill(s->pid, SIGKILL);
		}
		reap(s);
	}
	if (s->pidfd >= 0)
		close(s->pidfd);
	buf_release(&s->in);
	buf_release(&s->directory);
	free(s);
}
