/* The root file system: read-only layers of an image, an empty writable directory on top of them,
 * joined by overlayfs (Linux, Documentation/filesystems/overlayfs.rst).
 *
 * The engine mounts it, and not the process itself: the directories of the image belong to the
 * host, and whoever is uid 100000 out there has no right to walk to them. So a helper enters the
 * mount namespace of the process with our rights (inside.h), mounts, and hands the new root over as
 * a descriptor. */
#include "kernel/base/cleanup.h"
#include "kernel/do/build.h"
#include "kernel/do/inside.h"
#include "kernel/do/overlay_mount.h"
#include "kernel/do/overlay_options.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <unistd.h>

/* In a user namespace overlayfs may not use trusted.* attributes; user.* it may. */
static bool uses_user_attributes(const struct build *b)
{
	return inside_namespaces(b) & CLONE_NEWUSER;
}

static int mount_overlay(struct inside *in)
{
	const char *merged = in->build->overlay.merged;

	int r = overlay_mount(
	        &in->build->overlay, uses_user_attributes(in->build), in->data, merged, 0);

	if (r < 0)
		return child_fail(&in->fail, -r, "mount overlay", merged);
	in->build->root_fd = open(merged, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (in->build->root_fd < 0)
		return child_fail(&in->fail, errno, "open", merged);
	return 0;
}

static int unmount_overlay(struct inside *in)
{
	const char *merged = in->build->overlay.merged;

	if (umount2(merged, MNT_DETACH) < 0)
		return child_fail(&in->fail, errno, "umount", merged);
	return 0;
}

static void options_text(const struct build *b, struct buf *out)
{
	overlay_options(&b->overlay, uses_user_attributes(b), out);
}

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	auto_buf options = BUF_INIT;
	char pid[16] = "PID";

	(void)s;
	if (b->process.pid)
		snprintf(pid, sizeof pid, "%d", (int)b->process.pid);
	options_text(b, &options);
	buf_addf(&e->call, "setns(pidfd, %sCLONE_NEWNS)\n",
	        uses_user_attributes(b) ? "CLONE_NEWUSER|" : "");
	overlay_mount_explain(&b->overlay, uses_user_attributes(b), buf_text(&options), &e->call);
	buf_addf(&e->shell, "nsenter -t %s %s-m mount -t overlay overlay -o %s %s", pid,
	        uses_user_attributes(b) ? "-U " : "", buf_text(&options), b->overlay.merged);
	buf_addf(&e->why,
	        "The %zu layer%s of the image %s only read; all that is written goes to the upper "
	        "directory, which belongs to this container alone.",
	        b->overlay.n_layers, b->overlay.n_layers == 1 ? "" : "s",
	        b->overlay.n_layers == 1 ? "is" : "are");
}

static int apply(const struct step *s, struct build *b, struct error *err)
{
	auto_buf options = BUF_INIT;
	struct inside in = {.build = b, .work = mount_overlay};

	options_text(b, &options);
	in.data = buf_text(&options);
	if (buf_failed(&options))
		child_fail(&in.fail, ENOMEM, "mount overlay", b->overlay.merged);
	else
		inside_run(&in);
	return in.fail.code ? step_failed(s, b, &in.fail, err) : 0;
}

static int undo(const struct step *s, struct build *b, struct error *err)
{
	struct inside in = {.build = b, .work = unmount_overlay};

	cleanup_fd(&b->root_fd);
	return inside_run(&in) < 0 ? step_failed(s, b, &in.fail, err) : 0;
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	char path[64], line[8192], point[4096], type[64] = "";
	auto_file file = NULL;

	snprintf(path, sizeof path, "/proc/%d/mounts", (int)b->process.pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "%*s %4095s %63s", point, type) == 2 &&
		        !strcmp(point, b->overlay.merged) && !strcmp(type, "overlay")) {
			buf_addf(seen, "%s: overlay on %s\n", path, point);
			return 0;
		}
	return step_unverified(s, err, b->overlay.merged, "no overlay is mounted there");
}

static void diagnose(const struct step *s, const struct build *b, int code, struct error *err)
{
	struct statfs fs;
	const char *what = NULL;

	(void)s;
	if (code == E2BIG) {
		snprintf(err->cause, sizeof err->cause,
		        "%zu layers do not fit the 4096 bytes of options of mount(2)",
		        b->overlay.n_layers);
		error_advise(err, "Linux 6.8 and later take more");
		return;
	}
	if (statfs(b->overlay.upper, &fs) == 0) {
		what = fs.f_type == OVERLAYFS_SUPER_MAGIC ? "an overlay itself"
		       : fs.f_type == NFS_SUPER_MAGIC     ? "on NFS"
		       : fs.f_type == 0x00c0ffee          ? "on hostfs"
		                                          : NULL;
	}
	if (what && (code == EINVAL || code == EOPNOTSUPP)) {
		snprintf(err->cause, sizeof err->cause,
		        "the upper directory is %s, and overlayfs cannot write to that", what);
		error_advise(err, "set XDG_DATA_HOME to a directory on ext4, xfs, btrfs or tmpfs");
	} else if (code == ENODEV) {
		snprintf(err->cause, sizeof err->cause, "this kernel has no overlayfs");
		error_advise(err, "as root: modprobe overlay");
	} else if (code == EPERM) {
		snprintf(err->cause, sizeof err->cause,
		        "this kernel does not allow overlayfs in a user namespace (Linux 5.11 and "
		        "later do)");
	} else if (code == ENOENT) {
		snprintf(err->cause, sizeof err->cause,
		        "a layer, the upper or the work directory is missing");
	}
}

const struct step_ops step_rootfs = {
        .id = "rootfs",
        .title = "a root file system: layers of the image",
        .man = "mount(2), setns(2), overlayfs.rst",
        .where = STEP_HOST,
        .reversible = true,
        .after_child = true,
        .explain = explain,
        .host_apply = apply,
        .host_undo = undo,
        .verify = verify,
        .diagnose = diagnose,
};
