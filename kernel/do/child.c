#include "kernel/do/child.h"

#include "kernel/do/build.h"
#include "kernel/do/exec.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static _Noreturn void leave(void)
{
	_exit(1);
}

static void report(struct build *b, enum child_answer answer, unsigned step,
        const struct child_error *fail, int fd)
{
	struct child_report r = {.answer = answer, .step = step, .has_fd = fd >= 0};

	if (fail)
		r.error = *fail;
	if (control_send(b->child_control, &r, sizeof r, fd) < 0)
		leave();
}

/* Hands the terminal that step mount-dev has opened to the parent, once. */
static int take_console(struct build *b)
{
	int fd = b->console_fd;

	b->console_fd = -1;
	return fd;
}

void child_executing(struct build *b)
{
	report(b, CHILD_EXECUTING, 0, NULL, take_console(b));
}

void child_waiting(struct build *b)
{
	report(b, CHILD_WAITING, 0, NULL, take_console(b));
}

/* After a failure: the next order may be there already, and must not be followed. */
static _Noreturn void wait_for_the_end(struct build *b)
{
	struct child_order order;

	while (control_receive(b->child_control, &order, sizeof order, NULL) == 0)
		;
	leave();
}

static void run(struct build *b, unsigned *next, unsigned last)
{
	struct child_error fail = {0};

	for (; *next <= last && b->steps[*next].ops; ++*next) {
		const struct step *s = &b->steps[*next];
		if (s->ops->child_apply && s->ops->child_apply(s, b, &fail) < 0) {
			report(b, CHILD_FAILED, *next, &fail, -1);
			wait_for_the_end(b);
		}
	}
	int console = take_console(b);
	report(b, CHILD_DONE, last, NULL, console);
	if (console >= 0)
		close(console);
}

static void undo(struct build *b, unsigned *next, unsigned step)
{
	const struct step *s = &b->steps[step];
	struct child_error fail = {0};

	if (s->ops->child_undo && s->ops->child_undo(s, b, &fail) < 0) {
		report(b, CHILD_FAILED, step, &fail, -1);
		return;
	}
	*next = step;
	report(b, CHILD_DONE, step, NULL, -1);
}

_Noreturn void child_main(struct build *b)
{
	struct child_order order;
	int fds[CONTROL_FDS_MAX];
	size_t n_fds;
	sigset_t none;
	unsigned next = 0;

	/* When the parent dies, this dies, kill -9 included; prctl(2). A parent that died before
	 * this line shows as end of file below. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (exec_mark_fds(b) < 0)
		leave();
	while (control_receive_fds(
	               b->child_control, &order, sizeof order, fds, CONTROL_FDS_MAX, &n_fds) == 0) {
		if (order.verb == CHILD_GROUPS) {
			memcpy(b->cgroup_fds, fds, n_fds * sizeof *fds);
			b->n_cgroup_fds = n_fds;
			continue;
		}
		if (n_fds) {
			if (b->root_fd >= 0)
				close(b->root_fd);
			b->root_fd = fds[0];
		}
		if (order.verb == CHILD_RUN)
			run(b, &next, order.step);
		else
			undo(b, &next, order.step);
	}
	leave();
}
