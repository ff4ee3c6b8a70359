#include "kernel/watch/tracer.h"

#include "kernel/base/cleanup.h"
#include "kernel/watch/attach.h"
#include "kernel/watch/follow.h"
#include "kernel/watch/guard.h"
#include "kernel/watch/launch.h"
#include "kernel/watch/observed.h"
#include "kernel/watch/record.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

/* Ends of pipes that the follower has, and the guard. */
struct ends {
	pid_t front;
	int record, ready;
	int alive[2]; /* guard.h; -1 = there is none */
	struct guard *guard;
};

/* Without stopping them where the kernel lets us, else as ptrace(2) does it. */
static int follow_also(struct following *f, const struct tracer_options *o)
{
	int r = o->n_also ? tap_open(&f->tap) : 0;

	f->only_filtered = f->filtered && r == 0;
	if (r < 0)
		return attach_all(&f->all, o->also, o->n_also);
	return f->tap ? observed_begin(f, o->also, o->n_also) : 0;
}

/* Never comes back. `ready` gets how it began: 0 or a negative errno. */
static _Noreturn void be_tracer(
        const struct tracer_options *o, struct launch *l, const struct ends *ends)
{
	struct following f = {.begun = following_now(),
	        .filtered = l->filtered,
	        .latency = CPU_LATENCY_INIT,
	        .bodies = o->bodies,
	        .guard = ends->guard,
	        .alive = ends->guard ? guard_delay_end(ends->guard, ends->alive[1]) : -1};
	struct tracee *t;
	int r;

	if (f.guard)
		close(ends->alive[0]);
	outlet_init(&f.out, ends->record);
	following_prepare(&f);
	r = launch_begin(l);
	follow_leave_front(ends->front);
	if (r == 0) {
		f.command = l->pid;
		t = tracees_add(&f.all, l->pid);
		r = t ? 0 : -ENOMEM;
	}
	if (r == 0) {
		t->state = TRACEE_RUNNING;
		t->every_call = !l->filtered;
		r = follow_also(&f, o);
	}
	if (r == 0 && f.guard) {
		f.guard->command = l->pid;
		f.guard->begun = f.begun;
		guard_know(f.guard, l->pid);
	}
	if (write(ends->ready, &r, sizeof r) != sizeof r || r < 0) {
		launch_abandon(l);
		_exit(1);
	}
	close(ends->ready);
	watch_record_begin(&f.line, o->command);
	following_tell(&f);
	outlet_flush(&f.out); /* whatever becomes of us, it is a record */
	launch_go(l);
	follow(&f);
	_exit(0);
}

/* Starts the follower and what stands in for it. Its pid; -ECHILD when it has ended at once. */
static pid_t start(const struct tracer_options *o, struct launch *launch, int record)
{
	struct ends ends = {.front = getpid(), .record = record, .alive = {-1, -1}};
	int ready[2], r = launch->filtered ? guard_prepare(&ends.guard, ends.alive) : 0;
	pid_t pid = -1;

	if (r == 0 && pipe2(ready, O_CLOEXEC) < 0)
		r = -errno;
	if (r == 0) {
		ends.ready = ready[1];
		pid = fork();
		if (!pid)
			be_tracer(o, launch, &ends);
		close(ready[1]);
		if (pid < 0 || read(ready[0], &r, sizeof r) != sizeof r)
			r = pid < 0 ? -errno : -ECHILD;
		close(ready[0]);
		if (r < 0 && pid > 0)
			waitpid(pid, NULL, 0);
	}
	cleanup_fd(&ends.alive[1]);
	if (r == 0 && ends.guard)
		guard_start(ends.guard, record, ends.alive[0]);
	cleanup_fd(&ends.alive[0]);
	guard_release(ends.guard);
	return r < 0 ? r : pid;
}

int tracer_start(const struct tracer_options *o, int *ret_fd, pid_t *ret_tracer, struct error *err)
{
	struct launch launch = LAUNCH_INIT;
	int record[2], r = launch_prepare(&launch, o->command, err);
	pid_t pid;

	if (r < 0)
		return r;
	if (pipe2(record, O_CLOEXEC) < 0) {
		r = -errno;
		launch_release(&launch);
		return error_set(err, -r, "make pipe", "record", NULL);
	}
	pid = start(o, &launch, record[1]);
	close(record[1]);
	launch_release(&launch);
	if (pid < 0) {
		close(record[0]);
		return error_set(err, -pid, "follow command", o->command[0], NULL);
	}
	*ret_fd = record[0];
	*ret_tracer = pid;
	return 0;
}
