#include "kernel/watch/follow.h"

#include "kernel/base/cleanup.h"
#include "kernel/watch/apart.h"
#include "kernel/watch/attach.h"
#include "kernel/watch/observed.h"
#include "kernel/watch/record.h"
#include "kernel/watch/talk.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>

enum {
	UNTOLD_US = 1000000, /* how long a child waits for its parent's word, which comes at once */
	WAITING_US = 30000,  /* how often is looked after what waits */
	BUSY_US = 2000,      /* and after what the tap has seen: as long as it sees something, */
	QUIET_US = 8000,     /* and after a while without */
	QUIET_LOOKS = 50,
};

static volatile sig_atomic_t parent_gone, woken; /* all that a signal handler may do */

/* ---- processes ------------------------------------------------------------------------------- */

static void tell_end(struct following *f, pid_t pid, int status)
{
	watch_record_end(&f->line, "end", following_moment(f), pid, status);
	following_tell(f);
}

static void forget(struct following *f, pid_t tid)
{
	guard_forget(f->guard, tid);
	tracees_remove(&f->all, tid);
}

/* Nothing is told any more. */
static void finish(struct following *f)
{
	f->finished = true;
	guard_finished(f->alive);
	attach_release(&f->all);
	tap_close(f->tap);
	f->tap = NULL;
}

/* PTRACE_EVENT_STOP: what is stopped with its group stays so, until SIGCONT. */
static void pass_stop(const struct tracee *t, int status)
{
	if (attach_stops_group(WSTOPSIG(status)))
		ptrace(PTRACE_LISTEN, t->tid, NULL, NULL);
	else
		attach_resume(t, 0);
}

/* It is known from now on, and goes on if it has waited for that. It may be forgotten here. */
static void begin(struct following *f, struct tracee *t, pid_t parent)
{
	enum tracee_state was = t->state;
	int waiting = t->waiting;

	t->state = TRACEE_RUNNING;
	if (!t->every_call && was != TRACEE_GONE)
		guard_know(f->guard, t->tid);
	if (t->pid == t->tid) {
		watch_record_start(&f->line, following_moment(f), t->pid, parent, t->comm);
		following_tell(f);
		if (was != TRACEE_GONE)
			following_namespaces(f, t);
	}
	if (was == TRACEE_GONE) {
		if (t->pid == t->tid)
			tell_end(f, t->pid, waiting);
		tracees_remove(&f->all, t->tid);
	} else if (waiting && t->leaving) {
		attach_detach(&f->all, t, 0);
	} else if (waiting) {
		pass_stop(t, waiting);
	}
}

/* Of a child that has done nothing yet all is known, and /proc need not be asked while two wait. */
static void inherit(struct tracee *child, const struct tracee *parent, int event)
{
	bool thread = event == PTRACE_EVENT_CLONE &&
	              (tgkill(parent->pid, child->tid, 0) == 0 || errno != ESRCH);

	child->pid = thread ? parent->pid : child->tid;
	child->parent = thread ? parent->parent : parent->pid;
	child->seccomp = parent->seccomp;
	memcpy(child->comm, parent->comm, sizeof child->comm);
}

/* PTRACE_EVENT_FORK and its kind: the child is followed already, and stops of its own as well. */
static void child_made(struct following *f, const struct tracee *parent, int event)
{
	unsigned long tid = 0;
	struct tracee *child;

	if (ptrace(PTRACE_GETEVENTMSG, parent->tid, NULL, &tid) < 0 || !tid)
		return;
	child = tracees_find(&f->all, (pid_t)tid);
	if (child && child->state != TRACEE_NEW && child->state != TRACEE_GONE)
		return; /* it has waited for too long */
	if (!child)
		child = tracees_put(&f->all, (pid_t)tid, 0);
	if (!child)
		return;
	if (!child->pid)
		inherit(child, parent, event);
	child->every_call = parent->every_call;
	child->leaving = parent->leaving;
	child->hearing = child->pid == parent->pid && parent->hearing;
	begin(f, child, parent->pid);
}

static void learn(struct tracee *t)
{
	if (!t->pid)
		tracee_read(t);
}

/* Nobody tells of this one any more: its parent was killed on the way. */
static void begin_untold(struct following *f, struct tracee *t)
{
	learn(t);
	t->every_call = !f->filtered || t->seccomp != SECCOMP_MODE_FILTER;
	t->leaving = f->finished && t->every_call;
	begin(f, t, t->parent);
}

static bool is_untold(const struct tracee *t)
{
	return t->state == TRACEE_NEW || t->state == TRACEE_GONE;
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
	t->state = TRACEE_RUNNING;
	if (was) {
		struct buf arguments = t->arguments;
		t->state = was->state;
		t->call = was->call;
		t->entered = was->entered;
		t->arguments = was->arguments;
		was->arguments = arguments;
		forget(f, (pid_t)former);
	}
	return t;
}

/* Children of one that has ended, its threads, and its siblings that it made with CLONE_PARENT:
 * they need not wait. */
static void release_waiting(struct following *f, const struct tracee *gone)
{
	struct tracee *t = tracees_next(&f->all, NULL), *next;

	for (; t; t = next) {
		next = tracees_next(&f->all, t);
		if (is_untold(t))
			learn(t);
		if (t != gone && is_untold(t) &&
		        (t->parent == gone->pid || t->pid == gone->pid ||
		                t->parent == gone->parent))
			begin_untold(f, t);
	}
}

static void ended(struct following *f, pid_t tid, int status)
{
	struct tracee *t = tracees_find(&f->all, tid);
	pid_t pid = t ? t->pid : tid;

	if (t && is_untold(t)) {
		t->state = TRACEE_GONE;
		t->waiting = status;
		return;
	}
	if (t)
		release_waiting(f, t);
	forget(f, tid);
	if (pid == tid)
		tell_end(f, pid, status);
	if (tid != f->command)
		return;
	talk_end(f);
	watch_record_end(&f->line, "finish", following_moment(f), pid, status);
	following_tell(f);
	outlet_end(&f->out);
	finish(f);
}

static bool makes_child(int event)
{
	return event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK ||
	       event == PTRACE_EVENT_CLONE;
}

static void event(struct following *f, struct tracee *t, int status)
{
	if (makes_child(status >> 16))
		child_made(f, t, status >> 16);
	switch (status >> 16) {
	case PTRACE_EVENT_EXEC:
		t = program_begun(f, t);
		break;
	case PTRACE_EVENT_SECCOMP:
		following_call(f, t, true);
		break;
	case PTRACE_EVENT_STOP:
		pass_stop(t, status);
		return;
	default:
		break;
	}
	attach_resume(t, 0);
}

/* A signal that it was about to get, it still gets. */
static bool let_go(struct following *f, struct tracee *t, int status)
{
	int signal = WSTOPSIG(status);

	if (!t->leaving)
		return false;
	if (makes_child(status >> 16))
		child_made(f, t, status >> 16);
	else if (status >> 16 == PTRACE_EVENT_EXEC)
		t = program_begun(f, t);
	attach_detach(&f->all, t, status >> 16 || signal == (SIGTRAP | 0x80) ? 0 : signal);
	return true;
}

static void set_timer(struct following *f, uint64_t every)
{
	struct itimerval timer = {
	        .it_interval.tv_usec = (suseconds_t)every, .it_value.tv_usec = (suseconds_t)every};

	if (f->every == every)
		return;
	f->every = every;
	setitimer(ITIMER_REAL, &timer, NULL);
}

/* At least as often as that. */
static void wake_within(struct following *f, uint64_t every)
{
	if (!f->every || f->every > every)
		set_timer(f, every);
}

/* The first stop of one that its parent has not told of yet: it waits for that. */
static void wait_stopped(struct following *f, pid_t tid, int status)
{
	struct tracee *t = tracees_put(&f->all, tid, 0);

	if (!t) { /* memory is out: not followed, but not held up either */
		ptrace(PTRACE_DETACH, tid, NULL, NULL);
		return;
	}
	if (!f->only_filtered)
		tracee_read(t);
	if (f->only_filtered || (f->filtered && t->seccomp == SECCOMP_MODE_FILTER))
		guard_know(f->guard, tid);
	t->waiting = status;
	t->entered = following_now();
	wake_within(f, WAITING_US);
}

static void stopped(struct following *f, pid_t tid, int status)
{
	struct tracee *t = tracees_find(&f->all, tid);
	bool call;

	if (t && t->state == TRACEE_GONE) { /* another one has its number */
		begin_untold(f, t);
		t = NULL;
	}
	if (!t) {
		wait_stopped(f, tid, status);
		return;
	}
	if (let_go(f, t, status))
		return;
	if (status >> 16) {
		event(f, t, status);
		return;
	}
	call = WSTOPSIG(status) == (SIGTRAP | 0x80);
	if (!call || !following_call(f, t, false))
		attach_resume(t, call ? 0 : WSTOPSIG(status));
	/* What has been told is written when the thread is on its way again. */
	following_tell(f);
}

/* What has been seen without a stop: all of it is earlier than a stop that is yet to be told. */
static void take_seen(struct following *f)
{
	if (!f->tap)
		return;
	f->quiet = observed_take(f) ? 0 : f->quiet + 1;
}

/* At times, as long as something waits: a child for its parent's word, a line for its reader; as
 * long as stops follow each other, or the tap may see something. */
static void attend(struct following *f)
{
	struct tracee *t = tracees_next(&f->all, NULL), *next;
	bool left = false;

	if (parent_gone) {
		outlet_close(&f->out);
		finish(f);
		parent_gone = 0;
	}
	for (; t; t = next) {
		next = tracees_next(&f->all, t);
		if (!is_untold(t))
			continue;
		if (following_now() - t->entered > UNTOLD_US)
			begin_untold(f, t);
		else
			left = true;
	}
	if (outlet_flush(&f->out))
		left = true;
	if (cpu_latency_stands(&f->latency, following_now()))
		left = true;
	set_timer(f, f->tap ? f->quiet < QUIET_LOOKS ? BUSY_US : QUIET_US : left ? WAITING_US : 0);
}

void follow(struct following *f)
{
	int status;

	if (f->tap)
		wake_within(f, BUSY_US);
	for (;;) {
		pid_t tid = waitpid(-1, &status, __WALL);
		bool none = tid < 0 && errno != EINTR;
		take_seen(f);
		if (tid > 0 && WIFSTOPPED(status)) {
			cpu_latency_stopped(&f->latency, following_now());
			wake_within(f, WAITING_US);
			stopped(f, tid, status);
		} else if (tid > 0) {
			ended(f, tid, status);
		}
		if (woken) {
			woken = 0;
			attend(f);
		}
		if (none)
			break;
		if (f->out.waiting.len)
			wake_within(f, WAITING_US);
	}
	outlet_drain(&f->out);
}

/* ---- signals --------------------------------------------------------------------------------- */

static void note(int signal)
{
	if (signal == SIGUSR1)
		parent_gone = 1;
	woken = 1;
}

/* The front's end is told by SIGUSR1. */
void follow_leave_front(pid_t front)
{
	struct sigaction action = {.sa_handler = note};

	apart_leave_terminal();
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGALRM, &action, NULL);
	/* Who waits is woken by a stop; a signal besides is for nothing. */
	sigaction(SIGCHLD, &(struct sigaction){.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDSTOP},
	        NULL);
	prctl(PR_SET_PDEATHSIG, SIGUSR1);
	if (getppid() != front) /* it was gone before */
		raise(SIGUSR1);
}
