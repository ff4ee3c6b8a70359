/* How much time on processors a container may use: a quota in each period. When the quota is used
 * up, all its processes wait for the next period (throttling), sched-bwc.rst. */
#include "kernel/base/cleanup.h"
#include "kernel/do/build.h"
#include "kernel/do/cgroup/cgroup.h"
#include "kernel/do/steps.h"

#include <inttypes.h>
#include <string.h>

/* v2 has both numbers in one file, v1 each in its own. */
static bool in_one_file(const struct build *b)
{
	return !strcmp(cgroup_limit_file(b->cgroup, CGROUP_CPU), "cpu.max");
}

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	const char *directory = cgroup_directory(b->cgroup, CGROUP_CPU);
	const char *file = cgroup_limit_file(b->cgroup, CGROUP_CPU);
	uint64_t quota = b->config->cpu_quota_us, period = b->config->cpu_period_us;

	(void)s;
	if (in_one_file(b)) {
		buf_addf(&e->call, "write(\"%s/%s\", \"%" PRIu64 " %" PRIu64 "\")", directory, file,
		        quota, period);
		buf_addf(&e->shell, "echo %" PRIu64 " %" PRIu64 " > %s/%s", quota, period,
		        directory, file);
	} else {
		buf_addf(&e->call,
		        "write(\"%s/cpu.cfs_period_us\", \"%" PRIu64 "\")\n"
		        "write(\"%s/%s\", \"%" PRIu64 "\")",
		        directory, period, directory, file, quota);
		buf_addf(&e->shell,
		        "echo %" PRIu64 " > %s/cpu.cfs_period_us\n"
		        "echo %" PRIu64 " > %s/%s",
		        period, directory, quota, directory, file);
	}
	buf_add(&e->why, "So many microseconds of processor time in each period, for all of them "
	                 "together: then they wait until the next one begins.");
}

static int apply(const struct step *s, struct build *b, struct error *err)
{
	(void)s;
	return cgroup_set_cpu_max(
	        b->cgroup, b->config->cpu_quota_us, b->config->cpu_period_us, err);
}

static int undo(const struct step *s, struct build *b, struct error *err)
{
	(void)s;
	return cgroup_set_cpu_max(b->cgroup, CGROUP_UNLIMITED, b->config->cpu_period_us, err);
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	const char *file = cgroup_limit_file(b->cgroup, CGROUP_CPU);
	uint64_t found = 0;
	int r = cgroup_get_cpu_max(b->cgroup, &found, err);

	if (r < 0)
		return r;
	if (found != b->config->cpu_quota_us)
		return step_unverified(s, err, file, "says %" PRIu64, found);
	buf_addf(seen, "%s/%s is %" PRIu64 "\n", cgroup_directory(b->cgroup, CGROUP_CPU), file,
	        found);
	return 0;
}

const struct step_ops step_limit_cpu = {
        .id = "limit-cpu",
        .title = "no more processor time than this",
        .man = "write(2), cgroups(7)",
        .where = STEP_HOST,
        .reversible = true,
        .explain = explain,
        .host_apply = apply,
        .host_undo = undo,
        .verify = verify,
};
