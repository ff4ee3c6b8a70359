/* The new root: pivot_root(2) puts it in the place of the old one, which is then unmounted.
 *
 * chroot(2) would only change where paths start for one process: the old mounts would still be in
 * its table, and who has CAP_SYS_CHROOT walks back out. After this there is nothing to walk to.
 *
 * On an initramfs the root cannot be pivoted. There (--no-pivot) the new root is moved over the old
 * one: every path then leads to it, but what it covers stays mounted. */
#include "kernel/do/build.h"
#include "kernel/do/mount.h"
#include "kernel/do/rootpath.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A bundle's is made with its mounts. */
static bool makes_cwd(const struct build *b)
{
	return !b->bundle && strcmp(b->config->cwd, "/") != 0;
}

/* As docker does, for root in there. What stands in its way chdir(2) will tell, when it is the
 * program's turn. */
static void make_cwd(const struct build *b)
{
	mode_t before = umask(022);
	int fd = root_open_dir(b->root_fd, b->config->cwd, 0755);

	if (fd >= 0)
		close(fd);
	umask(before);
}

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	(void)s;
	if (b->no_pivot) {
		buf_addf(&e->call,
		        "chdir(\"%s\")\nmount(\".\", \"/\", NULL, MS_MOVE, NULL)\n"
		        "chroot(\".\")\nchdir(\"/\")",
		        b->overlay.merged);
		buf_addf(
		        &e->shell, "cd %s && mount --move . / && exec chroot .", b->overlay.merged);
		buf_add(&e->why, "The new file system is stacked over the old root, which cannot "
		                 "be taken away here.");
		return;
	}
	buf_addf(&e->call,
	        "chdir(\"%s\")\npivot_root(\".\", \".\")\numount2(\".\", MNT_DETACH)\n"
	        "chdir(\"/\")",
	        b->overlay.merged);
	if (makes_cwd(b))
		buf_addf(&e->call, "\nmkdir(\"%s\", 0755)", b->config->cwd);
	buf_addf(&e->shell, "cd %s && pivot_root . . && umount -l . && cd /", b->overlay.merged);
	buf_add(&e->why,
	        "The new file system takes the place of the old root, and the old one leaves its "
	        "mount table: no path leads back to it.");
	if (makes_cwd(b))
		buf_add(&e->why, " A working directory that the image does not have is made.");
}

/* A /proc and a /sys of the host's, in full, that are merely covered would let a user namespace in
 * here mount its own in full (mount_too_revealing() in fs/namespace.c): so they go. What may not be
 * unmounted, since it came from a more privileged namespace, is covered. */
static int drop(const char *path, struct child_error *fail)
{
	if (umount2(path, MNT_DETACH) == 0 || errno == ENOENT)
		return 0;
	if (errno != EINVAL && errno != EPERM)
		return child_fail(fail, errno, "umount", path);
	if (mount("tmpfs", path, "tmpfs", MS_RDONLY, "size=0k") < 0 && errno != ENOENT)
		return child_fail(fail, errno, "mount over", path);
	return 0;
}

static int move_over(struct build *b, struct child_error *fail)
{
	if (drop("/proc", fail) < 0 || drop("/sys", fail) < 0)
		return -fail->code;
	if (mount(".", "/", NULL, MS_MOVE, NULL) < 0)
		return child_fail(fail, errno, "mount MS_MOVE", b->overlay.merged);
	return chroot(".") < 0 ? child_fail(fail, errno, "chroot", b->overlay.merged) : 0;
}

static int pivot(struct build *b, struct child_error *fail)
{
	/* Both names are ".": the old root is then stacked over the new one, and is the one that
	 * "." now names; pivot_root(2), NOTES. */
	if (syscall(SYS_pivot_root, ".", ".") < 0)
		return child_fail(fail, errno, "pivot_root", b->overlay.merged);
	if (umount2(".", MNT_DETACH) < 0)
		return child_fail(fail, errno, "umount2 MNT_DETACH", "old root");
	return 0;
}

static int apply(const struct step *s, struct build *b, struct child_error *fail)
{
	(void)s;
	if (fchdir(b->root_fd) < 0)
		return child_fail(fail, errno, "chdir", b->overlay.merged);
	if ((b->no_pivot ? move_over(b, fail) : pivot(b, fail)) < 0)
		return -fail->code;
	if (chdir("/") < 0)
		return child_fail(fail, errno, "chdir", "/");
	if (makes_cwd(b))
		make_cwd(b);
	return 0;
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	char type[64] = "nothing";

	if (!mount_find(b->process.pid, "/", "", type) ||
	        (!b->bundle && strcmp(type, "overlay") != 0))
		return step_unverified(s, err, "/", "its root is %s", type);
	buf_addf(seen, "/proc/%d/mounts: %s on /\n", (int)b->process.pid, type);
	return 0;
}

static void diagnose(const struct step *s, const struct build *b, int code, struct error *err)
{
	(void)s;
	(void)b;
	if (code == EINVAL) {
		snprintf(err->cause, sizeof err->cause,
		        "the old root is an initramfs, or a mount above it is shared");
		error_advise(err,
		        "on an initramfs the root cannot be pivoted: boot from a disk, or "
		        "leave the old root in place with --no-pivot");
	} else if (code == EBUSY) {
		snprintf(err->cause, sizeof err->cause,
		        "the new root is not a mount of its own, or is the old root");
	}
}

const struct step_ops step_pivot = {
        .id = "pivot",
        .title = "the new root takes the place of the old",
        .man = "pivot_root(2), umount(2)",
        .where = STEP_CHILD,
        .explain = explain,
        .child_apply = apply,
        .verify = verify,
        .diagnose = diagnose,
};
