/* The new root: pivot_root(2) puts it in the place of the old one, which is then unmounted.
 *
 * chroot(2) would only change where paths start for one process: the old mounts would still be in
 * its table, and who has CAP_SYS_CHROOT walks back out. After this there is nothing to walk to. */
#include "kernel/do/build.h"
#include "kernel/do/mount.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	(void)s;
	buf_addf(&e->call,
	        "chdir(\"%s\")\npivot_root(\".\", \".\")\numount2(\".\", MNT_DETACH)\n"
	        "chdir(\"/\")",
	        b->overlay.merged);
	buf_addf(&e->shell, "cd %s && pivot_root . . && umount -l . && cd /", b->overlay.merged);
	buf_add(&e->why,
	        "The new file system takes the place of the old root, and the old one leaves its "
	        "mount table: no path leads back to it.");
}

static int apply(const struct step *s, struct build *b, struct child_error *fail)
{
	(void)s;
	if (fchdir(b->root_fd) < 0)
		return child_fail(fail, errno, "chdir", b->overlay.merged);
	/* Both names are ".": the old root is then stacked over the new one, and is the one that
	 * "." now names; pivot_root(2), NOTES. */
	if (syscall(SYS_pivot_root, ".", ".") < 0)
		return child_fail(fail, errno, "pivot_root", b->overlay.merged);
	if (umount2(".", MNT_DETACH) < 0)
		return child_fail(fail, errno, "umount2 MNT_DETACH", "old root");
	if (chdir("/") < 0)
		return child_fail(fail, errno, "chdir", "/");
	if (b->config->root_propagation &&
	        mount(NULL, "/", NULL, b->config->root_propagation, NULL) < 0)
		return child_fail(fail, errno, "mount", "linux.rootfsPropagation");
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
		error_advise(err, "on an initramfs the root cannot be pivoted: boot from a disk");
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
