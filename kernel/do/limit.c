/* How much it may use: the control group of a container and its limits, cgroups(7). */
#include "kernel/base/cleanup.h"
#include "kernel/do/build.h"
#include "kernel/do/cgroup.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const enum cgroup_controller all_controllers[] = {
        CGROUP_PIDS, CGROUP_MEMORY, CGROUP_CPU, CGROUP_FREEZER};
enum { N_CONTROLLERS = sizeof all_controllers / sizeof *all_controllers };

/* Calls `each` for every distinct directory that the group has: one on v2, one a controller on
 * v1. Returns how many, at most BUILD_CGROUP_FDS. */
static size_t directories(const struct build *b, const char *ret[static BUILD_CGROUP_FDS])
{
	size_t n = 0;

	for (size_t i = 0; i < N_CONTROLLERS && n < BUILD_CGROUP_FDS; i++) {
		const char *directory = cgroup_directory(b->cgroup, all_controllers[i]);
		size_t k = 0;
		if (!directory)
			continue;
		while (k < n && strcmp(ret[k], directory) != 0)
			k++;
		if (k == n)
			ret[n++] = directory;
	}
	return n;
}

/* The file through which a task joins. On v1 `tasks` and not `cgroup.procs`: a task that moves
 * only itself, written as "0", spares the kernel the lock over all threads of all processes, which
 * takes milliseconds to get (kernel/cgroup/cgroup.c, cgroup_procs_write_start). */
static const char *join_file(const struct build *b)
{
	bool v2 = !strcmp(cgroup_limit_file(b->cgroup, CGROUP_MEMORY), "memory.max");

	return v2 ? "cgroup.procs" : "tasks";
}

/* ---- cgroup: the directory ---------------------------------------------------------------- */

static void explain_cgroup(const struct step *s, const struct build *b, struct explanation *e)
{
	const char *dirs[BUILD_CGROUP_FDS];
	size_t n = directories(b, dirs);

	(void)s;
	for (size_t i = 0; i < n; i++) {
		buf_addf(&e->call, "%smkdir(\"%s\", 0755)", i ? "\n" : "", dirs[i]);
		buf_addf(&e->shell, "%smkdir -p %s", i ? "\n" : "", dirs[i]);
	}
	buf_add(&e->why,
	        "In this file system a directory is a control group: the kernel counts what all "
	        "processes in it use together.");
}

int limit_open_join_files(struct build *b, struct error *err)
{
	const char *dirs[BUILD_CGROUP_FDS];
	size_t n = directories(b, dirs);

	for (size_t i = 0; i < n; i++) {
		auto_free char *path = NULL;
		int fd;
		if (asprintf(&path, "%s/%s", dirs[i], join_file(b)) < 0)
			return error_set(err, ENOMEM, "join control group", dirs[i], NULL);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			return error_set(err, errno, "join control group", path, NULL);
		b->cgroup_fds[b->n_cgroup_fds++] = fd;
	}
	return 0;
}

static int undo_cgroup(const struct step *s, struct build *b, struct error *err)
{
	(void)s;
	for (size_t i = 0; i < b->n_cgroup_fds; i++)
		cleanup_fd(&b->cgroup_fds[i]);
	b->n_cgroup_fds = 0;
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
	const char *dirs[BUILD_CGROUP_FDS];
	size_t n = directories(b, dirs);

	for (size_t i = 0; i < n; i++) {
		if (access(dirs[i], F_OK) < 0)
			return step_unverified(s, err, dirs[i], "is not there");
		buf_addf(seen, "%s exists\n", dirs[i]);
	}
	return 0;
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
	const char *dirs[BUILD_CGROUP_FDS];
	size_t n = directories(b, dirs);
	char pid[16] = "PID";

	(void)s;
	if (b->process.pid)
		snprintf(pid, sizeof pid, "%d", (int)b->process.pid);
	for (size_t i = 0; i < n; i++) {
		buf_addf(&e->call, "%swrite(\"%s/%s\", \"0\")", i ? "\n" : "", dirs[i],
		        join_file(b));
		buf_addf(&e->shell, "%secho %s > %s/cgroup.procs", i ? "\n" : "", pid, dirs[i]);
	}
	buf_add(&e->why, "It enters the group (0 means: me), and all that it will start is born "
	                 "in there.");
}

static int join(const struct step *s, struct build *b, struct child_error *fail)
{
	(void)s;
	for (size_t i = 0; i < b->n_cgroup_fds; i++)
		if (write(b->cgroup_fds[i], "0", 1) < 0)
			return child_fail(fail, errno, "write 0 to", "tasks or cgroup.procs");
	return 0;
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
