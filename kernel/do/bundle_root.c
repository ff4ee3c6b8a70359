/* The root file system of an OCI bundle: a directory that the engine has made ready, root.path.
 *
 * pivot_root(2) wants a mount, and a directory is none: so it is mounted over itself. The step at
 * the end makes it read-only when all that has to be made in it is there, and the last says what
 * becomes of mounts that are made in it later. */
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
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	(void)s;
	buf_addf(&e->call,
	        "open_tree(AT_FDCWD, \"%s\", OPEN_TREE_CLONE|AT_RECURSIVE)\n"
	        "move_mount(tree, \"\", root, \"\", MOVE_MOUNT_F_EMPTY_PATH)",
	        b->overlay.merged);
	buf_addf(&e->shell, "mount --rbind %s %s", b->overlay.merged, b->overlay.merged);
	buf_add(&e->why, "The engine has laid the image out in this directory. Mounted over itself "
	                 "it becomes a mount, which is what can be made the root.");
}

static int apply(const struct step *s, struct build *b, struct child_error *fail)
{
	const char *path = b->overlay.merged;
	struct bind bind = {.source = path, .recursive = true};
	auto_close target = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_close tree = -1;
	int r;

	(void)s;
	if (target < 0)
		return child_fail(fail, errno, "open", path);
	tree = bind_take(&bind);
	r = tree < 0 ? tree : bind_put(tree, target);
	if (r < 0)
		return child_fail(fail, -r, tree < 0 ? "open_tree" : "move_mount", path);
	/* Held open, and never looked up again. */
	b->root_fd = steal_fd(&tree);
	return 0;
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	char type[64];

	if (!mount_find(b->process.pid, b->overlay.merged, "", type))
		return step_unverified(s, err, b->overlay.merged, "is no mount");
	buf_addf(seen, "/proc/%d/mounts: %s on %s\n", (int)b->process.pid, type, b->overlay.merged);
	return 0;
}

static void diagnose(const struct step *s, const struct build *b, int code, struct error *err)
{
	(void)s;
	(void)b;
	if (code == ENOENT || code == ENOTDIR)
		snprintf(err->cause, sizeof err->cause,
		        "root.path of config.json is no directory of the bundle");
	else if (code == EACCES)
		snprintf(err->cause, sizeof err->cause,
		        "the root of the user namespace has no way in: it is nobody out here");
}

const struct step_ops step_bundle_root = {
        .id = "root-bind",
        .title = "the directory of the bundle as a mount",
        .man = "open_tree(2), move_mount(2)",
        .where = STEP_CHILD,
        .explain = explain,
        .child_apply = apply,
        .verify = verify,
        .diagnose = diagnose,
};

/* ---- read-only ------------------------------------------------------------------------------- */

static void explain_readonly(const struct step *s, const struct build *b, struct explanation *e)
{
	(void)s;
	(void)b;
	buf_add(&e->call, "mount_setattr(root, \"\", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_RDONLY})");
	buf_add(&e->shell, "mount -o remount,bind,ro /");
	buf_add(&e->why, "The mount refuses to be written through, whoever asks; the directory "
	                 "outside and the mounts on it stay as they are.");
}

static int apply_readonly(const struct step *s, struct build *b, struct child_error *fail)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};

	(void)s;
	if (syscall(SYS_mount_setattr, b->root_fd, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0)
		return child_fail(fail, errno, "mount_setattr MOUNT_ATTR_RDONLY", "/");
	return 0;
}

static int verify_readonly(
        const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	struct statvfs fs;
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/root", (int)b->process.pid);
	if (statvfs(path, &fs) < 0 || !(fs.f_flag & ST_RDONLY))
		return step_unverified(s, err, path, "can be written");
	buf_addf(seen, "%s is mounted read-only\n", path);
	return 0;
}

const struct step_ops step_root_readonly = {
        .id = "root-readonly",
        .title = "a root to read only",
        .man = "mount_setattr(2)",
        .where = STEP_CHILD,
        .explain = explain_readonly,
        .child_apply = apply_readonly,
        .verify = verify_readonly,
};

/* ---- propagation ------------------------------------------------------------------------------
 */

static const char *propagation_name(unsigned long propagation)
{
	return propagation & MS_SHARED    ? "MS_SHARED"
	       : propagation & MS_SLAVE   ? "MS_SLAVE"
	       : propagation & MS_PRIVATE ? "MS_PRIVATE"
	                                  : "MS_UNBINDABLE";
}

static void explain_propagation(const struct step *s, const struct build *b, struct explanation *e)
{
	unsigned long flags = b->config->root_propagation;

	(void)s;
	buf_addf(&e->call, "mount(NULL, \"/\", NULL, %s%s, NULL)", flags & MS_REC ? "MS_REC|" : "",
	        propagation_name(flags));
	buf_addf(&e->shell, "mount --make-%s%s /", flags & MS_REC ? "r" : "",
	        flags & MS_SHARED    ? "shared"
	        : flags & MS_SLAVE   ? "slave"
	        : flags & MS_PRIVATE ? "private"
	                             : "unbindable");
	buf_add(&e->why, "Whether mounts that are made on the root later are seen by its copies: a "
	                 "container in the container has one.");
}

/* Until now it was a slave of the host's or private. One that is made shared is so with copies that
 * are made of it from now on, never with the host: it begins a group of its own. */
static int apply_propagation(const struct step *s, struct build *b, struct child_error *fail)
{
	(void)s;
	if (mount(NULL, "/", NULL, b->config->root_propagation, NULL) < 0)
		return child_fail(fail, errno, "mount", "linux.rootfsPropagation");
	return 0;
}

static int verify_propagation(
        const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	char path[64], line[4096];
	bool shared = b->config->root_propagation & MS_SHARED, is_shared = false;
	auto_file file = NULL;

	snprintf(path, sizeof path, "/proc/%d/mountinfo", (int)b->process.pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file)) {
		char point[2048] = "", tags[128] = "";
		sscanf(line, "%*s %*s %*s %*s %2047s %*s %127[^-]", point, tags);
		if (!strcmp(point, "/")) /* the last one covers those before it */
			is_shared = strstr(tags, "shared:");
	}
	if (is_shared != shared)
		return step_unverified(s, err, path, "/ is%s shared", is_shared ? "" : " not");
	buf_addf(seen, "%s: / is%s shared\n", path, shared ? "" : " not");
	return 0;
}

const struct step_ops step_root_propagation = {
        .id = "root-propagation",
        .title = "who sees what is mounted on the root later",
        .man = "mount(2), mount_namespaces(7)",
        .where = STEP_CHILD,
        .explain = explain_propagation,
        .child_apply = apply_propagation,
        .verify = verify_propagation,
};
