/* What one process may use: process.rlimits, setrlimit(2). Older than control groups, and counted
 * for each process or user alone; programs still ask for them. */
#include "kernel/do/rlimit.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/build.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

static const char *const names[] = {
        [RLIMIT_AS] = "RLIMIT_AS",
        [RLIMIT_CORE] = "RLIMIT_CORE",
        [RLIMIT_CPU] = "RLIMIT_CPU",
        [RLIMIT_DATA] = "RLIMIT_DATA",
        [RLIMIT_FSIZE] = "RLIMIT_FSIZE",
        [RLIMIT_LOCKS] = "RLIMIT_LOCKS",
        [RLIMIT_MEMLOCK] = "RLIMIT_MEMLOCK",
        [RLIMIT_MSGQUEUE] = "RLIMIT_MSGQUEUE",
        [RLIMIT_NICE] = "RLIMIT_NICE",
        [RLIMIT_NOFILE] = "RLIMIT_NOFILE",
        [RLIMIT_NPROC] = "RLIMIT_NPROC",
        [RLIMIT_RSS] = "RLIMIT_RSS",
        [RLIMIT_RTPRIO] = "RLIMIT_RTPRIO",
        [RLIMIT_RTTIME] = "RLIMIT_RTTIME",
        [RLIMIT_SIGPENDING] = "RLIMIT_SIGPENDING",
        [RLIMIT_STACK] = "RLIMIT_STACK",
};

int rlimit_number(const char *name)
{
	for (size_t i = 0; name && i < sizeof names / sizeof *names; i++)
		if (names[i] && !strcmp(name, names[i]))
			return (int)i;
	return -1;
}

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	(void)s;
	for (size_t i = 0; i < b->config->n_limits; i++) {
		const struct resource_limit *l = &b->config->limits[i];
		buf_addf(&e->call, "%ssetrlimit(%s, {%" PRIu64 ", %" PRIu64 "})", i ? "\n" : "",
		        names[l->resource], l->soft, l->hard);
		buf_addf(&e->shell, "%sprlimit --%s=%" PRIu64 ":%" PRIu64, i ? "\n" : "",
		        names[l->resource] + strlen("RLIMIT_"), l->soft, l->hard);
	}
	buf_add(&e->why, "Limits of the single process, handed down to all that it starts.");
}

bool rlimit_raises(const struct config *c)
{
	for (size_t i = 0; i < c->n_limits; i++) {
		struct rlimit own;
		if (getrlimit((__rlimit_resource_t)c->limits[i].resource, &own) == 0 &&
		        own.rlim_max < c->limits[i].hard)
			return true;
	}
	return false;
}

/* Raising is for who has CAP_SYS_RESOURCE on the host: the process itself may not any more, in a
 * user namespace. So the room is made from outside, and the limit is set from inside. */
static int raise_hard(const struct step *s, struct build *b, struct error *err)
{
	struct child_error fail = {0};

	for (size_t i = 0; i < b->config->n_limits; i++) {
		const struct resource_limit *l = &b->config->limits[i];
		__rlimit_resource_t resource = (__rlimit_resource_t)l->resource;
		struct rlimit limit;
		if (prlimit(b->process.pid, resource, NULL, &limit) < 0 ||
		        limit.rlim_max >= l->hard)
			continue;
		limit.rlim_max = l->hard;
		if (prlimit(b->process.pid, resource, &limit, NULL) < 0) {
			child_fail(&fail, errno, "prlimit", names[l->resource]);
			return step_failed(s, b, &fail, err);
		}
	}
	return 0;
}

static int apply(const struct step *s, struct build *b, struct child_error *fail)
{
	(void)s;
	for (size_t i = 0; i < b->config->n_limits; i++) {
		const struct resource_limit *l = &b->config->limits[i];
		struct rlimit limit = {.rlim_cur = l->soft, .rlim_max = l->hard};
		if (setrlimit((__rlimit_resource_t)l->resource, &limit) < 0)
			return child_fail(fail, errno, "setrlimit", names[l->resource]);
	}
	return 0;
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	for (size_t i = 0; i < b->config->n_limits; i++) {
		const struct resource_limit *l = &b->config->limits[i];
		struct rlimit is;
		if (prlimit(b->process.pid, (__rlimit_resource_t)l->resource, NULL, &is) < 0 ||
		        is.rlim_cur != l->soft || is.rlim_max != l->hard)
			return step_unverified(s, err, names[l->resource], "is not as asked for");
		buf_addf(seen, "%s is %" PRIu64 "\n", names[l->resource], l->soft);
	}
	return 0;
}

static void diagnose(const struct step *s, const struct build *b, int code, struct error *err)
{
	struct rlimit own = {0};
	int resource = rlimit_number(err->object);

	(void)s;
	(void)b;
	if (code != EPERM || resource < 0)
		return;
	getrlimit((__rlimit_resource_t)resource, &own);
	snprintf(err->cause, sizeof err->cause,
	        "raising the hard limit above %" PRIu64 " takes CAP_SYS_RESOURCE%s",
	        (uint64_t)own.rlim_max,
	        resource == RLIMIT_NOFILE ? ", and never above /proc/sys/fs/nr_open" : "");
	error_advise(err, "ask for no more than 'prlimit' shows");
}

const struct step_ops step_rlimits = {
        .id = "rlimits",
        .title = "limits of the single process",
        .man = "setrlimit(2)",
        .where = STEP_CHILD,
        .explain = explain,
        .host_apply = raise_hard,
        .child_apply = apply,
        .verify = verify,
        .diagnose = diagnose,
};
