/* The control group that an engine chose, and linux.resources of config.json: as limit.c, for any
 * path and every limit. */
#include "kernel/do/build.h"
#include "kernel/do/cgroup/directories.h"
#include "kernel/do/cgroup/group.h"
#include "kernel/do/steps.h"

#include <errno.h>

static struct directories directories(const struct build *b)
{
	struct directories d = {.n = 0};

	for (size_t i = 0; i < group_count(b->group); i++)
		directories_add(&d, group_directory(b->group, i), group_is_v2(b->group, i));
	return d;
}

static void explain_make(const struct step *s, const struct build *b, struct explanation *e)
{
	struct directories d = directories(b);

	(void)s;
	directories_explain(&d, e);
	buf_add(&e->why, "In this file system a directory is a control group; the engine has said "
	                 "where.");
}

static int undo_make(const struct step *s, struct build *b, struct error *err)
{
	struct directories d = directories(b);
	unsigned kept = 0;

	(void)s;
	directories_close_join(b);
	for (size_t i = 0; i < group_count(b->group); i++)
		kept |= (unsigned)group_was_there(b->group, i) << i;
	return group_remove(d.paths, d.n, kept, err);
}

static int apply_make(const struct step *s, struct build *b, struct error *err)
{
	struct directories d = directories(b);
	int r = group_make(b->group, err);

	if (r == -EBUSY) /* what is in it is not ours to end */
		return r;
	if (r == 0)
		r = directories_open_join(d.paths, d.n, b, err);
	if (r < 0)
		undo_make(s, b, NULL);
	return r;
}

static int verify_make(
        const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	struct directories d = directories(b);

	return directories_verify(&d, s, seen, err);
}

const struct step_ops step_group = {
        .id = "cgroup-path",
        .title = "the control group that was asked for",
        .man = "mkdir(2), cgroups(7)",
        .where = STEP_HOST,
        .reversible = true,
        .beside_child = true,
        .explain = explain_make,
        .host_apply = apply_make,
        .host_undo = undo_make,
        .verify = verify_make,
};

/* ---- resources ------------------------------------------------------------------------------ */

static void explain_limits(const struct step *s, const struct build *b, struct explanation *e)
{
	const struct config *c = b->config;

	(void)s;
	for (size_t i = 0; i < c->n_resources; i++) {
		const struct resource *r = &c->resources[i];
		const char *file = r->v1_file && *r->v1_file ? r->v1_file : r->v2_file;
		const char *value = r->v1_file && *r->v1_file ? r->v1_value : r->v2_value;
		if (!file || !*file)
			continue;
		buf_addf(&e->call, "%swrite(\"%s\", \"%s\")", e->call.len ? "\n" : "", file, value);
		buf_addf(&e->shell, "%secho %s > %s", e->shell.len ? "\n" : "", value, file);
	}
	if (c->n_device_rules) {
		buf_addf(&e->call, "%sdevices: %zu rules", e->call.len ? "\n" : "",
		        c->n_device_rules);
		buf_addf(&e->shell, "%secho a > devices.deny", e->shell.len ? "\n" : "");
	}
	buf_add(&e->why, "A limit is a number in a file of the group; the kernel enforces it for "
	                 "all processes in it together.");
}

static int apply_limits(const struct step *s, struct build *b, struct error *err)
{
	(void)s;
	return group_limit(b->group, b->config, err);
}

static int verify_limits(
        const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	int r = verify_make(s, b, seen, err);

	if (r == 0)
		buf_addf(seen, "%zu limits were accepted by the kernel\n", b->config->n_resources);
	return r;
}

const struct step_ops step_resources = {
        .id = "resources",
        .title = "no more than this of each",
        .man = "write(2), cgroups(7)",
        .where = STEP_HOST,
        .reversible = true,
        .explain = explain_limits,
        .host_apply = apply_limits,
        .verify = verify_limits,
};

/* ---- into it -------------------------------------------------------------------------------- */

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
	struct directories d = directories(b);
	pid_t pids[64];
	size_t count = group_processes(d.paths, d.n, pids, 64);

	for (size_t i = 0; i < count && i < 64; i++)
		if (pids[i] == b->process.pid) {
			buf_addf(seen, "%s/cgroup.procs has %d\n", d.paths[0], (int)pids[i]);
			return 0;
		}
	return step_unverified(s, err, d.paths[0], "process %d is not in it", (int)b->process.pid);
}

const struct step_ops step_group_join = {
        .id = "cgroup-path-join",
        .title = "into the control group",
        .man = "write(2), cgroups(7)",
        .where = STEP_CHILD,
        .explain = explain_join,
        .child_apply = join,
        .verify = verify_join,
};
