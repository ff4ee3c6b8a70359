#include "kernel/do/mount_join.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/build.h"
#include "kernel/do/child.h"
#include "kernel/do/clone.h"
#include "kernel/do/namespace_join.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What a helper in there says. */
struct look {
	struct child_error fail;
	uint64_t mount;
	bool has_fd;
};

static int mount_of(int fd, uint64_t *ret)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) < 0)
		return -errno;
	*ret = st.stx_mnt_id;
	return 0;
}

static _Noreturn void look(struct build *b, const char *root, const struct mount_id *clean, int to)
{
	struct look l = {0};
	auto_close fd = -1;

	if (namespace_enter(b, CLONE_NEWUSER | CLONE_NEWNS, &l.fail) == 0) {
		fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			child_fail(&l.fail, errno, "find root.path", root);
		else if (mount_of(fd, &l.mount) < 0)
			child_fail(&l.fail, errno, "statx", root);
		else if (clean && l.mount == clean->mount && umount2(root, MNT_DETACH) < 0)
			child_fail(&l.fail, errno, "umount2 MNT_DETACH", root);
	}
	l.has_fd = fd >= 0 && !clean;
	_exit(control_send(to, &l, sizeof l, l.has_fd ? fd : -1) < 0);
}

/* A helper enters the namespaces in our place: who has entered a mount namespace has lost the paths
 * it knew. */
static int send_to_look(struct build *b, const char *root, const struct mount_id *clean,
        struct look *ret, int *ret_fd, struct error *err)
{
	int pair[2], pidfd = -1, r;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return error_set(err, errno, "enter mount namespace", root, NULL);
	pid = clone3_process(0, &pidfd);
	if (pid == 0)
		look(b, root, clean, pair[1]);
	close(pair[1]);
	r = pid < 0 ? -errno : control_receive(pair[0], ret, sizeof *ret, ret_fd);
	close(pair[0]);
	child_end(pidfd);
	cleanup_fd(&pidfd);
	if (r < 0)
		return error_set(err, -r, "enter mount namespace", root, NULL);
	if (ret->fail.code)
		return error_set(err, ret->fail.code, ret->fail.operation, ret->fail.object, NULL);
	return 0;
}

static int find_space(const struct build *b)
{
	for (size_t i = 0; i < b->config->n_joined; i++)
		if (b->config->joined[i].flag == CLONE_NEWNS)
			return b->joined_fds[i];
	return -1;
}

int mount_join_open(
        struct build *b, const char *root, int *ret_fd, struct mount_id *ret_id, struct error *err)
{
	struct look l = {0};
	struct stat st;
	int r = send_to_look(b, root, NULL, &l, ret_fd, err);

	if (r == 0 && ret_id && fstat(find_space(b), &st) == 0)
		*ret_id = (struct mount_id){.space = st.st_ino, .mount = l.mount};
	return r;
}

int mount_join_clean(struct build *b, const char *root, struct mount_id id, struct error *err)
{
	struct look l = {0};
	struct stat st;
	int none;

	if (fstat(find_space(b), &st) < 0 || st.st_ino != id.space)
		return 0;
	return send_to_look(b, root, &id, &l, &none, err);
}

/* ---- the steps ------------------------------------------------------------------------------- */

static void explain_keep(const struct step *s, const struct build *b, struct explanation *e)
{
	(void)s;
	buf_add(&e->call, "mount_setattr(root, \"\", AT_EMPTY_PATH|AT_RECURSIVE, "
	                  "{propagation=MS_PRIVATE})");
	buf_addf(&e->shell, "mount --make-rprivate %s", b->overlay.merged);
	buf_add(&e->why, "Others live in this mount namespace: what will be mounted below the root "
	                 "is to stay below it.");
}

static int apply_keep(const struct step *s, struct build *b, struct child_error *fail)
{
	struct mount_attr attr = {.propagation = MS_PRIVATE};

	(void)s;
	if (syscall(SYS_mount_setattr, b->root_fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr,
	            sizeof attr) < 0)
		return child_fail(fail, errno, "mount_setattr", "MS_PRIVATE");
	return 0;
}

/* The child has made the mount by now: which one it is has to be known to take it away again. */
static int note(const struct step *s, struct build *b, struct error *err)
{
	auto_close fd = -1;

	(void)s;
	return mount_join_open(b, b->overlay.merged, &fd, &b->root_mount, err);
}

static int verify_keep(
        const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	(void)s;
	(void)err;
	buf_addf(seen, "%s is mount %llu in there\n", b->overlay.merged,
	        (unsigned long long)b->root_mount.mount);
	return 0;
}

const struct step_ops step_root_keep = {
        .id = "root-keep",
        .title = "its mounts stay below its root",
        .man = "mount_setattr(2), mount_namespaces(7)",
        .where = STEP_CHILD,
        .after_child = true,
        .explain = explain_keep,
        .host_apply = note,
        .child_apply = apply_keep,
        .verify = verify_keep,
};

static void explain_root(const struct step *s, const struct build *b, struct explanation *e)
{
	(void)s;
	buf_add(&e->call, "fchdir(root)\nchroot(\".\")");
	buf_addf(&e->shell, "chroot %s", b->overlay.merged);
	buf_add(&e->why,
	        "The mount namespace is shared, and pivot_root(2) would take the root of all "
	        "who live in it: so only this process gets another.");
}

static int apply_root(const struct step *s, struct build *b, struct child_error *fail)
{
	(void)s;
	if (fchdir(b->root_fd) < 0 || chroot(".") < 0)
		return child_fail(fail, errno, "chroot", b->overlay.merged);
	return 0;
}

static int verify_root(
        const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	char path[64], its[PATH_MAX];
	ssize_t n;

	snprintf(path, sizeof path, "/proc/%d/root", (int)b->process.pid);
	n = readlink(path, its, sizeof its - 1);
	if (n <= 0)
		return step_unverified(s, err, path, "%s", strerror(errno));
	its[n] = '\0';
	buf_addf(seen, "%s is %s\n", path, its);
	return 0;
}

const struct step_ops step_root_change = {
        .id = "root-change",
        .title = "another root for this process alone",
        .man = "chroot(2)",
        .where = STEP_CHILD,
        .explain = explain_root,
        .child_apply = apply_root,
        .verify = verify_root,
};
