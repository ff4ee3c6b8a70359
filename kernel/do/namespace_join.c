/* Namespaces that are there already, entered through their files: setns(2). What a pod is: several
 * containers that share a network, and perhaps a host name and shared memory. */
#include "kernel/base/cleanup.h"
#include "kernel/do/build.h"
#include "kernel/do/namespace.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *flag_name(unsigned long flag)
{
	return flag == CLONE_NEWPID      ? "CLONE_NEWPID"
	       : flag == CLONE_NEWUTS    ? "CLONE_NEWUTS"
	       : flag == CLONE_NEWIPC    ? "CLONE_NEWIPC"
	       : flag == CLONE_NEWNET    ? "CLONE_NEWNET"
	       : flag == CLONE_NEWCGROUP ? "CLONE_NEWCGROUP"
	                                 : "0";
}

static int join(const char *path, unsigned long flag, struct child_error *fail)
{
	auto_close fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return child_fail(fail, errno, "open namespace", path);
	if (setns(fd, (int)flag) < 0)
		return child_fail(fail, errno, "setns", path);
	return 0;
}

int namespace_join_pid(const struct build *b, struct child_error *fail)
{
	for (size_t i = 0; i < b->config->n_joined; i++)
		if (b->config->joined[i].flag == CLONE_NEWPID)
			return join(b->config->joined[i].path, CLONE_NEWPID, fail);
	return 0;
}

void namespace_leave_pid(const struct build *b)
{
	struct child_error ignored = {0};

	for (size_t i = 0; i < b->config->n_joined; i++)
		if (b->config->joined[i].flag == CLONE_NEWPID)
			join("/proc/self/ns/pid", CLONE_NEWPID, &ignored);
}

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	const struct config *c = b->config;

	(void)s;
	for (size_t i = 0; i < c->n_joined; i++) {
		buf_addf(&e->call, "%ssetns(open(\"%s\"), %s)", i ? "\n" : "", c->joined[i].path,
		        flag_name(c->joined[i].flag));
		buf_addf(&e->shell, "%snsenter --%s=%s", i ? "\n" : "",
		        c->joined[i].flag == CLONE_NEWNET ? "net" : "…", c->joined[i].path);
	}
	buf_add(&e->why, "It shares these with whoever is in them already, as the containers of a "
	                 "pod do.");
}

static int apply(const struct step *s, struct build *b, struct child_error *fail)
{
	(void)s;
	for (size_t i = 0; i < b->config->n_joined; i++) {
		const struct namespace_path *ns = &b->config->joined[i];
		int r = ns->flag == CLONE_NEWPID ? 0 : join(ns->path, ns->flag, fail);
		if (r < 0)
			return r;
	}
	return 0;
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	static const struct {
		unsigned long flag;
		const char *name;
	} files[] = {
	        {CLONE_NEWPID, "pid"},
	        {CLONE_NEWUTS, "uts"},
	        {CLONE_NEWIPC, "ipc"},
	        {CLONE_NEWNET, "net"},
	        {CLONE_NEWCGROUP, "cgroup"},
	};

	for (size_t i = 0; i < b->config->n_joined; i++)
		for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
			char its[64];
			if (files[k].flag != b->config->joined[i].flag)
				continue;
			if (namespace_read(b->process.pid, files[k].name, its) < 0)
				return step_unverified(s, err, files[k].name, "cannot be read");
			buf_addf(seen, "/proc/%d/ns/%s is %s\n", (int)b->process.pid, files[k].name,
			        its);
		}
	return 0;
}

static void diagnose(const struct step *s, const struct build *b, int code, struct error *err)
{
	(void)s;
	(void)b;
	if (code == EINVAL)
		snprintf(err->cause, sizeof err->cause,
		        "the file is no namespace of the type that linux.namespaces says");
}

const struct step_ops step_namespace_join = {
        .id = "namespace-join",
        .title = "into namespaces that are there already",
        .man = "setns(2), namespaces(7)",
        .where = STEP_CHILD,
        .explain = explain,
        .child_apply = apply,
        .verify = verify,
        .diagnose = diagnose,
};
