/* One process waits for all threads that are followed. Where a filter stops them (trap.h) they run
 * freely between the calls of interest; others stop at every call. Either way
 * PTRACE_GET_SYSCALL_INFO (Linux 5.3) says what a stop is about, on every architecture alike. */
#include "kernel/watch/tracer.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/watch/attach.h"
#include "kernel/watch/conversation.h"
#include "kernel/watch/launch.h"
#include "kernel/watch/record.h"
#include "kernel/watch/tracee.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

enum { NUMBERS_MAX = 1024 };

struct following {
	struct tracees all;
	struct conversations said;
	const struct call *by_number[NUMBERS_MAX];
	uint64_t begun;        /* microseconds */
	uint64_t ns[NS_COUNT]; /* our own */
	pid_t command;
	bool finished; /* the command has ended: nothing is told any more */
	int out;       /* -1 when nobody reads any more */
	struct buf line;
};

static volatile sig_atomic_t parent_gone; /* the only thing a signal handler may do */

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static uint64_t moment(const struct following *f)
{
	return now_us() - f->begun;
}

/* What is in `line` goes out; a reader that has gone is no failure. */
static void tell(struct following *f)
{
	if (f->out >= 0 && !f->finished && file_write_all(f->out, f->line.data, f->line.len) < 0)
		cleanup_fd(&f->out);
	buf_reset(&f->line);
}

/* ---- namespaces ------------------------------------------------------------------------------ */

static void read_namespaces(const char *process, uint64_t *inodes)
{
	char path[64];
	struct stat st;

	for (int i = 0; i < NS_COUNT; i++) {
		snprintf(path, sizeof path, "/proc/%s/ns/%s", process, ns_names[i]);
		inodes[i] = stat(path, &st) == 0 ? st.st_ino : 0;
	}
}

static void tell_namespaces(struct following *f, struct tracee *t)
{
	uint64_t inodes[NS_COUNT];
	char process[16];

	if (f->finished)
		return;
	snprintf(process, sizeof process, "%d", (int)t->tid);
	read_namespaces(process, inodes);
	for (int i = 0; i < NS_COUNT; i++)
		if (inodes[i] == f->ns[i])
			inodes[i] = 0;
	if (!memcmp(inodes, t->ns, sizeof inodes))
		return;
	memcpy(t->ns, inodes, sizeof inodes);
	watch_record_namespaces(&f->line, moment(f), t->pid, inodes);
	tell(f);
}

/* ---- calls ----------------------------------------------------------------------------------- */

static void resume(const struct tracee *t, int signal)
{
	int request = t->every_call || t->state == TRACEE_IN_CALL ? PTRACE_SYSCALL : PTRACE_CONT;

	/* It may have been killed while it was stopped. */
	ptrace(request, t->tid, NULL, (long)signal);
}

/* What goes to a daemon. Told before it is sent: the answer's calls come after it. */
static void look_at_bytes(struct following *f, const struct tracee *t, const struct call_made *made)
{
	struct watch_call by = {.t = moment(f), .pid = t->pid, .tid = t->tid, .comm = t->comm};
	auto_buf request = BUF_INIT;

	if (!conversation_request(&request, made))
		return;
	watch_record_request(&f->line, &by, buf_text(&request),
	        conversation_to(&f->said, t->pid, (int)made->arguments[0]));
	tell(f);
}

static void enter_call(struct following *f, struct tracee *t, uint64_t number, const uint64_t *args)
{
	const struct call *c = number < NUMBERS_MAX ? f->by_number[number] : NULL;
	struct call_made made = {.tid = t->tid};

	for (size_t i = 0; i < CALL_ARGUMENTS; i++)
		made.arguments[i] = args[i];
	if (!c || f->finished)
		return;
	if (!strcmp(call_name(c), "connect"))
		conversation_connect(&f->said, t->pid, &made);
	if (!strcmp(call_name(c), "write") || !strcmp(call_name(c), "sendto"))
		look_at_bytes(f, t, &made);
	if (!call_wanted(c, &made))
		return;
	t->call = c;
	t->state = TRACEE_IN_CALL;
	t->entered = now_us();
	buf_reset(&t->arguments);
	call_add_arguments(&t->arguments, c, &made);
}

static bool changes_namespaces(const char *name)
{
	return !strcmp(name, "unshare") || !strcmp(name, "setns");
}

static void leave_call(struct following *f, struct tracee *t, int64_t result, bool failed)
{
	struct watch_call c = {
	        .t = t->entered - f->begun,
	        .us = now_us() - t->entered,
	        .pid = t->pid,
	        .tid = t->tid,
	        .comm = t->comm,
	        .name = call_name(t->call),
	        .arguments = buf_text(&t->arguments),
	        .result = result,
	        .failed = failed,
	};

	t->state = TRACEE_RUNNING;
	watch_record_call(&f->line, &c);
	if (!strcmp(c.name, "execve") || !strcmp(c.name, "execveat") || !strcmp(c.name, "prctl"))
		tracee_read_name(t);
	if (!failed && changes_namespaces(c.name))
		tell_namespaces(f, t);
}

static void look_at_call(struct following *f, struct tracee *t)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, t->tid, sizeof info, &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_SECCOMP)
		enter_call(f, t, info.seccomp.nr, info.seccomp.args);
	else if (info.op == PTRACE_SYSCALL_INFO_ENTRY && t->every_call)
		enter_call(f, t, info.entry.nr, info.entry.args);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT && t->state == TRACEE_IN_CALL)
		leave_call(f, t, info.exit.rval, info.exit.is_error);
}

/* ---- processes ------------------------------------------------------------------------------- */

static void begin_child(struct following *f, struct tracee *child, const struct tracee *parent)
{
	child->every_call = parent->every_call;
	child->leaving = parent->leaving;
	child->state = TRACEE_RUNNING;
	if (child->pid == child->tid) {
		watch_record_start(&f->line, moment(f), child->pid, parent->pid, child->comm);
		tell(f);
		tell_namespaces(f, child);
	}
}

/* PTRACE_EVENT_FORK and its kind: the child is followed already, and stops of its own as well. */
static void child_made(struct following *f, const struct tracee *parent)
{
	unsigned long tid = 0;
	struct tracee *child;
	bool waits;

	if (ptrace(PTRACE_GETEVENTMSG, parent->tid, NULL, &tid) < 0 || !tid)
		return;
	child = tracees_find(&f->all, (pid_t)tid);
	waits = child && child->state == TRACEE_NEW;
	if (!child)
		child = tracees_add(&f->all, (pid_t)tid);
	if (!child)
		return;
	begin_child(f, child, parent);
	if (waits)
		resume(child, 0);
}

/* Another thread than the first has become another program: it goes on under the process's id, and
 * all others are no more, ptrace(2) "execve(2) under ptrace". */
static struct tracee *program_begun(struct following *f, struct tracee *t)
{
	unsigned long former = 0;
	struct tracee *was;

	if (ptrace(PTRACE_GETEVENTMSG, t->tid, NULL, &former) < 0 || (pid_t)former == t->tid)
		return t;
	was = tracees_find(&f->all, (pid_t)former);
	if (was) {
		struct buf arguments = t->arguments;
		t->state = was->state;
		t->call = was->call;
		t->entered = was->entered;
		t->arguments = was->arguments;
		was->arguments = arguments;
		tracees_remove(&f->all, (pid_t)former);
	}
	return t;
}

/* Nobody will tell of those any more whose parent was killed on the way: children of one that has
 * ended, its threads, and its siblings that it made with CLONE_PARENT. All of a family stop alike.
 */
static void release_waiting(struct following *f, const struct tracee *gone)
{
	for (struct tracee *t = tracees_next(&f->all, NULL); t; t = tracees_next(&f->all, t))
		if (t->state == TRACEE_NEW && (t->parent == gone->pid || t->pid == gone->pid ||
		                                      t->parent == gone->parent)) {
			t->state = TRACEE_RUNNING;
			t->every_call = gone->every_call;
			t->leaving = gone->leaving;
			resume(t, 0);
		}
}

static void ended(struct following *f, pid_t tid, int status)
{
	struct tracee *t = tracees_find(&f->all, tid);
	pid_t pid = t ? t->pid : tid;

	if (t)
		release_waiting(f, t);
	tracees_remove(&f->all, tid);
	if (pid == tid) {
		watch_record_end(&f->line, "end", moment(f), pid, status);
		tell(f);
	}
	if (tid != f->command)
		return;
	watch_record_end(&f->line, "finish", moment(f), pid, status);
	tell(f);
	f->finished = true;
	cleanup_fd(&f->out);
	attach_release(&f->all);
}

static bool makes_child(int event)
{
	return event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK ||
	       event == PTRACE_EVENT_CLONE;
}

static bool stops_group(int signal)
{
	return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

static void event(struct following *f, struct tracee *t, int status)
{
	int signal = WSTOPSIG(status);

	if (makes_child(status >> 16))
		child_made(f, t);
	switch (status >> 16) {
	case PTRACE_EVENT_EXEC:
		t = program_begun(f, t);
		break;
	case PTRACE_EVENT_SECCOMP:
		look_at_call(f, t);
		break;
	case PTRACE_EVENT_STOP:
		if (stops_group(signal)) { /* stopped it stays, until SIGCONT */
			ptrace(PTRACE_LISTEN, t->tid, NULL, NULL);
			return;
		}
		break;
	default:
		break;
	}
	resume(t, 0);
}

/* A signal that it was about to get, it still gets. */
static bool let_go(struct following *f, struct tracee *t, int status)
{
	int signal = WSTOPSIG(status);

	if (!t->leaving)
		return false;
	if (makes_child(status >> 16))
		child_made(f, t);
	attach_detach(&f->all, t, status >> 16 || signal == (SIGTRAP | 0x80) ? 0 : signal);
	return true;
}

static void stopped(struct following *f, pid_t tid, int status)
{
	struct tracee *t = tracees_find(&f->all, tid);
	bool call;

	if (!t) { /* before its parent told: it waits */
		tracees_add(&f->all, tid);
		return;
	}
	if (t->state != TRACEE_NEW && let_go(f, t, status))
		return;
	if (status >> 16) {
		event(f, t, status);
		return;
	}
	call = WSTOPSIG(status) == (SIGTRAP | 0x80);
	if (call)
		look_at_call(f, t);
	resume(t, call ? 0 : WSTOPSIG(status));
	/* What has been told is written when the thread is on its way again. */
	tell(f);
}

static void follow(struct following *f)
{
	int status;

	for (;;) {
		pid_t tid = waitpid(-1, &status, __WALL);
		if (parent_gone) {
			cleanup_fd(&f->out);
			f->finished = true;
			attach_release(&f->all);
			parent_gone = 0;
		}
		if (tid < 0 && errno == EINTR)
			continue;
		if (tid < 0)
			return;
		if (WIFSTOPPED(status))
			stopped(f, tid, status);
		else
			ended(f, tid, status);
	}
}

/* ---- the process of its own ------------------------------------------------------------------ */

static void note_parent(int signal)
{
	(void)signal;
	parent_gone = 1;
}

/* The command has the terminal; what ends it must not end us. Nobody must wait for the end of our
 * streams. */
static void leave_terminal(void)
{
	static const int ignored[] = {
	        SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE, SIGUSR2};
	struct sigaction action = {.sa_handler = note_parent};
	auto_close null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		signal(ignored[i], SIG_IGN);
	sigaction(SIGUSR1, &action, NULL);
	prctl(PR_SET_PDEATHSIG, SIGUSR1);
	setpgid(0, 0);
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	/* No directory is kept busy. */
	if (chdir("/") < 0)
		return;
}

static void know_calls(struct following *f)
{
	const struct call *c;

	for (size_t i = 0; (c = call_at(i)); i++) {
		int number = call_number(c);
		if (number >= 0 && number < NUMBERS_MAX)
			f->by_number[number] = c;
	}
}

/* Never comes back. `ready` gets how it began: 0 or a negative errno. */
static _Noreturn void be_tracer(
        const struct tracer_options *o, struct launch *l, int out, int ready)
{
	struct following f = {.out = out, .begun = now_us()};
	struct tracee *t;
	int r;

	know_calls(&f);
	read_namespaces("self", f.ns);
	r = launch_begin(l);
	leave_terminal();
	if (r == 0) {
		f.command = l->pid;
		t = tracees_add(&f.all, l->pid);
		r = t ? 0 : -ENOMEM;
	}
	if (r == 0) {
		t->state = TRACEE_RUNNING;
		t->every_call = !l->filtered;
		r = attach_all(&f.all, o->also, o->n_also);
	}
	if (write(ready, &r, sizeof r) != sizeof r || r < 0) {
		launch_abandon(l);
		_exit(1);
	}
	close(ready);
	watch_record_begin(&f.line, o->command);
	tell(&f);
	launch_go(l);
	follow(&f);
	_exit(0);
}

int tracer_start(const struct tracer_options *o, int *ret_fd, pid_t *ret_tracer, struct error *err)
{
	struct launch launch = LAUNCH_INIT;
	int record[2], ready[2], r = launch_prepare(&launch, o->command, err);
	pid_t pid;

	if (r < 0)
		return r;
	if (pipe2(record, O_CLOEXEC) < 0)
		return error_set(err, errno, "make pipe", "record", NULL);
	if (pipe2(ready, O_CLOEXEC) < 0) {
		close(record[0]);
		close(record[1]);
		return error_set(err, errno, "make pipe", "record", NULL);
	}
	pid = fork();
	if (!pid) {
		close(record[0]);
		close(ready[0]);
		be_tracer(o, &launch, record[1], ready[1]);
	}
	close(record[1]);
	close(ready[1]);
	if (pid < 0 || read(ready[0], &r, sizeof r) != sizeof r)
		r = pid < 0 ? -errno : -ECHILD;
	close(ready[0]);
	launch_release(&launch);
	if (r < 0) {
		close(record[0]);
		if (pid > 0)
			waitpid(pid, NULL, 0);
		return error_set(err, -r, "follow command", o->command[0], NULL);
	}
	*ret_fd = record[0];
	*ret_tracer = pid;
	return 0;
}
