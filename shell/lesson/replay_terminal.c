#include "shell/lesson/replay_terminal.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "shell/bash.h"
#include "shell/keeper.h"
#include "shell/lab.h"
#include "shell/lesson/replay_place.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>

enum {
	OUTPUT_KEPT = 16 << 10,
	LOOK_MS = 20,   /* between two looks at what no event tells: modes, /proc */
	LOOK_SHARE = 4, /* and as many times the time of the look, for slow machines */
	LOOK_MAX_MS = 200,
	RESTING_LOOKS = 10, /* so long must a program sleep to be at rest */
	CLOSE_MS = 15000,
};

struct typist {
	const char *lab_id, *directory;
	bool keep;
	int socket;
};

/* ---- the typist: takes commands from the socket, has bash run them --------------------------- */

static int send_all(int fd, const char *bytes, size_t n)
{
	while (n) {
		ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);
		if (sent < 0 && errno != EINTR)
			return -errno;
		bytes += sent > 0 ? sent : 0;
		n -= sent > 0 ? (size_t)sent : 0;
	}
	return 0;
}

/* Appends to `in` until there is a message (it ends with NUL); its length, 0 at the end. */
static size_t receive(int fd, struct buf *in)
{
	char chunk[4096];

	for (;;) {
		const char *end = in->len ? memchr(in->data, '\0', in->len) : NULL;
		ssize_t n;

		if (end)
			return (size_t)(end - in->data) + 1;
		n = recv(fd, chunk, sizeof chunk, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || buf_failed(in))
			return 0;
		buf_add_bytes(in, chunk, (size_t)n);
	}
}

static void drop(struct buf *in, size_t n)
{
	memmove(in->data, in->data + n, in->len - n);
	in->len -= n;
}

/* "STATUS ALIVE DIRECTORY" */
static int report(int fd, int status, const struct bash_session *bash)
{
	auto_buf text = BUF_INIT;

	buf_addf(&text, "%d %d %s", status, bash_session_end(bash) == BASH_ALIVE,
	        bash_session_directory(bash));
	return buf_failed(&text) ? -ENOMEM : send_all(fd, text.data, text.len + 1);
}

static int type_for(struct typist *t)
{
	struct bash_options options = {.directory = t->directory, .also_fd = -1};
	struct bash_session *bash;
	struct error err = {0};
	auto_buf in = BUF_INIT;
	size_t n;

	if (bash_session_start(&options, &bash, &err) < 0) {
		auto_buf text = BUF_INIT;
		error_format(&err, &text);
		dprintf(STDERR_FILENO, "%s\n", buf_text(&text));
		return 1;
	}
	report(t->socket, 0, bash);
	while ((n = receive(t->socket, &in))) {
		int status = 0;
		int r = bash_session_run(bash, in.data, &status, &err);

		drop(&in, n);
		if (report(t->socket, status, bash) < 0 || r < 0)
			break;
	}
	bash_session_close(bash);
	return 0;
}

static int typist_main(void *arg)
{
	struct typist *t = arg;
	struct lab *lab = NULL;
	struct error err = {0};
	int r;

	if (!t->keep)
		return type_for(t);
	if (lab_create(t->lab_id, &lab, &err) < 0) {
		auto_buf text = BUF_INIT;
		error_format(&err, &text);
		dprintf(STDERR_FILENO, "%s\n", buf_text(&text));
		return 1;
	}
	r = type_for(t);
	/* The directory goes with the lab: the keeper still needs the ledger in it. */
	return r;
}

/* The process behind the terminal: session leader, so that the terminal controls it. */
_Noreturn static void terminal_main(int slave, struct typist *t)
{
	struct error err = {0};
	sigset_t none;
	int status;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	ioctl(slave, TIOCSCTTY, 0);
	for (int i = 0; i < 3; i++)
		dup2(slave, i);
	status = t->keep ? keeper_run(t->lab_id, typist_main, t, &err) : typist_main(t);
	if (status < 0) {
		auto_buf text = BUF_INIT;
		error_format(&err, &text);
		dprintf(STDERR_FILENO, "%s\n", buf_text(&text));
		status = 1;
	}
	_exit(status);
}

/* ---- our side ------------------------------------------------------------------------------- */

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int open_pty(struct replay_terminal *t)
{
	struct winsize size = {.ws_row = 30, .ws_col = 100};
	char name[64];

	t->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (t->master < 0 || grantpt(t->master) < 0 || unlockpt(t->master) < 0 ||
	        ptsname_r(t->master, name, sizeof name))
		return -errno;
	t->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (t->slave < 0 || ioctl(t->slave, TIOCSWINSZ, &size) < 0)
		return -errno;
	return fcntl(t->master, F_SETFL, O_RDWR | O_NONBLOCK) < 0 ? -errno : 0;
}

int replay_terminal_open(struct replay_terminal *t, const char *lab_id, const char *directory,
        bool keep, struct error *err)
{
	int pair[2] = {-1, -1};
	struct typist typist = {lab_id, directory, keep, -1};

	*t = (struct replay_terminal){.pidfd = -1, .master = -1, .slave = -1, .socket = -1};
	if (open_pty(t) < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return error_set(err, errno, "open", "a terminal for the lesson", NULL);
	fflush(stdout);
	t->socket = pair[0];
	t->busy = true; /* until bash reports that it takes commands */
	t->pid = fork();
	if (t->pid == 0) {
		close(pair[0]);
		close(t->master);
		typist.socket = pair[1];
		terminal_main(t->slave, &typist);
	}
	close(pair[1]);
	if (t->pid < 0)
		return error_set(err, errno, "fork", "a terminal for the lesson", NULL);
	t->pidfd = (int)syscall(SYS_pidfd_open, t->pid, 0);
	if (replay_terminal_wait(t, CLOSE_MS, false) != REPLAY_PROMPT)
		return error_set(err, EIO, "start bash for the lesson", lab_id, "%.200s",
		        t->output.len ? buf_text(&t->output) : "it did not come up in time");
	return 0;
}

int replay_terminal_run(struct replay_terminal *t, const char *command, struct error *err)
{
	int r = send_all(t->socket, command, strlen(command) + 1);

	if (r < 0)
		return error_set(err, -r, "type into", "the terminal", NULL);
	t->busy = true;
	return 0;
}

int replay_terminal_key(struct replay_terminal *t, char key)
{
	return write(t->master, &key, 1) == 1 ? 0 : -errno;
}

int replay_terminal_type(struct replay_terminal *t, const char *text, struct error *err)
{
	for (const char *p = text; *p; p++)
		if (replay_terminal_key(t, *p == '\n' ? '\r' : *p) < 0)
			return error_set(err, errno, "type into", "the terminal", NULL);
	if (replay_terminal_key(t, '\r') < 0)
		return error_set(err, errno, "type into", "the terminal", NULL);
	return 0;
}

/* Takes what the terminal shows; only the end of it is kept. */
static bool take_output(struct replay_terminal *t)
{
	char chunk[4096];
	ssize_t n = read(t->master, chunk, sizeof chunk);

	if (n <= 0)
		return false;
	buf_add_bytes(&t->output, chunk, (size_t)n);
	if (t->output.len > 2 * OUTPUT_KEPT) {
		drop(&t->output, t->output.len - OUTPUT_KEPT);
		t->output.data[t->output.len] = '\0';
	}
	return true;
}

/* A report of the typist, if one has come. */
static void take_report(struct replay_terminal *t)
{
	size_t n = receive(t->socket, &t->in);
	char *rest;

	if (!n) {
		t->ended = true;
		t->busy = false;
		return;
	}
	t->status = (int)strtol(t->in.data, &rest, 10);
	t->ended = strtol(rest, &rest, 10) == 0;
	buf_reset(&t->directory);
	buf_add(&t->directory, *rest ? rest + 1 : "");
	drop(&t->in, n);
	t->busy = false;
}

/* One look at what the terminal's foreground group and its descendants do. */
struct look {
	bool reads; /* one of the group stands in read(2) of the terminal */
	bool awake; /* one of all of them runs, or waits for a disk */
};

struct process {
	pid_t pid, parent, group;
	char state;
	bool ours;
};

static bool stands_in_read(pid_t pid, const char *tty)
{
	char path[64], text[64] = "", link[64] = "";
	unsigned fd;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/syscall", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	if (!fgets(text, sizeof text, f))
		text[0] = '\0';
	fclose(f);
	/* "NUMBER 0xFIRST …", or "running"; the first argument of read is the descriptor, proc(5).
	 */
	if (text[0] < '0' || text[0] > '9' || strtol(text, NULL, 10) != SYS_read ||
	        sscanf(text, "%*d %x", &fd) != 1)
		return false;
	snprintf(path, sizeof path, "/proc/%d/fd/%u", (int)pid, fd);
	return readlink(path, link, sizeof link - 1) > 0 && !strcmp(link, tty);
}

/* All processes; how many. The list is the caller's. */
static size_t list_processes(struct process **ret)
{
	auto_dir proc = opendir("/proc");
	struct process *list = NULL;
	struct dirent *entry;
	size_t n = 0, room = 0;

	while (proc && (entry = readdir(proc))) {
		struct process p = {.pid = (pid_t)strtol(entry->d_name, NULL, 10)};
		auto_buf text = BUF_INIT, path = BUF_INIT;
		const char *end;

		buf_addf(&path, "%d/stat", (int)p.pid);
		if (p.pid <= 0 || file_read_at(dirfd(proc), buf_text(&path), 4096, &text) < 0)
			continue;
		/* The name may hold anything; what follows its last bracket does not, proc(5). */
		end = strrchr(buf_text(&text), ')');
		if (!end || sscanf(end + 1, " %c %d %d", &p.state, &p.parent, &p.group) != 3)
			continue;
		if (n == room) {
			struct process *more = realloc(list, (room + 256) * sizeof *list);
			if (!more)
				break;
			list = more;
			room += 256;
		}
		list[n++] = p;
	}
	*ret = list;
	return n;
}

static int compare_pids(const void *a, const void *b)
{
	const struct process *p = a, *q = b;

	return (p->pid > q->pid) - (p->pid < q->pid);
}

/* Marks the group, then children of what is marked, until nothing is added. */
static void mark_family(struct process *list, size_t n, pid_t group)
{
	bool added = true;

	qsort(list, n, sizeof *list, compare_pids);
	for (size_t i = 0; i < n; i++)
		list[i].ours = list[i].group == group;
	while (added) {
		added = false;
		for (size_t i = 0; i < n; i++) {
			struct process key = {.pid = list[i].parent};
			const struct process *parent =
			        bsearch(&key, list, n, sizeof *list, compare_pids);

			if (!list[i].ours && parent && parent->ours)
				list[i].ours = added = true;
		}
	}
}

static struct look look_at_group(struct replay_terminal *t)
{
	pid_t group = tcgetpgrp(t->master);
	auto_free struct process *list = NULL;
	struct look look = {0};
	char tty[64];
	size_t n;

	if (group <= 0 || ptsname_r(t->master, tty, sizeof tty))
		return look;
	n = list_processes(&list);
	if (!n)
		return look;
	mark_family(list, n, group);
	for (size_t i = 0; i < n; i++) {
		look.awake |= list[i].ours && (list[i].state == 'R' || list[i].state == 'D');
		look.reads |= list[i].group == group && stands_in_read(list[i].pid, tty);
	}
	return look;
}

static bool is_raw(struct replay_terminal *t)
{
	struct termios modes;

	return tcgetattr(t->master, &modes) == 0 && !(modes.c_lflag & ICANON);
}

static bool input_is_taken(struct replay_terminal *t)
{
	int n = 0;

	return ioctl(t->slave, FIONREAD, &n) == 0 && n == 0;
}

enum replay_wait replay_terminal_wait(struct replay_terminal *t, int limit_ms, bool rest)
{
	long deadline = now_ms() + limit_ms, looked = 0, pause;
	int resting = 0;

	for (;;) {
		struct pollfd fds[] = {
		        {.fd = t->socket, .events = POLLIN}, {.fd = t->master, .events = POLLIN}};
		struct look look;

		if (t->ended)
			return REPLAY_ENDED;
		if (!t->busy) {
			while (take_output(t))
				;
			return REPLAY_PROMPT;
		}
		if (now_ms() >= deadline || replay_place_is_ended())
			return REPLAY_TIMEOUT;
		pause = LOOK_MS + LOOK_SHARE * looked;
		if (poll(fds, 2, (int)(pause < LOOK_MAX_MS ? pause : LOOK_MAX_MS)) < 0 &&
		        errno != EINTR)
			return REPLAY_TIMEOUT;
		if (fds[0].revents)
			take_report(t);
		else if (fds[1].revents & POLLIN) {
			take_output(t);
			resting = 0;
		} else if (input_is_taken(t)) {
			looked = -now_ms();
			look = look_at_group(t);
			looked += now_ms();
			if (look.reads)
				return REPLAY_READS;
			resting = look.awake ? 0 : resting + 1;
			if (resting >= RESTING_LOOKS && is_raw(t))
				return REPLAY_READS;
			if (resting >= RESTING_LOOKS && rest)
				return REPLAY_RESTS;
		}
	}
}

/* Waits for the process behind the terminal, and keeps reading so that nobody waits for us. */
static bool wait_for_end(struct replay_terminal *t, int limit_ms)
{
	long deadline = now_ms() + limit_ms;

	for (long left = limit_ms; left > 0; left = deadline - now_ms()) {
		struct pollfd fds[] = {
		        {.fd = t->pidfd, .events = POLLIN}, {.fd = t->master, .events = POLLIN}};

		if (poll(fds, 2, (int)left) < 0 && errno != EINTR)
			return false;
		if (fds[1].revents & POLLIN)
			take_output(t);
		if (fds[0].revents)
			return true;
	}
	return false;
}

void replay_terminal_close(struct replay_terminal *t)
{
	if (t->pid > 0) {
		/* A program that still holds the terminal: end of input, then Ctrl-C. */
		if (t->busy && !t->ended && replay_terminal_key(t, 4) == 0)
			replay_terminal_wait(t, 500, true);
		if (t->busy && !t->ended)
			replay_terminal_key(t, 3);
		shutdown(t->socket, SHUT_RDWR);
		if (!wait_for_end(t, t->busy ? 1000 : CLOSE_MS)) {
			kill(t->pid, SIGTERM);
			if (!wait_for_end(t, CLOSE_MS))
				kill(t->pid, SIGKILL);
		}
		while (waitpid(t->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	for (size_t i = 0; i < 4; i++) {
		int fd = (int[]){t->pidfd, t->master, t->slave, t->socket}[i];
		if (fd >= 0)
			close(fd);
	}
	buf_release(&t->output);
	buf_release(&t->directory);
	buf_release(&t->in);
	*t = (struct replay_terminal){.pidfd = -1, .master = -1, .slave = -1, .socket = -1};
}
