/* process.scheduler, process.ioPriority and process.execCPUAffinity of config.json. */
#include "kernel/do/config_read.h"
#include "kernel/do/schedule.h"

#include <string.h>

enum { OTHER = 0, FIFO = 1, RR = 2, BATCH = 3, DEADLINE = 6 };

/* What a policy has no use for is a mistake of who wrote it, and not left out in silence. */
static int check_fit(const struct schedule *w, struct error *err)
{
	bool real_time = w->policy == FIFO || w->policy == RR;

	if (!real_time && w->priority)
		return config_bad(
		        err, "process.scheduler.priority", "is for SCHED_FIFO and SCHED_RR only");
	if (real_time && !w->priority)
		return config_bad(err, "process.scheduler.priority",
		        "should be from 1 to 99 for this policy");
	if (w->policy != DEADLINE && (w->runtime || w->deadline || w->period))
		return config_bad(err, "process.scheduler",
		        "has runtime, deadline or period, which are for SCHED_DEADLINE only");
	if (w->policy != OTHER && w->policy != BATCH && w->nice)
		return config_bad(
		        err, "process.scheduler.nice", "is for SCHED_OTHER and SCHED_BATCH only");
	return 0;
}

static int read_flags(struct schedule *w, const json_t *list, struct error *err)
{
	static const char member[] = "process.scheduler.flags";
	const json_t *one;
	size_t i;

	if (list && !json_is_array(list))
		return config_bad(err, member, "should be a list");
	json_array_foreach (list, i, one) {
		int bit = schedule_flag(json_string_value(one));
		if (bit < 0)
			return config_bad(err, member, "has a flag that sched_setattr(2) does not");
		w->flags |= (uint64_t)bit;
	}
	return 0;
}

int config_read_scheduler(struct config *c, const json_t *object, struct error *err)
{
	const char *policy = json_string_value(json_object_get(object, "policy"));
	int64_t nice = 0, priority = 0, runtime = 0, deadline = 0, period = 0;
	struct schedule *w;
	int r, number = schedule_policy(policy);

	if (!object || json_is_null(object))
		return 0;
	if (policy && !strcmp(policy, "SCHED_ISO"))
		return config_refuse(
		        err, "process.scheduler.policy", "SCHED_ISO is of no kernel there is");
	if (number < 0)
		return config_bad(err, "process.scheduler.policy",
		        "should be SCHED_OTHER, SCHED_BATCH, SCHED_IDLE, SCHED_FIFO, SCHED_RR or "
		        "SCHED_DEADLINE");
	w = arena_alloc(&c->arena, sizeof *w);
	if (!w)
		return config_no_memory(err);
	r = config_number(object, "nice", "process.scheduler.nice", -20, 19, &nice, err);
	if (r == 0)
		r = config_number(
		        object, "priority", "process.scheduler.priority", 0, 99, &priority, err);
	if (r == 0)
		r = config_number(object, "runtime", "process.scheduler.runtime", 0, INT64_MAX,
		        &runtime, err);
	if (r == 0)
		r = config_number(object, "deadline", "process.scheduler.deadline", 0, INT64_MAX,
		        &deadline, err);
	if (r == 0)
		r = config_number(
		        object, "period", "process.scheduler.period", 0, INT64_MAX, &period, err);
	if (r < 0)
		return r;
	*w = (struct schedule){
	        .policy_name = arena_strdup(&c->arena, policy),
	        .policy = (uint32_t)number,
	        .nice = (int32_t)nice,
	        .priority = (uint32_t)priority,
	        .runtime = (uint64_t)runtime,
	        .deadline = (uint64_t)deadline,
	        .period = (uint64_t)period,
	};
	c->scheduler = w;
	if (!w->policy_name)
		return config_no_memory(err);
	r = read_flags(w, json_object_get(object, "flags"), err);
	return r < 0 ? r : check_fit(w, err);
}

int config_read_io_priority(struct config *c, const json_t *object, struct error *err)
{
	static const char member[] = "process.ioPriority.priority";
	int class = schedule_io_class(json_string_value(json_object_get(object, "class")));
	int64_t priority = -1;
	int r;

	c->io_priority = IO_PRIORITY_NOT_SAID;
	if (!object || json_is_null(object))
		return 0;
	if (class < 0)
		return config_bad(err, "process.ioPriority.class",
		        "should be IOPRIO_CLASS_RT, IOPRIO_CLASS_BE or IOPRIO_CLASS_IDLE");
	r = config_number(object, "priority", member, 0, 7, &priority, err);
	if (r < 0)
		return r;
	if (priority < 0)
		return config_bad(err, member, "is missing: 0 (first) to 7");
	c->io_priority = class << IO_CLASS_SHIFT | (int)priority;
	return 0;
}

static int read_cpus(struct config *c, const json_t *object, const char *key, const char *member,
        cpu_set_t **ret, struct error *err)
{
	const char *text = "";
	cpu_set_t *set;
	int r = config_text(c, object, key, member, "", &text, err);

	if (r < 0 || !*text)
		return r;
	set = arena_alloc(&c->arena, sizeof *set);
	if (!set)
		return config_no_memory(err);
	if (schedule_cpus(text, set) < 0)
		return config_bad(err, member, "should be a list of processors: 0-3,7");
	*ret = set;
	return 0;
}

int config_read_affinity(struct config *c, const json_t *object, struct error *err)
{
	int r = read_cpus(c, object, "initial", "process.execCPUAffinity.initial",
	        &c->exec_cpus_initial, err);

	if (r == 0)
		r = read_cpus(c, object, "final", "process.execCPUAffinity.final",
		        &c->exec_cpus_final, err);
	return r;
}
