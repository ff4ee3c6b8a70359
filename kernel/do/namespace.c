/* Namespaces: a kernel resource of one's own, namespaces(7).
 *
 * The user and pid namespaces come with the process itself (clone.c): a pid namespace only ever
 * holds processes born into it, and the user namespace must be there first, since its owner is who
 * may make the others without being root. The rest the process makes for itself, one unshare(2)
 * each: together they cost no more than the same flags given to one clone3(2). */
#include "kernel/do/namespace.h"
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/build.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

struct namespace
{
	const char *name; /* as in /proc/PID/ns */
	const char *flag_name, *shell, *why;
	int flag;
};

int namespace_read(pid_t pid, const char *name, char ret[static 64])
{
	char path[64];
	ssize_t n;

	if (pid)
		snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)pid, name);
	else
		snprintf(path, sizeof path, "/proc/self/ns/%s", name);
	n = readlink(path, ret, 63);
	if (n < 0)
		return -errno;
	ret[n] = '\0';
	return 0;
}

int namespace_verify(const struct step *s, const struct build *b, const char *name,
        struct buf *seen, struct error *err)
{
	char own[64], its[64];
	int r = namespace_read(0, name, own);

	if (r == 0)
		r = namespace_read(b->process.pid, name, its);
	if (r < 0)
		return step_unverified(s, err, name, "cannot read /proc/%d/ns/%s: %s",
		        (int)b->process.pid, name, strerror(-r));
	if (!strcmp(own, its))
		return step_unverified(
		        s, err, name, "process %d is still in our %s", (int)b->process.pid, own);
	buf_addf(seen, "/proc/%d/ns/%s is %s; ours is %s\n", (int)b->process.pid, name, its, own);
	return 0;
}

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	const struct namespace *ns = s->ops->data;

	(void)b;
	buf_addf(&e->call, "unshare(%s)", ns->flag_name);
	buf_add(&e->shell, ns->shell);
	buf_add(&e->why, ns->why);
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	return namespace_verify(s, b, ((const struct namespace *)s->ops->data)->name, seen, err);
}

static void diagnose(const struct step *s, const struct build *b, int code, struct error *err)
{
	const struct namespace *ns = s->ops->data;

	(void)b;
	if (code == ENOSPC) {
		snprintf(err->cause, sizeof err->cause,
		        "the limit of %s namespaces of this user is reached", ns->name);
		error_advise(err, "raise /proc/sys/user/max_%s_namespaces", ns->name);
	} else if (code == EINVAL) {
		snprintf(err->cause, sizeof err->cause, "this kernel has no %s namespaces",
		        ns->name);
	} else if (code == EPERM) {
		snprintf(err->cause, sizeof err->cause,
		        "it needs CAP_SYS_ADMIN in its user namespace");
	}
}

static int unshare_one(const struct step *s, struct build *b, struct child_error *fail)
{
	const struct namespace *ns = s->ops->data;

	(void)b;
	if (unshare(ns->flag) < 0)
		return child_fail(fail, errno, "unshare", ns->flag_name);
	return 0;
}

/* Nothing of ours gets out either way. A bundle may want what is mounted outside later to come in
 * (linux.rootfsPropagation, a volume that is "rslave"), so it starts as a slave. */
static unsigned long spread(const struct build *b)
{
	return b->bundle && !(b->config->root_propagation & MS_PRIVATE) ? MS_SLAVE : MS_PRIVATE;
}

/* The copy of the mount table still shares the propagation groups of the host, on systemd
 * machines all of it: what is mounted in it would appear outside. mount_namespaces(7). */
static int unshare_mounts(const struct step *s, struct build *b, struct child_error *fail)
{
	int r = unshare_one(s, b, fail);

	if (r == 0 && mount(NULL, "/", NULL, MS_REC | spread(b), NULL) < 0)
		r = child_fail(fail, errno, "mount", "MS_REC|MS_PRIVATE or MS_SLAVE");
	return r;
}

static void explain_mounts(const struct step *s, const struct build *b, struct explanation *e)
{
	explain(s, b, e);
	buf_addf(&e->call, "\nmount(NULL, \"/\", NULL, MS_REC|%s, NULL)",
	        spread(b) == MS_SLAVE ? "MS_SLAVE" : "MS_PRIVATE");
}

/* A new network namespace has nothing but a loopback link, and that is down. netdevice(7) */
static int unshare_net(const struct step *s, struct build *b, struct child_error *fail)
{
	struct ifreq request = {.ifr_name = "lo"};
	int r = unshare_one(s, b, fail);
	auto_close fd = -1;

	if (r < 0)
		return r;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return child_fail(fail, errno, "socket", "AF_INET");
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		return child_fail(fail, errno, "ioctl SIOCGIFFLAGS", "lo");
	request.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return child_fail(fail, errno, "ioctl SIOCSIFFLAGS", "lo");
	return 0;
}

static void explain_net(const struct step *s, const struct build *b, struct explanation *e)
{
	explain(s, b, e);
	buf_add(&e->call, "\nioctl(fd, SIOCSIFFLAGS, {\"lo\", IFF_UP})");
}

static int verify_net(
        const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	auto_buf links = BUF_INIT;
	char path[64];
	int r = verify(s, b, seen, err), count = 0;

	if (r < 0)
		return r;
	/* Two lines of heading, then a line each link, in the namespace of that process. */
	snprintf(path, sizeof path, "/proc/%d/net/dev", (int)b->process.pid);
	if (file_read_at(AT_FDCWD, path, 1 << 20, &links) < 0)
		return 0;
	for (const char *p = buf_text(&links); *p; p++)
		count += *p == '\n';
	buf_addf(seen, "%s has %d link%s\n", path, count - 2, count == 3 ? ": lo" : "s");
	return 0;
}

static const struct namespace mnt = {
        "mnt",
        "CLONE_NEWNS",
        "unshare --mount --propagation private",
        "From now on its mounts are its own: a copy of the host's table, which nobody else sees "
        "change.",
        CLONE_NEWNS,
};
static const struct namespace uts = {
        "uts",
        "CLONE_NEWUTS",
        "unshare --uts",
        "It may have a host name of its own; until it sets one it keeps a copy of the host's.",
        CLONE_NEWUTS,
};
static const struct namespace ipc = {
        "ipc",
        "CLONE_NEWIPC",
        "unshare --ipc",
        "System V shared memory, semaphores and message queues of the host are out of its reach.",
        CLONE_NEWIPC,
};
static const struct namespace net = {
        "net",
        "CLONE_NEWNET",
        "unshare --net; ip link set lo up",
        "It gets network links, addresses, routes and ports of its own; first only a loopback.",
        CLONE_NEWNET,
};
static const struct namespace cgroup = {
        "cgroup",
        "CLONE_NEWCGROUP",
        "unshare --cgroup",
        "Its own control group looks like the top of the tree: it cannot see where it stands.",
        CLONE_NEWCGROUP,
};

#define NAMESPACE_STEP(NAME, TITLE, MAN, ...)                                                      \
	const struct step_ops step_namespace_##NAME = {.id = "namespace-" #NAME,                   \
	        .title = TITLE,                                                                    \
	        .man = MAN,                                                                        \
	        .where = STEP_CHILD,                                                               \
	        .data = &(NAME),                                                                   \
	        .diagnose = diagnose,                                                              \
	        __VA_ARGS__}

NAMESPACE_STEP(mnt, "a mount table of its own", "unshare(2), mount_namespaces(7)",
        .explain = explain_mounts, .child_apply = unshare_mounts, .verify = verify);
NAMESPACE_STEP(uts, "a host name of its own", "unshare(2), uts_namespaces(7)", .explain = explain,
        .child_apply = unshare_one, .verify = verify);
NAMESPACE_STEP(ipc, "shared memory and queues of its own", "unshare(2), ipc_namespaces(7)",
        .explain = explain, .child_apply = unshare_one, .verify = verify);
NAMESPACE_STEP(net, "a network stack of its own", "unshare(2), network_namespaces(7), netdevice(7)",
        .explain = explain_net, .child_apply = unshare_net, .verify = verify_net);
NAMESPACE_STEP(cgroup, "its control group as the top", "unshare(2), cgroup_namespaces(7)",
        .explain = explain, .child_apply = unshare_one, .verify = verify);
