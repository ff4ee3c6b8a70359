/* Clocks of one's own: a time namespace, time_namespaces(7). Linux 5.6.
 *
 * unshare(2) makes one for the children only, so that the clocks can be set before anybody lives by
 * them; then the process enters it itself, by the file that stands for it. */
#include "kernel/base/cleanup.h"
#include "kernel/do/build.h"
#include "kernel/do/namespace.h"
#include "kernel/do/procfs.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	const char *line = b->config->time_offsets;

	(void)s;
	buf_add(&e->call, "unshare(CLONE_NEWTIME)\n");
	buf_add(&e->shell, "unshare --time");
	for (size_t n; line && *line; line += n + 1) {
		n = strcspn(line, "\n");
		buf_addf(
		        &e->call, "write(\"/proc/self/timens_offsets\", \"%.*s\")\n", (int)n, line);
		buf_addf(&e->shell, " --%.*s", (int)strcspn(line, " "), line);
		buf_addf(&e->shell, " %.*s", (int)strcspn(strchr(line, ' ') + 1, " "),
		        strchr(line, ' ') + 1);
	}
	buf_add(&e->call, "setns(open(\"/proc/self/ns/time_for_children\"), CLONE_NEWTIME)");
	buf_add(&e->why, "How long the machine has been up is another number in there; the date is "
	                 "the same everywhere.");
}

/* A process that nobody may look into (prctl(2), PR_SET_DUMPABLE) may not write its own files in
 * /proc either, proc(5): for the moment of opening it may be looked into. */
static int open_offsets(void)
{
	int before = prctl(PR_GET_DUMPABLE), fd;

	if (before != 1)
		prctl(PR_SET_DUMPABLE, 1);
	fd = procfs_open("/proc/self/timens_offsets", O_WRONLY);
	if (before != 1)
		prctl(PR_SET_DUMPABLE, 0);
	return fd;
}

static int set_clocks(const struct build *b, struct child_error *fail)
{
	const char *text = b->config->time_offsets;
	auto_close fd = -1;

	if (!text)
		return 0;
	fd = open_offsets();
	if (fd < 0)
		return child_fail(fail, -fd, "open", "/proc/self/timens_offsets");
	if (write(fd, text, strlen(text)) < 0)
		return child_fail(fail, errno, "write linux.timeOffsets", text);
	return 0;
}

static int apply(const struct step *s, struct build *b, struct child_error *fail)
{
	auto_close fd = -1;
	int r;

	(void)s;
	if (unshare(CLONE_NEWTIME) < 0)
		return child_fail(fail, errno, "unshare", "CLONE_NEWTIME");
	r = set_clocks(b, fail);
	if (r < 0)
		return r;
	fd = open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return child_fail(fail, errno, "open", "/proc/self/ns/time_for_children");
	if (setns(fd, CLONE_NEWTIME) < 0)
		return child_fail(fail, errno, "setns", "CLONE_NEWTIME");
	return 0;
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	return namespace_verify(s, b, "time", seen, err);
}

static void diagnose(const struct step *s, const struct build *b, int code, struct error *err)
{
	(void)s;
	(void)b;
	if (code == ERANGE) {
		snprintf(err->cause, sizeof err->cause,
		        "the clock would show a time before 0, or one after 146 years");
		error_advise(err, "see linux.timeOffsets in config.json, and /proc/uptime");
	} else if (code == EPERM) {
		snprintf(err->cause, sizeof err->cause,
		        "it takes CAP_SYS_ADMIN, and CAP_SYS_TIME for its clocks, in its user "
		        "namespace");
	} else if (code == EINVAL && strstr(err->operation, "unshare")) {
		snprintf(err->cause, sizeof err->cause, "this kernel has no time namespaces");
	} else if (code == ENOSPC) {
		snprintf(err->cause, sizeof err->cause,
		        "the limit of time namespaces of this user is reached");
		error_advise(err, "raise /proc/sys/user/max_time_namespaces");
	}
}

const struct step_ops step_namespace_time = {
        .id = "namespace-time",
        .title = "clocks of its own",
        .man = "unshare(2), time_namespaces(7)",
        .where = STEP_CHILD,
        .explain = explain,
        .child_apply = apply,
        .verify = verify,
        .diagnose = diagnose,
};
