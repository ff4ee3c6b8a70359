#include "kernel/do/schedule.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/build.h"
#include "kernel/do/steps.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

/* ---- names ---------------------------------------------------------------------------------- */

struct name {
	const char *name;
	int number;
};

/* linux/sched.h; SCHED_ISO is a number that no kernel has filled with a policy yet. */
static const struct name policies[] = {
        {"SCHED_OTHER", 0},
        {"SCHED_FIFO", 1},
        {"SCHED_RR", 2},
        {"SCHED_BATCH", 3},
        {"SCHED_IDLE", 5},
        {"SCHED_DEADLINE", 6},
        {NULL, -1},
};
static const struct name flags[] = {
        {"SCHED_FLAG_RESET_ON_FORK", 0x01},
        {"SCHED_FLAG_RECLAIM", 0x02},
        {"SCHED_FLAG_DL_OVERRUN", 0x04},
        {"SCHED_FLAG_KEEP_POLICY", 0x08},
        {"SCHED_FLAG_KEEP_PARAMS", 0x10},
        {"SCHED_FLAG_UTIL_CLAMP_MIN", 0x20},
        {"SCHED_FLAG_UTIL_CLAMP_MAX", 0x40},
        {NULL, -1},
};
static const struct name io_classes[] = {
        {"IOPRIO_CLASS_RT", 1},
        {"IOPRIO_CLASS_BE", 2},
        {"IOPRIO_CLASS_IDLE", 3},
        {NULL, -1},
};

static int number_of(const struct name *table, const char *name)
{
	for (; table->name; table++)
		if (name && !strcmp(name, table->name))
			break;
	return table->number;
}

int schedule_policy(const char *name)
{
	return number_of(policies, name);
}

int schedule_flag(const char *name)
{
	return number_of(flags, name);
}

int schedule_io_class(const char *name)
{
	return number_of(io_classes, name);
}

int schedule_cpus(const char *text, cpu_set_t *ret)
{
	CPU_ZERO(ret);
	do {
		unsigned long first, last;
		char *end;
		if (!isdigit((unsigned char)*text))
			return -EINVAL;
		first = last = strtoul(text, &end, 10);
		if (*end == '-') {
			if (!isdigit((unsigned char)end[1]))
				return -EINVAL;
			last = strtoul(end + 1, &end, 10);
		}
		if (last < first || last >= CPU_SETSIZE || (*end && *end != ','))
			return -EINVAL;
		for (unsigned long i = first; i <= last; i++)
			CPU_SET(i, ret);
		text = *end ? end + 1 : NULL;
	} while (text);
	return 0;
}

/* ---- the processor -------------------------------------------------------------------------- */

/* struct sched_attr of sched_setattr(2): the header that has it has another struct sched_param than
 * that of the C library. */
struct attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	const struct schedule *w = b->config->scheduler;
	char pid[16] = "PID";

	(void)s;
	if (b->process.pid)
		snprintf(pid, sizeof pid, "%d", (int)b->process.pid);
	buf_addf(&e->call,
	        "sched_setattr(%s, {%s, flags=%" PRIu64 ", nice=%" PRId32 ", priority=%" PRIu32
	        ", runtime=%" PRIu64 ", deadline=%" PRIu64 ", period=%" PRIu64 "}, 0)",
	        pid, w->policy_name, w->flags, w->nice, w->priority, w->runtime, w->deadline,
	        w->period);
	if (w->priority)
		buf_addf(&e->shell, "chrt --%s -p %" PRIu32 " %s", w->policy == 1 ? "fifo" : "rr",
		        w->priority, pid);
	else
		buf_addf(&e->shell, "renice -n %" PRId32 " -p %s", w->nice, pid);
	buf_add(&e->why, "Which of the processes that could run does: the kernel asks each one's "
	                 "policy.");
}

/* From outside: it is the host's CAP_SYS_NICE that counts, capable(9) knows no other, and root of a
 * user namespace does not have it. */
static int apply(const struct step *s, struct build *b, struct error *err)
{
	const struct schedule *w = b->config->scheduler;
	struct child_error fail = {0};
	struct attributes a = {
	        .size = sizeof a,
	        .policy = w->policy,
	        .flags = w->flags,
	        .nice = w->nice,
	        .priority = w->priority,
	        .runtime = w->runtime,
	        .deadline = w->deadline,
	        .period = w->period,
	};

	if (syscall(SYS_sched_setattr, b->process.pid, &a, 0) < 0) {
		child_fail(&fail, errno, "sched_setattr", w->policy_name);
		return step_failed(s, b, &fail, err);
	}
	return 0;
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	const struct schedule *w = b->config->scheduler;
	struct attributes is = {0};

	if (syscall(SYS_sched_getattr, b->process.pid, &is, sizeof is, 0) < 0 ||
	        is.policy != w->policy || is.priority != w->priority)
		return step_unverified(s, err, w->policy_name, "is not as asked for");
	buf_addf(seen, "process %d has %s, nice %" PRId32 ", priority %" PRIu32 "\n",
	        (int)b->process.pid, w->policy_name, is.nice, is.priority);
	return 0;
}

static void diagnose(const struct step *s, const struct build *b, int code, struct error *err)
{
	(void)s;
	(void)b;
	if (code == EPERM) {
		snprintf(err->cause, sizeof err->cause,
		        "process.scheduler: it takes CAP_SYS_NICE, or its control group has no "
		        "share of real time");
		error_advise(err, "see cpu.rt_runtime_us of the control group, sched(7)");
	} else if (code == EINVAL) {
		snprintf(err->cause, sizeof err->cause,
		        "process.scheduler: these numbers do not fit the policy");
	} else if (code == EBUSY) {
		snprintf(err->cause, sizeof err->cause,
		        "process.scheduler: so much time cannot be promised beside the others");
	}
}

const struct step_ops step_scheduler = {
        .id = "scheduler",
        .title = "its share of the processor",
        .man = "sched_setattr(2), sched(7)",
        .where = STEP_HOST,
        .after_child = true,
        .explain = explain,
        .host_apply = apply,
        .verify = verify,
        .diagnose = diagnose,
};

/* ---- the disk ------------------------------------------------------------------------------- */

enum { WHO_PROCESS = 1 };

static void explain_io(const struct step *s, const struct build *b, struct explanation *e)
{
	int value = b->config->io_priority;
	char pid[16] = "PID";

	(void)s;
	if (b->process.pid)
		snprintf(pid, sizeof pid, "%d", (int)b->process.pid);
	buf_addf(&e->call, "ioprio_set(IOPRIO_WHO_PROCESS, %s, IOPRIO_PRIO_VALUE(%s, %d))", pid,
	        io_classes[(value >> IO_CLASS_SHIFT) - 1].name, value & 7);
	buf_addf(&e->shell, "ionice -c %d -n %d -p %s", value >> IO_CLASS_SHIFT, value & 7, pid);
	buf_add(&e->why,
	        "Whose requests to a disk go first, where its scheduler (bfq) looks at it.");
}

static int apply_io(const struct step *s, struct build *b, struct error *err)
{
	struct child_error fail = {0};

	if (syscall(SYS_ioprio_set, WHO_PROCESS, b->process.pid, b->config->io_priority) < 0) {
		child_fail(&fail, errno, "ioprio_set", "process.ioPriority");
		return step_failed(s, b, &fail, err);
	}
	return 0;
}

static int verify_io(
        const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	int is = (int)syscall(SYS_ioprio_get, WHO_PROCESS, b->process.pid);

	if (is != b->config->io_priority)
		return step_unverified(s, err, "process.ioPriority", "is %d", is);
	buf_addf(seen, "class %d, priority %d\n", is >> IO_CLASS_SHIFT, is & 7);
	return 0;
}

static void diagnose_io(const struct step *s, const struct build *b, int code, struct error *err)
{
	(void)s;
	(void)b;
	if (code == EPERM)
		snprintf(err->cause, sizeof err->cause,
		        "the class for real time takes CAP_SYS_NICE or CAP_SYS_ADMIN");
}

const struct step_ops step_io_priority = {
        .id = "io-priority",
        .title = "its turn at the disk",
        .man = "ioprio_set(2)",
        .where = STEP_HOST,
        .after_child = true,
        .explain = explain_io,
        .host_apply = apply_io,
        .verify = verify_io,
        .diagnose = diagnose_io,
};
