/* `mounts` of config.json, all of them in their order, anywhere below the new root.
 *
 * Every mount point is opened below the root with openat2(RESOLVE_IN_ROOT), and what is mounted is
 * mounted on that descriptor: a link in the image, or one that is exchanged while we look, leads
 * nowhere but into the container. */
#include "kernel/base/cleanup.h"
#include "kernel/do/bind.h"
#include "kernel/do/build.h"
#include "kernel/do/cgroup_mount.h"
#include "kernel/do/mount.h"
#include "kernel/do/rootpath.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	(void)s;
	for (size_t i = 0; i < b->config->n_mounts; i++) {
		const struct mount_spec *m = &b->config->mounts[i];
		buf_addf(&e->call, "%smount(\"%s\", \"%s\", \"%s\", ", i ? "\n" : "", m->source,
		        m->destination, m->type);
		mount_add_flags(&e->call, m->flags);
		buf_addf(&e->call, ", \"%s\")", m->data);
		buf_addf(&e->shell, "%smount %s%s%s%s %s ROOT%s", i ? "\n" : "",
		        m->flags & MS_BIND ? "--bind" : "-t ", m->flags & MS_BIND ? "" : m->type,
		        m->data[0] ? " -o " : "", m->data, m->source, m->destination);
	}
	buf_add(&e->why, "What the engine wants to be seen in there: file systems of the kernel, "
	                 "and directories of the host.");
}

/* The flags of mount(2) that one mount can have for itself, as attributes. */
static uint64_t attributes(unsigned long flags)
{
	return (flags & MS_RDONLY ? MOUNT_ATTR_RDONLY : 0u) |
	       (flags & MS_NOSUID ? MOUNT_ATTR_NOSUID : 0u) |
	       (flags & MS_NODEV ? MOUNT_ATTR_NODEV : 0u) |
	       (flags & MS_NOEXEC ? MOUNT_ATTR_NOEXEC : 0u) |
	       (flags & MS_NODIRATIME ? MOUNT_ATTR_NODIRATIME : 0u) |
	       (flags & MS_NOATIME              ? MOUNT_ATTR_NOATIME
	               : flags & MS_STRICTATIME ? MOUNT_ATTR_STRICTATIME
	                                        : 0u) |
	       (flags & 256 /* MS_NOSYMFOLLOW */ ? MOUNT_ATTR_NOSYMFOLLOW : 0u);
}

static int bind_one(struct build *b, const struct mount_spec *m, struct child_error *fail)
{
	unsigned long atime = MS_NOATIME | MS_STRICTATIME | MS_RELATIME;
	struct bind bind = {
	        .source = m->source,
	        .recursive = m->flags & MS_REC,
	        .set = attributes(m->flags),
	        .clear = m->flags & atime ? MOUNT_ATTR__ATIME : 0u,
	        .deep_set = m->set,
	        .deep_clear = m->clear,
	        .propagation = m->propagation,
	};
	auto_close tree = bind_take(&bind);
	auto_close target = -1;
	struct stat st;
	int r;

	if (tree < 0)
		return child_fail(fail, -tree, "open_tree", m->source);
	if (fstat(tree, &st) < 0)
		return child_fail(fail, errno, "stat", m->source);
	target = S_ISDIR(st.st_mode) ? root_open_dir(b->root_fd, m->destination, 0755)
	                             : root_open_file(b->root_fd, m->destination, 0644);
	if (target < 0)
		return child_fail(fail, -target, "open mount point", m->destination);
	r = bind_put(tree, target);
	return r < 0 ? child_fail(fail, -r, "move_mount", m->destination) : 0;
}

/* What comes after a mount(2): it is looked at again from the root, and is the top one there. */
static int finish(struct build *b, const struct mount_spec *m, struct child_error *fail)
{
	struct mount_attr attr = {.attr_set = m->set, .attr_clr = m->clear};
	char path[FD_PATH_SIZE];
	auto_close fd = -1;

	if (!m->set && !m->clear && !m->propagation)
		return 0;
	fd = root_open(b->root_fd, m->destination, O_PATH);
	if (fd < 0)
		return child_fail(fail, -fd, "open", m->destination);
	if (m->propagation && mount(NULL, fd_path(fd, path), NULL, m->propagation, NULL) < 0)
		return child_fail(fail, errno, "mount propagation", m->destination);
	if ((m->set || m->clear) && syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH | AT_RECURSIVE,
	                                    &attr, sizeof attr) < 0)
		return child_fail(fail, errno, "mount_setattr", m->destination);
	return 0;
}

/* /proc and /sys have to be where everybody looks for them: a link in their place would leave a
 * directory of the image there instead. */
static int check_plain(struct build *b, const struct mount_spec *m, struct child_error *fail)
{
	auto_close fd = root_open(b->root_fd, m->destination, O_PATH | O_NOFOLLOW);
	struct stat st;

	if (fd == -ENOENT)
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return child_fail(fail, fd < 0 ? -fd : errno, "open mount point", m->destination);
	return S_ISDIR(st.st_mode) ? 0 : child_fail(fail, ENOTDIR, "look at", m->destination);
}

static int check_proc(struct build *b, const struct mount_spec *m, struct child_error *fail)
{
	auto_close fd = root_open(b->root_fd, m->destination, O_RDONLY | O_DIRECTORY);
	struct statfs fs;

	if (fd < 0)
		return child_fail(fail, -fd, "open", m->destination);
	if (fstatfs(fd, &fs) < 0 || fs.f_type != PROC_SUPER_MAGIC)
		return child_fail(fail, EXDEV, "look at", m->destination);
	return 0;
}

/* "/proc", "/proc/", "//proc/." */
static bool is_at_proc(const char *path)
{
	path += strspn(path, "/.");
	return !strncmp(path, "proc", 4) && !path[4 + strspn(path + 4, "/.")];
}

/* Whatever was mounted there first or last, and by which name: what the program finds at /proc has
 * to be the kernel's, since programs in there, and engines, write to it and believe what it says. A
 * volume over it would lie to them (CVE-2019-16884). */
static int check_all(struct build *b, struct child_error *fail)
{
	for (size_t i = 0; i < b->config->n_mounts; i++)
		if (is_at_proc(b->config->mounts[i].destination))
			return check_proc(b, &(struct mount_spec){.destination = "/proc"}, fail);
	return 0;
}

static int mount_new(struct build *b, const struct mount_spec *m, struct child_error *fail)
{
	bool is_proc = !strcmp(m->type, "proc");
	char path[FD_PATH_SIZE];
	auto_close fd = -1;
	int r = is_proc || !strcmp(m->type, "sysfs") ? check_plain(b, m, fail) : 0;

	if (r < 0)
		return r;
	fd = root_open_dir(b->root_fd, m->destination, 0755);
	if (fd < 0)
		return child_fail(fail, -fd, "open mount point", m->destination);
	if (mount(m->source, fd_path(fd, path), m->type, m->flags, m->data) < 0)
		return child_fail(fail, errno, "mount", m->destination);
	r = is_proc ? check_proc(b, m, fail) : 0;
	return r < 0 ? r : finish(b, m, fail);
}

/* A working directory that the image does not have is made, as other runtimes do; on a root that
 * cannot be written, execve(2) will say what is missing. */
static void make_cwd(struct build *b)
{
	int fd = root_open_dir(b->root_fd, b->config->cwd, 0755);

	if (fd >= 0)
		close(fd);
}

static int apply(const struct step *s, struct build *b, struct child_error *fail)
{
	(void)s;
	for (size_t i = 0; i < b->config->n_mounts; i++) {
		const struct mount_spec *m = &b->config->mounts[i];
		int r;
		if (m->flags & MS_BIND && !(m->flags & MS_REMOUNT))
			r = bind_one(b, m, fail);
		else if (!strcmp(m->type, "cgroup") || !strcmp(m->type, "cgroup2"))
			r = cgroup_mount(b, m, fail);
		else
			r = mount_new(b, m, fail);
		if (r < 0)
			return r;
	}
	make_cwd(b);
	return check_all(b, fail);
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	for (size_t i = 0; i < b->config->n_mounts; i++) {
		const struct mount_spec *m = &b->config->mounts[i];
		char type[64];
		if (!mount_find(b->process.pid, m->destination, b->overlay.merged, type))
			return step_unverified(s, err, m->destination, "nothing is mounted there");
		buf_addf(seen, "/proc/%d/mounts: %s on %s\n", (int)b->process.pid, type,
		        m->destination);
	}
	return 0;
}

static void diagnose(const struct step *s, const struct build *b, int code, struct error *err)
{
	(void)s;
	(void)b;
	if (code == EPERM)
		snprintf(err->cause, sizeof err->cause,
		        "not allowed: /proc needs a pid namespace of its own, /sys a network one, "
		        "and in a user namespace a view of the host's in full");
	else if (code == ENODEV)
		snprintf(err->cause, sizeof err->cause,
		        "this kernel has no file system of that type");
	else if (code == EXDEV)
		snprintf(err->cause, sizeof err->cause, "something else than /proc is there");
	else if (code == ENOTDIR || code == ELOOP)
		snprintf(err->cause, sizeof err->cause,
		        "there is a file or a link where a directory should be");
}

const struct step_ops step_mounts = {
        .id = "mounts",
        .title = "what is to be seen in there",
        .man = "mount(2), open_tree(2), openat2(2)",
        .where = STEP_CHILD,
        .explain = explain,
        .child_apply = apply,
        .verify = verify,
        .diagnose = diagnose,
};
