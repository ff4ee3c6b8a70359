#include "kernel/do/executor.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/child.h"
#include "kernel/do/clone.h"
#include "kernel/do/listener.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

void executor_init(struct executor *ex, struct build *b, struct plan *p)
{
	*ex = (struct executor){.build = b, .plan = p};
}

static void mark_failed(struct executor *ex, size_t index, const struct error *err)
{
	struct step *s = &ex->plan->steps[index];
	auto_buf text = BUF_INIT;

	s->state = STEP_STATE_FAILED;
	error_format(err, &text);
	snprintf(s->error, sizeof s->error, "%.*s", (int)strcspn(buf_text(&text), "\n"),
	        buf_text(&text));
	snprintf(s->advice, sizeof s->advice, "%s", err->advice);
}

/* It is of use to nobody here: while we held a copy, calls would wait for an agent that is gone. */
static int hand_over_listener(const struct executor *ex, int fd, struct error *err)
{
	struct build *b = ex->build;
	auto_close listener = fd;
	auto_buf state = BUF_INIT;
	int start = plan_find(ex->plan, "start");
	bool created = start >= 0 && ex->child_done > (size_t)start;
	int r = b->state_text(b, created ? "created" : "creating", &state);

	if (r < 0)
		return error_set(err, -r, "tell the state of", b->name, NULL);
	return listener_hand_over(
	        b->config->seccomp, b->control, listener, b->process.pid, buf_text(&state), err);
}

static int talk_failed(const struct executor *ex, int r, struct error *err)
{
	const char *name = ex->build->name;

	if (r != -EPIPE)
		return error_set(err, -r, "talk to the first process", name, NULL);
	error_set(err, ECHILD, "build container", name,
	        "its first process has ended before its program started");
	error_advise(err, "something else has killed it, perhaps for lack of memory: see dmesg");
	return -ECHILD;
}

static int send_order(struct executor *ex, enum child_verb verb, size_t step, struct error *err)
{
	struct build *b = ex->build;
	struct child_order groups = {.verb = CHILD_GROUPS};
	struct child_order order = {.verb = verb, .step = (unsigned)step, .has_fd = ex->fd_pending};
	int r = 0;

	if (ex->groups_pending)
		r = control_send_fds(
		        b->control, &groups, sizeof groups, b->cgroup_fds, b->n_cgroup_fds);
	if (r == 0)
		r = control_send(
		        b->control, &order, sizeof order, ex->fd_pending ? b->root_fd : -1);
	ex->groups_pending = ex->fd_pending = false;
	return r < 0 ? talk_failed(ex, r, err) : 0;
}

/* Waits for the answer to an order. *ret_failed is the step a failure is about. */
static int hear_answer(struct executor *ex, size_t step, size_t *ret_failed, struct error *err)
{
	struct build *b = ex->build;
	struct child_report report;
	bool executing = false;
	int fd, r = 0;

	*ret_failed = step;
	while (r == 0) {
		r = control_receive(b->control, &report, sizeof report, &fd);
		if (r == -EPIPE && executing) {
			/* The socket was marked close-on-exec: its end is the success. */
			ex->program = true;
			return 0;
		}
		if (r < 0)
			break;
		if (report.answer == CHILD_LISTENER) {
			r = hand_over_listener(ex, fd, err);
			if (r < 0)
				return r;
			continue;
		}
		if (fd >= 0) {
			cleanup_fd(&b->console_fd);
			b->console_fd = fd;
		}
		if (report.answer == CHILD_DONE || report.answer == CHILD_WAITING)
			return 0;
		if (report.answer == CHILD_EXECUTING) {
			executing = true;
			continue;
		}
		if (report.step >= ex->plan->n)
			return error_set(err, EPROTO, "build container", b->name, NULL);
		*ret_failed = report.step;
		return step_failed(&ex->plan->steps[report.step], b, &report.error, err);
	}
	return talk_failed(ex, r, err);
}

static int ask_child(struct executor *ex, enum child_verb verb, size_t step, size_t *ret_failed,
        struct error *err)
{
	int r = send_order(ex, verb, step, err);

	*ret_failed = step;
	return r < 0 ? r : hear_answer(ex, step, ret_failed, err);
}

/* Lets the child catch up with its parts of all steps before `end`. *ret_failed is set when one of
 * them fails. */
static int catch_up(struct executor *ex, size_t end, size_t *ret_failed, struct error *err)
{
	size_t first = ex->sent, failed = end - 1;
	bool more = (first ? first : ex->child_done) < end && ex->build->control >= 0;
	struct error unsent = {0};
	int r = 0;

	/* It need not wait for us to have heard that the first order is done. When that failed it
	 * follows no other, and has said so, whatever became of the second. */
	ex->sent = 0;
	if (more)
		r = send_order(ex, CHILD_RUN, end - 1, first ? &unsent : err);
	if (first) {
		int r1 = hear_answer(ex, first - 1, &failed, err);
		if (r1 == 0)
			ex->child_done = first;
		if (r1 == 0 && r < 0 && err)
			*err = unsent;
		r = r1 < 0 ? r1 : r;
	}
	if (r == 0 && more) {
		r = hear_answer(ex, end - 1, &failed, err);
		if (r == 0)
			ex->child_done = end;
	}
	if (r < 0)
		*ret_failed = failed;
	return r;
}

/* Before the host's part of step `i`, which takes its time: the child goes on meanwhile. */
static int go_beside(struct executor *ex, size_t i, struct error *err)
{
	int (*meanwhile)(void *context, struct error *err) = ex->meanwhile;
	int r = 0;

	if (!ex->sent && ex->child_done < i && ex->build->control >= 0) {
		r = send_order(ex, CHILD_RUN, i - 1, err);
		if (r == 0)
			ex->sent = i;
	}
	ex->meanwhile = NULL;
	return r == 0 && meanwhile ? meanwhile(ex->context, err) : r;
}

/* A fault put in by a test, told the way a real one would be. */
static int put_in_fault(struct executor *ex, const struct step *s, struct error *err)
{
	struct child_error fail = {0};

	if (!ex->fail_step || strcmp(ex->fail_step, s->ops->id) != 0)
		return 0;
	child_fail(&fail, ex->fail_code, "fault put in by a test", s->ops->id);
	return step_failed(s, ex->build, &fail, err);
}

static int do_step(struct executor *ex, size_t i, size_t *ret_failed, struct error *err)
{
	struct step *s = &ex->plan->steps[i];
	int r = 0;

	*ret_failed = i;
	if (ex->fail_step) {
		r = catch_up(ex, i, ret_failed, err);
		if (r == 0)
			r = put_in_fault(ex, s, err);
	}
	if (r == 0 && s->ops->after_child)
		r = catch_up(ex, i, ret_failed, err);
	if (r == 0 && s->ops->beside_child)
		r = go_beside(ex, i, err);
	if (r == 0 && s->ops->host_apply) {
		r = s->ops->host_apply(s, ex->build, err);
		if (r < 0)
			step_name_failure(s, ex->build, r, err);
	}
	if (r == 0 && s->ops == &step_rootfs)
		ex->fd_pending = true;
	if (r == 0 && s->ops == &step_group)
		ex->groups_pending = ex->build->control >= 0;
	if (r == 0)
		ex->done = i + 1;
	return r;
}

int executor_run(struct executor *ex, size_t last, struct error *err)
{
	struct error own = {0};
	struct error *told = err ? err : &own;
	size_t failed = 0;
	int r = 0;

	if (ex->plan->n && last >= ex->plan->n)
		last = ex->plan->n - 1;
	for (size_t i = ex->done; r == 0 && i <= last; i++)
		r = do_step(ex, i, &failed, told);
	if (r == 0)
		r = catch_up(ex, last + 1, &failed, told);
	if (r < 0) {
		executor_undo(ex, NULL);
		mark_failed(ex, failed, told);
		return r;
	}
	for (size_t i = 0; i < ex->done; i++)
		ex->plan->steps[i].state = STEP_STATE_DONE;
	return 0;
}

/* The steps from `clone` on live and die with the process, but for what the parent made beside it;
 * those before it are the parent's. */
static int end_process(struct executor *ex, struct error *err)
{
	int clone = plan_find(ex->plan, "clone");

	if (clone < 0 || ex->done <= (size_t)clone)
		return 0;
	step_clone.host_undo(&ex->plan->steps[clone], ex->build, NULL);
	for (size_t i = ex->done; i-- > (size_t)clone;) {
		const struct step *s = &ex->plan->steps[i];
		if (s->ops->beside_child && s->ops->host_undo)
			s->ops->host_undo(s, ex->build, err);
	}
	for (size_t i = (size_t)clone; i < ex->plan->n; i++)
		ex->plan->steps[i].state = STEP_STATE_TODO;
	ex->done = (size_t)clone;
	ex->child_done = ex->sent = 0;
	ex->fd_pending = ex->groups_pending = false;
	ex->program = false;
	return 1;
}

int executor_undo(struct executor *ex, struct error *err)
{
	struct error first = {0};

	end_process(ex, &first);
	while (ex->done > 0) {
		struct step *s = &ex->plan->steps[--ex->done];
		if (s->ops->host_undo)
			s->ops->host_undo(s, ex->build, &first);
		s->state = STEP_STATE_TODO;
	}
	if (first.code && err && !err->code)
		*err = first;
	return -first.code;
}

/* Undoes step `i` on the living process. */
static int undo_in_place(struct executor *ex, size_t i, struct error *err)
{
	struct step *s = &ex->plan->steps[i];
	size_t failed;
	int r = 0;

	if (ex->child_done > i) {
		if (s->ops->child_undo)
			r = ask_child(ex, CHILD_UNDO, i, &failed, err);
		else /* nothing of it is in the child, but it must come by there again */
			r = s->ops->child_apply ? -ENOTSUP
			                        : ask_child(ex, CHILD_UNDO, i, &failed, err);
		if (r == 0)
			ex->child_done = i;
	}
	if (r == 0 && s->ops->host_undo)
		r = s->ops->host_undo(s, ex->build, err);
	if (r == 0) {
		s->state = STEP_STATE_TODO;
		ex->done = i;
	}
	return r;
}

int executor_back(struct executor *ex, bool *ret_rebuilt, struct error *err)
{
	size_t target;

	if (ret_rebuilt)
		*ret_rebuilt = false;
	if (ex->done == 0)
		return error_set(
		        err, ENOENT, "take back a step", ex->build->name, "none has been done yet");
	target = ex->done - 1;
	if (ex->plan->steps[target].ops == &step_clone) {
		end_process(ex, NULL);
		return 0;
	}
	if (ex->plan->steps[target].ops->reversible && !ex->program)
		return undo_in_place(ex, target, err);
	if (ret_rebuilt)
		*ret_rebuilt = true;
	end_process(ex, NULL);
	return target ? executor_run(ex, target - 1, err) : 0;
}
