/* What of /proc and /sys speaks about the whole machine is covered or made read-only.
 *
 * Namespaces do not reach these files: /proc/kcore is the memory of the host, /proc/sys its
 * settings. A file is covered by /dev/null, a directory by an empty tmpfs (OCI maskedPaths), and a
 * bind mount of a directory onto itself can be read-only where the directory is not
 * (readonlyPaths). */
#include "kernel/base/cleanup.h"
#include "kernel/do/bind.h"
#include "kernel/do/build.h"
#include "kernel/do/mount.h"
#include "kernel/do/rootpath.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	const struct config *c = b->config;

	(void)s;
	buf_add(&e->call, "move_mount(open_tree(\"/dev/null\", OPEN_TREE_CLONE), PATH) for:");
	for (size_t i = 0; i < c->n_masked; i++)
		buf_addf(&e->call, " %s", c->masked[i]);
	buf_add(&e->call,
	        "\nmount_setattr(open_tree(PATH, OPEN_TREE_CLONE), MOUNT_ATTR_RDONLY) for:");
	for (size_t i = 0; i < c->n_readonly; i++)
		buf_addf(&e->call, " %s", c->readonly[i]);
	if (c->n_masked)
		buf_addf(&e->shell, "mount --bind /dev/null %s", c->masked[0]);
	if (c->n_readonly)
		buf_addf(&e->shell, "%smount --bind %s %s; mount -o remount,bind,ro %s",
		        c->n_masked ? "\n" : "", c->readonly[0], c->readonly[0], c->readonly[0]);
	buf_add(&e->why,
	        "No namespace covers these: they speak about the whole machine, so they are "
	        "hidden or made read-only one by one.");
}

/* /dev/null of the container, checked to be that device: it is what all else is covered with. */
static int open_null(struct build *b, struct child_error *fail)
{
	int fd = root_open(b->root_fd, "/dev/null", O_PATH | O_NOFOLLOW);
	struct stat st;

	if (fd < 0)
		return child_fail(fail, -fd, "open", "/dev/null");
	if (fstat(fd, &st) < 0 || !S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3)) {
		close(fd);
		return child_fail(fail, EXDEV, "look at", "/dev/null");
	}
	return fd;
}

/* All is done on descriptors: by now this root is the only one, and its /proc, through which a
 * descriptor could be named, is what the image and its volumes made of it (CVE-2025-52881). */
static int cover(int tree, int fd)
{
	int r = bind_put(tree, fd);

	close(tree);
	return r;
}

/* An empty directory that stays so. */
static int empty_directory(void)
{
	auto_close fs = fsopen("tmpfs", FSOPEN_CLOEXEC);
	int tree;

	if (fs < 0 || fsconfig(fs, FSCONFIG_SET_STRING, "nr_inodes", "2", 0) < 0 ||
	        fsconfig(fs, FSCONFIG_SET_STRING, "size", "4k", 0) < 0 ||
	        fsconfig(fs, FSCONFIG_SET_FLAG, "ro", NULL, 0) < 0 ||
	        fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	tree = fsmount(fs, FSMOUNT_CLOEXEC,
	        MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	return tree < 0 ? -errno : tree;
}

/* What the others are covered with. */
struct covers {
	int null;  /* for files */
	int empty; /* for directories: the first that was covered so; -1 = none yet */
};

/* Each is a mount of its own, and all are of one file system: to make one takes much longer. */
static int cover_directory(struct covers *covers, int fd)
{
	int tree = covers->empty < 0 ? empty_directory() : bind_take_fd(covers->empty, false), r;

	if (tree < 0)
		return tree;
	r = bind_put(tree, fd);
	if (r < 0 || covers->empty >= 0)
		close(tree);
	else
		covers->empty = tree;
	return r;
}

/* Returns 1 when covered, 0 when there is nothing of that name. */
static int mask(struct build *b, struct covers *covers, const char *path, struct child_error *fail)
{
	auto_close fd = root_open(b->root_fd, path, O_PATH);
	struct stat st;
	int tree, r;

	if (fd == -ENOENT || fd == -ENOTDIR)
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return child_fail(fail, fd < 0 ? -fd : errno, "open", path);
	if (S_ISDIR(st.st_mode)) {
		r = cover_directory(covers, fd);
		return r < 0 ? child_fail(fail, -r, "mount an empty directory over", path) : 1;
	}
	tree = bind_take_fd(covers->null, false);
	if (tree < 0)
		return child_fail(fail, -tree, "make a cover for", path);
	r = cover(tree, fd);
	return r < 0 ? child_fail(fail, -r, "mount over", path) : 1;
}

static int make_readonly(struct build *b, const char *path, struct child_error *fail)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};
	auto_close fd = root_open(b->root_fd, path, O_PATH);
	int tree, r;

	if (fd == -ENOENT || fd == -ENOTDIR)
		return 0;
	if (fd < 0)
		return child_fail(fail, -fd, "open", path);
	tree = bind_take_fd(fd, true);
	if (tree < 0)
		return child_fail(fail, -tree, "open_tree", path);
	if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0) {
		r = -errno;
		close(tree);
		return child_fail(fail, -r, "mount_setattr MOUNT_ATTR_RDONLY", path);
	}
	r = cover(tree, fd);
	return r < 0 ? child_fail(fail, -r, "move_mount", path) : 1;
}

static int apply(const struct step *s, struct build *b, struct child_error *fail)
{
	const struct config *c = b->config;
	struct covers covers = {.null = open_null(b, fail), .empty = -1};
	int r = covers.null < 0 ? covers.null : 0;

	(void)s;
	for (size_t i = 0; r >= 0 && i < c->n_masked + c->n_readonly; i++) {
		r = i < c->n_masked ? mask(b, &covers, c->masked[i], fail)
		                    : make_readonly(b, c->readonly[i - c->n_masked], fail);
		if (r >= 0 && i < BUILD_HIDDEN_MAX)
			b->hidden[i] = r > 0;
	}
	cleanup_fd(&covers.null);
	cleanup_fd(&covers.empty);
	return r < 0 ? r : 0;
}

static int undo(const struct step *s, struct build *b, struct child_error *fail)
{
	const struct config *c = b->config;

	(void)s;
	for (size_t i = c->n_masked + c->n_readonly; i-- > 0;) {
		const char *path = i < c->n_masked ? c->masked[i] : c->readonly[i - c->n_masked];
		char name[FD_PATH_SIZE];
		auto_close fd = -1;
		if (i >= BUILD_HIDDEN_MAX || !b->hidden[i])
			continue;
		fd = root_open(b->root_fd, path, O_PATH);
		if (fd < 0 || umount2(fd_path(fd, name), MNT_DETACH) < 0)
			return child_fail(fail, fd < 0 ? -fd : errno, "umount", path);
		b->hidden[i] = false;
	}
	return 0;
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	const struct config *c = b->config;
	size_t covered = 0;
	char type[64];

	for (size_t i = 0; i < c->n_masked; i++)
		covered += mount_find(b->process.pid, c->masked[i], "", type);
	for (size_t i = 0; i < c->n_readonly; i++)
		covered += mount_find(b->process.pid, c->readonly[i], "", type);
	if (!covered && c->n_masked + c->n_readonly)
		return step_unverified(s, err, "", "nothing is covered");
	buf_addf(seen, "/proc/%d/mounts: %zu paths of %zu covered; the others do not exist here\n",
	        (int)b->process.pid, covered, c->n_masked + c->n_readonly);
	return 0;
}

const struct step_ops step_hide = {
        .id = "hide",
        .title = "what speaks about the whole machine, hidden",
        .man = "open_tree(2), mount_setattr(2), proc(5)",
        .where = STEP_CHILD,
        .reversible = true,
        .explain = explain,
        .child_apply = apply,
        .child_undo = undo,
        .verify = verify,
};
