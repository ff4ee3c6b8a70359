/* How a process is given the processor and the disk: process.scheduler, process.ioPriority and
 * process.execCPUAffinity; sched(7), ioprio_set(2), sched_setaffinity(2). */
#pragma once

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

/* As sched_setattr(2) wants it; only the members that belong to the policy are not 0. */
struct schedule {
	const char *policy_name;
	uint32_t policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period; /* ns */
};

enum { IO_PRIORITY_NOT_SAID = -1, IO_CLASS_SHIFT = 13 };

/* Numbers by the names of the specification; -1 for none. */
int schedule_policy(const char *name);
int schedule_flag(const char *name);
int schedule_io_class(const char *name);

/* "0-3,7", as in cpuset(7). -EINVAL, also for no processor at all and for more than CPU_SETSIZE. */
int schedule_cpus(const char *text, cpu_set_t *ret);
