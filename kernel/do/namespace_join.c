#include "kernel/do/namespace_join.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/build.h"
#include "kernel/do/child.h"
#include "kernel/do/clone.h"
#include "kernel/do/namespace.h"
#include "kernel/do/namespace_kind.h"
#include "kernel/do/oom_score.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the files ------------------------------------------------------------------------------ */

static int not_joined(const char *path, int code, const char *cause, struct error *err)
{
	error_set(err, code, "join namespace", path, "%s", cause);
	error_advise(err, "see linux.namespaces in config.json");
	return -code;
}

static int check_kind(int fd, const struct namespace_path *ns, struct error *err)
{
	const struct namespace_kind *want = namespace_kind_of_flag(ns->flag), *is;
	struct statfs fs;
	char cause[128];

	/* Only of a namespace: an ioctl(2) means something else to any other file. */
	if (fstatfs(fd, &fs) < 0 || fs.f_type != NSFS_MAGIC)
		return not_joined(ns->path, EINVAL, "it is no namespace", err);
	is = namespace_kind_of_flag((unsigned long)ioctl(fd, NS_GET_NSTYPE));
	if (is == want)
		return 0;
	snprintf(cause, sizeof cause,
	        "it is a namespace of the kind \"%s\", and the configuration says \"%s\"",
	        is ? is->type : "?", want->type);
	return not_joined(ns->path, EINVAL, cause, err);
}

static bool is_own_user_namespace(int fd)
{
	struct stat its, own;

	return fstat(fd, &its) == 0 && stat("/proc/self/ns/user", &own) == 0 &&
	       its.st_dev == own.st_dev && its.st_ino == own.st_ino;
}

int namespace_join_open(struct build *b, struct error *err)
{
	const struct config *c = b->config;

	if ((c->namespaces | config_joined(c)) & CLONE_NEWTIME &&
	        access("/proc/self/ns/time", F_OK) < 0)
		return error_set(err, ENOTSUP, "read config.json", "linux.namespaces",
		        "this kernel has no time namespaces");
	for (size_t i = 0; i < c->n_joined; i++) {
		const struct namespace_path *ns = &c->joined[i];
		auto_close fd = open(ns->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		if (fd < 0)
			return not_joined(ns->path, errno,
			        errno == ENOENT ? "there is no such file" : strerror(errno), err);
		int r = check_kind(fd, ns, err);
		if (r < 0)
			return r;
		if (ns->flag == CLONE_NEWUSER && is_own_user_namespace(fd))
			continue;
		if (ns->flag == CLONE_NEWUSER)
			b->old_user_namespace = true;
		b->joined_fds[i] = steal_fd(&fd);
	}
	return 0;
}

/* ---- from inside ---------------------------------------------------------------------------- */

static int enter_one(const struct build *b, size_t i, struct child_error *fail)
{
	const struct namespace_path *ns = &b->config->joined[i];

	if (setns(b->joined_fds[i], (int)ns->flag) < 0)
		return child_fail(fail, errno, "setns", ns->path);
	return 0;
}

/* Entering one takes CAP_SYS_ADMIN in the user namespace that owns it, setns(2). As root of the
 * host we have that now, and not any more when we are in a user namespace; an ordinary user has it
 * there at the earliest. So all are tried before, and those that were refused again after. */
int namespace_enter(struct build *b, unsigned long kinds, struct child_error *fail)
{
	const struct config *c = b->config;
	bool refused[NAMESPACE_KINDS] = {false};
	size_t user = c->n_joined;
	int r = 0;

	for (size_t i = 0; i < c->n_joined; i++)
		if (c->joined[i].flag == CLONE_NEWUSER && b->joined_fds[i] >= 0)
			user = i;
	for (size_t i = 0; r == 0 && i < c->n_joined; i++) {
		if (!(c->joined[i].flag & kinds) || c->joined[i].flag == CLONE_NEWUSER)
			continue;
		r = enter_one(b, i, fail);
		if (r == -EPERM && user < c->n_joined) {
			refused[i] = true;
			r = 0;
		}
	}
	if (r == 0 && user < c->n_joined && kinds & CLONE_NEWUSER) {
		r = enter_one(b, user, fail);
		if (r == 0)
			r = step_idmap.child_apply(NULL, b, fail);
	}
	for (size_t i = 0; r == 0 && i < c->n_joined; i++)
		if (refused[i])
			r = enter_one(b, i, fail);
	return r;
}

/* ---- the process in between ------------------------------------------------------------------ */

static _Noreturn void tell(struct build *b, struct child_report *r, const struct child_error *fail)
{
	if (fail) {
		r->answer = CHILD_FAILED;
		r->error = *fail;
	}
	control_send(b->child_control, r, sizeof *r, -1);
	_exit(fail ? 1 : 0);
}

static _Noreturn void stand_between(struct build *b)
{
	struct child_report r = {.answer = CHILD_DONE};
	struct child_error fail = {0};
	struct child_order order;
	struct clone_args args = {.flags = CLONE_PARENT};
	long pid;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Who is in there already must not look into it, ptrace(2). That also takes its files in
	 * /proc from an ordinary user, so what is written there comes first; and a container of
	 * ours, which is made from outside, keeps them where nobody in there can name it. */
	if (b->config->has_oom_score)
		oom_score_set_own(b->config->oom_score_adj);
	if (!(b->config->namespaces & CLONE_NEWUSER) &&
	        (b->bundle || config_joined(b->config) & CLONE_NEWPID))
		prctl(PR_SET_DUMPABLE, 0);
	if (namespace_enter(b, ~0ul, &fail) < 0)
		tell(b, &r, &fail);
	if (control_send(b->child_control, &r, sizeof r, -1) < 0 ||
	        control_receive(b->child_control, &order, sizeof order, NULL) < 0)
		_exit(1);
	args.flags |= order.step;
	pid = syscall(SYS_clone3, &args, sizeof args);
	if (pid == 0)
		child_main(b);
	if (pid < 0) {
		child_fail(&fail, errno, "clone3", "CLONE_PARENT");
		tell(b, &r, &fail);
	}
	r.step = (unsigned)pid;
	tell(b, &r, NULL);
}

/* What it says; *ret_step is the pid. */
static int hear(int fd, unsigned *ret_step, struct child_error *fail)
{
	struct child_report report;
	int r = control_receive(fd, &report, sizeof report, NULL);

	if (r < 0)
		return child_fail(fail, ECHILD, "ask the process in between", NULL);
	if (report.answer == CHILD_FAILED) {
		*fail = report.error;
		return -fail->code;
	}
	*ret_step = report.step;
	return 0;
}

pid_t namespace_join_clone(struct build *b, uint64_t flags, struct child_error *fail)
{
	struct child_order order = {.verb = CHILD_RUN, .step = (unsigned)flags};
	unsigned pid = 0;
	int r = control_send(b->joiner, &order, sizeof order, -1);

	r = r < 0 ? child_fail(fail, -r, "ask the process in between", NULL)
	          : hear(b->joiner, &pid, fail);
	if (r < 0)
		return r;
	b->pidfd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
	if (b->pidfd < 0)
		return child_fail(fail, errno, "pidfd_open", NULL);
	/* It has said its last word; it is reaped, and the socket is the first process's now. */
	child_end(b->joiner_pidfd);
	cleanup_fd(&b->joiner_pidfd);
	b->control = steal_fd(&b->joiner);
	return (pid_t)pid;
}

/* ---- the step -------------------------------------------------------------------------------- */

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	const struct config *c = b->config;

	(void)s;
	buf_add(&e->shell, "nsenter");
	for (size_t i = 0; i < c->n_joined; i++) {
		const struct namespace_kind *kind = namespace_kind_of_flag(c->joined[i].flag);
		buf_addf(&e->call, "%ssetns(open(\"%s\"), %s)", i ? "\n" : "", c->joined[i].path,
		        kind->flag_name);
		buf_addf(&e->shell, " --%s=%s", kind->file, c->joined[i].path);
	}
	buf_add(&e->why, "It shares these with whoever is in them already, as the containers of a "
	                 "pod do. A process in between enters, so that the first process is born "
	                 "in them.");
}

static int undo(const struct step *s, struct build *b, struct error *err)
{
	struct mount_id now = {0};
	auto_close fd = -1;
	int r;

	(void)s;
	child_end(b->joiner_pidfd);
	cleanup_fd(&b->joiner_pidfd);
	cleanup_fd(&b->joiner);
	/* What was mounted in there does not go with the process. */
	if (!b->root_mount.mount && b->root_before.mount &&
	        mount_join_open(b, b->overlay.merged, &fd, &now, NULL) == 0 &&
	        now.mount != b->root_before.mount)
		b->root_mount = now; /* made, and not looked at yet */
	if (!b->root_mount.mount)
		return 0;
	r = mount_join_clean(b, b->overlay.merged, b->root_mount, err);
	b->root_mount = (struct mount_id){0};
	return r;
}

static int apply(const struct step *s, struct build *b, struct error *err)
{
	struct child_error fail = {0};
	auto_close fd = -1;
	unsigned nothing;
	int pair[2], r;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		child_fail(&fail, errno, "socketpair", "SOCK_SEQPACKET");
		return step_failed(s, b, &fail, err);
	}
	b->child_control = pair[1];
	pid = clone3_process(0, &b->joiner_pidfd);
	if (pid == 0) {
		close(pair[0]);
		stand_between(b);
	}
	r = pid < 0 ? child_fail(&fail, errno, "clone3", "CLONE_PIDFD") : 0;
	close(pair[1]);
	b->child_control = -1;
	b->joiner = pair[0];
	if (r == 0)
		r = hear(b->joiner, &nothing, &fail);
	if (r < 0)
		r = step_failed(s, b, &fail, err);
	else if (config_joined(b->config) & CLONE_NEWNS)
		r = mount_join_open(b, b->overlay.merged, &fd, &b->root_before, err);
	if (r < 0)
		undo(s, b, NULL);
	return r;
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	for (size_t i = 0; i < b->config->n_joined; i++) {
		const struct namespace_kind *kind =
		        namespace_kind_of_flag(b->config->joined[i].flag);
		char its[64];
		struct stat file;
		if (!b->process.pid) { /* the process in between is in them */
			if (b->joined_fds[i] >= 0 && fstat(b->joined_fds[i], &file) == 0)
				buf_addf(seen, "%s is %s:[%ju]\n", b->config->joined[i].path,
				        kind->file, (uintmax_t)file.st_ino);
			continue;
		}
		if (namespace_read(b->process.pid, kind->file, its) < 0)
			return step_unverified(s, err, kind->file, "cannot be read");
		buf_addf(seen, "/proc/%d/ns/%s is %s\n", (int)b->process.pid, kind->file, its);
	}
	return 0;
}

static void diagnose(const struct step *s, const struct build *b, int code, struct error *err)
{
	(void)s;
	(void)b;
	if (code == EPERM)
		snprintf(err->cause, sizeof err->cause,
		        "it takes CAP_SYS_ADMIN in the user namespace that it belongs to");
	else if (code == EINVAL && strstr(err->operation, "setres"))
		snprintf(err->cause, sizeof err->cause,
		        "user or group 0 does not exist in that user namespace");
}

const struct step_ops step_namespace_join = {
        .id = "namespace-join",
        .title = "into namespaces that are there already",
        .man = "setns(2), namespaces(7)",
        .where = STEP_HOST,
        .explain = explain,
        .host_apply = apply,
        .host_undo = undo,
        .verify = verify,
        .diagnose = diagnose,
};
