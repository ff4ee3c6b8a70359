/* How much it may use: the control group of a container and its limits, cgroups(7). */
#include "kernel/do/build.h"
#include "kernel/do/cgroup/cgroup.h"
#include "kernel/do/cgroup/directories.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const enum cgroup_controller all_controllers[] = {
        CGROUP_PIDS, CGROUP_MEMORY, CGROUP_CPU, CGROUP_FREEZER};
enum { N_CONTROLLERS = sizeof all_controllers / sizeof *all_controllers };

static struct directories directories(const struct build *b)
{
	bool v2 = !strcmp(cgroup_limit_file(b->cgroup, CGROUP_MEMORY), "memory.max");
	struct directories d = {.n = 0};

	for (size_t i = 0; i < N_CONTROLLERS; i++)
		directories_add(&d, cgroup_directory(b->cgroup, all_controllers[i]), v2);
	return d;
}

/* ---- cgroup: the directory ---------------------------------------------------------------- */

static void explain_cgroup(const struct step *s, const struct build *b, struct explanation *e)
{
	struct directories d = directories(b);

	(void)s;
	directories_explain(&d, e);
	buf_add(&e->why,
	        "In this file system a directory is a control group: the kernel counts what all "
	        "processes in it use together.");
}

int limit_open_join_files(struct build *b, struct error *err)
{
	struct directories d = directories(b);

	return directories_open_join(d.paths, d.n, b, err);
}

static int undo_cgroup(const struct step *s, struct build *b, struct error *err)
{
	(void)s;
	directories_close_join(b);
	return cgroup_remove(b->cgroup, err);
}

static int apply_cgroup(const struct step *s, struct build *b, struct error *err)
{
	int r = cgroup_create(b->cgroup, b->ledger, err);

	if (r == 0) {
		r = limit_open_join_files(b, err);
		if (r < 0)
			undo_cgroup(s, b, NULL);
	}
	return r;
}

static int verify_cgroup(
        const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	struct directories d = directories(b);

	return directories_verify(&d, s, seen, err);
}

const struct step_ops step_cgroup = {
        .id = "cgroup",
        .title = "a control group to count and limit it",
        .man = "mkdir(2), cgroups(7)",
        .where = STEP_HOST,
        .reversible = true,
        .explain = explain_cgroup,
        .host_apply = apply_cgroup,
        .host_undo = undo_cgroup,
        .verify = verify_cgroup,
};

/* ---- the limits: a number in a file ------------------------------------------------------- */

struct limit {
	enum cgroup_controller controller;
	const char *why;
	int (*set)(struct cgroup *cg, uint64_t value, struct error *err);
	int (*get)(struct cgroup *cg, uint64_t *ret, struct error *err);
};

static const struct limit memory = {
        CGROUP_MEMORY,
        "Together they may use no more memory than this: beyond it the kernel reclaims, and then "
        "ends one of them.",
        cgroup_set_memory_max,
        cgroup_get_memory_max,
};
static const struct limit pids = {
        CGROUP_PIDS,
        "Together they may be no more processes than this: fork(2) fails then, and a fork bomb "
        "stops here.",
        cgroup_set_pids_max,
        cgroup_get_pids_max,
};

static uint64_t wanted(const struct limit *l, const struct build *b)
{
	return l->controller == CGROUP_MEMORY ? b->config->memory_max : b->config->pids_max;
}

static void explain_limit(const struct step *s, const struct build *b, struct explanation *e)
{
	const struct limit *l = s->ops->data;
	const char *directory = cgroup_directory(b->cgroup, l->controller);
	const char *file = cgroup_limit_file(b->cgroup, l->controller);

	buf_addf(&e->call, "write(\"%s/%s\", \"%" PRIu64 "\")", directory, file, wanted(l, b));
	buf_addf(&e->shell, "echo %" PRIu64 " > %s/%s", wanted(l, b), directory, file);
	buf_add(&e->why, l->why);
}

static int apply_limit(const struct step *s, struct build *b, struct error *err)
{
	const struct limit *l = s->ops->data;

	return l->set(b->cgroup, wanted(l, b), err);
}

static int undo_limit(const struct step *s, struct build *b, struct error *err)
{
	const struct limit *l = s->ops->data;

	return l->set(b->cgroup, CGROUP_UNLIMITED, err);
}

static int verify_limit(
        const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	const struct limit *l = s->ops->data;
	const char *file = cgroup_limit_file(b->cgroup, l->controller);
	uint64_t found = 0, page = (uint64_t)sysconf(_SC_PAGESIZE);
	int r = l->get(b->cgroup, &found, err);

	if (r < 0)
		return r;
	/* Memory is counted in pages: the kernel rounds the limit down to one. */
	if (found != wanted(l, b) && found != wanted(l, b) / page * page)
		return step_unverified(s, err, file, "says %" PRIu64, found);
	buf_addf(seen, "%s/%s is %" PRIu64 "\n", cgroup_directory(b->cgroup, l->controller), file,
	        found);
	return 0;
}

const struct step_ops step_limit_memory = {
        .id = "limit-memory",
        .title = "no more memory than this",
        .man = "write(2), cgroups(7)",
        .where = STEP_HOST,
        .reversible = true,
        .data = &memory,
        .explain = explain_limit,
        .host_apply = apply_limit,
        .host_undo = undo_limit,
        .verify = verify_limit,
};
const struct step_ops step_limit_pids = {
        .id = "limit-pids",
        .title = "no more processes than this",
        .man = "write(2), cgroups(7)",
        .where = STEP_HOST,
        .reversible = true,
        .data = &pids,
        .explain = explain_limit,
        .host_apply = apply_limit,
        .host_undo = undo_limit,
        .verify = verify_limit,
};

/* ---- cgroup-join: into it ------------------------------------------------------------------ */

static void explain_join(const struct step *s, const struct build *b, struct explanation *e)
{
	struct directories d = directories(b);

	(void)s;
	directories_explain_join(&d, b->process.pid, e);
}

static int join(const struct step *s, struct build *b, struct child_error *fail)
{
	struct directories d = directories(b);

	(void)s;
	return directories_join(b, &d, fail);
}

static int verify_join(
        const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	if (!cgroup_contains(b->cgroup, b->process.pid))
		return step_unverified(s, err, cgroup_path(b->cgroup), "process %d is not in it",
		        (int)b->process.pid);
	buf_addf(seen, "/proc/%d/cgroup says %s\n", (int)b->process.pid, cgroup_path(b->cgroup));
	return 0;
}

static void diagnose_join(const struct step *s, const struct build *b, int code, struct error *err)
{
	(void)s;
	(void)b;
	if (code == EBUSY) {
		snprintf(err->cause, sizeof err->cause,
		        "a v2 group that hands controllers to children may hold no processes "
		        "itself");
	} else if (code == EACCES || code == EPERM) {
		snprintf(err->cause, sizeof err->cause,
		        "moving a process needs the right to write cgroup.procs of the group "
		        "above both");
	}
}

const struct step_ops step_cgroup_join = {
        .id = "cgroup-join",
        .title = "into the control group",
        .man = "write(2), cgroups(7)",
        .where = STEP_CHILD,
        .explain = explain_join,
        .child_apply = join,
        .verify = verify_join,
        .diagnose = diagnose_join,
};
