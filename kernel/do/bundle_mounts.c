/* `mounts` of config.json, all of them in their order, anywhere below the new root.
 *
 * Every mount point is opened below the root with openat2(RESOLVE_IN_ROOT), and what is mounted is
 * mounted on that descriptor: a link in the image, or one that is exchanged while we look, leads
 * nowhere but into the container. */
#include "kernel/base/cleanup.h"
#include "kernel/do/bind.h"
#include "kernel/do/build.h"
#include "kernel/do/cgroup/mount.h"
#include "kernel/do/copy_up.h"
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

enum { DATA_SIZE = 4096 + 16 };

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

/* What is bound may be anywhere on the host: both ends are named. */
static int fail_source(
        struct child_error *fail, int code, const char *operation, const struct mount_spec *m)
{
	static const char between[] = " on ";
	char text[200];
	size_t at = 0;

	for (const char *p = m->source; *p && at < 150; p++)
		text[at++] = *p;
	memcpy(text + at, between, sizeof between - 1);
	at += sizeof between - 1;
	for (const char *p = m->destination; *p && at < sizeof text - 1; p++)
		text[at++] = *p;
	text[at] = '\0';
	return child_fail(fail, code, operation, text);
}

static int bind_one(struct build *b, size_t i, struct child_error *fail)
{
	const struct mount_spec *m = &b->config->mounts[i];
	struct bind bind = bind_of_mount(m);
	auto_close own = -1, target = -1;
	int tree = i < b->n_trees ? b->trees[i] : -1;
	struct stat st;
	int r;

	if (tree < 0) {
		own = bind_take(&bind);
		tree = own;
	}
	if (tree < 0)
		return fail_source(fail, -tree, "open_tree", m);
	if (fstat(tree, &st) < 0)
		return fail_source(fail, errno, "stat", m);
	target = S_ISDIR(st.st_mode) ? root_open_dir(b->root_fd, m->destination, 0755)
	                             : root_open_file(b->root_fd, m->destination, 0644);
	if (target < 0)
		return child_fail(fail, -target, "open mount point", m->destination);
	r = bind_put(tree, target);
	if (r == 0 && own < 0)
		r = bind_put_again(tree, target);
	return r < 0 ? fail_source(fail, -r, "move_mount", m) : 0;
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

/* A tmpfs without a mode of its own has that of the directory it covers, as in other runtimes: /tmp
 * stays everybody's. In front, so that one that is asked for comes after and wins. */
static const char *tmpfs_data(
        const struct mount_spec *m, const struct stat *below, char ret[static DATA_SIZE])
{
	char mode[] = "mode=0000,";

	for (int i = 0; i < 4; i++)
		mode[5 + i] = (char)('0' + (below->st_mode >> (9 - 3 * i) & 7));
	if (strlen(m->data) + sizeof mode > DATA_SIZE)
		return m->data;
	memcpy(ret, mode, sizeof mode);
	strcpy(ret + sizeof mode - 1, m->data);
	return ret;
}

/* It is filled before it is made read-only. */
static int fill_up(struct build *b, const struct mount_spec *m, int below, struct child_error *fail)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};
	auto_close top = root_open(b->root_fd, m->destination, O_RDONLY | O_DIRECTORY);
	int r;

	if (top < 0)
		return child_fail(fail, -top, "open", m->destination);
	r = copy_up(below, top);
	if (r < 0)
		return child_fail(fail, -r, "tmpcopyup: copy", m->destination);
	if (m->flags & MS_RDONLY &&
	        syscall(SYS_mount_setattr, top, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0)
		return child_fail(fail, errno, "mount_setattr", m->destination);
	return 0;
}

static int mount_tmpfs(struct build *b, const struct mount_spec *m, struct child_error *fail)
{
	auto_close below = root_open_dir(b->root_fd, m->destination, 0755), source = -1;
	char path[FD_PATH_SIZE], data[DATA_SIZE];
	unsigned long flags = m->flags & ~(m->copy_up ? (unsigned long)MS_RDONLY : 0);
	struct stat st;
	int r = 0;

	if (below < 0 || fstat(below, &st) < 0)
		return child_fail(
		        fail, below < 0 ? -below : errno, "open mount point", m->destination);
	if (m->copy_up) {
		source = openat(below, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (source < 0)
			return child_fail(fail, errno, "tmpcopyup: read", m->destination);
	}
	if (mount(m->source, fd_path(below, path), m->type, flags, tmpfs_data(m, &st, data)) < 0)
		return child_fail(fail, errno, "mount", m->destination);
	if (m->copy_up)
		r = fill_up(b, m, source, fail);
	return r < 0 ? r : finish(b, m, fail);
}

/* What is there already gets other flags or options. */
static int remount(struct build *b, const struct mount_spec *m, struct child_error *fail)
{
	auto_close fd = root_open(b->root_fd, m->destination, O_PATH);
	char path[FD_PATH_SIZE];

	if (fd < 0)
		return child_fail(fail, -fd, "open mount point", m->destination);
	if (mount(m->source, fd_path(fd, path), m->type, m->flags, m->data) < 0)
		return child_fail(fail, errno, "mount MS_REMOUNT", m->destination);
	return finish(b, m, fail);
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

static int mount_one(struct build *b, size_t i, struct child_error *fail)
{
	const struct mount_spec *m = &b->config->mounts[i];

	if (m->flags & MS_REMOUNT)
		return remount(b, m, fail);
	if (m->flags & MS_BIND)
		return bind_one(b, i, fail);
	if (!strcmp(m->type, "cgroup") || !strcmp(m->type, "cgroup2"))
		return cgroup_mount(b, m, fail);
	return !strcmp(m->type, "tmpfs") ? mount_tmpfs(b, m, fail) : mount_new(b, m, fail);
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
		int r = mount_one(b, i, fail);
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

/* What a number of errno means depends on the call that told it. */
static const struct meaning {
	const char *operation; /* the beginning of it; "" = any */
	int code;
	const char *cause;
} meanings[] = {
        {"open_tree", ENOENT, "the source of the mount is not there"},
        {"open_tree", EACCES, "no way leads to the source of the mount for who is root in there"},
        {"mount propagation", EINVAL, "that is no mount, but a directory of one"},
        {"mount MS_REMOUNT", EINVAL, "nothing is mounted there, or it takes no such options"},
        {"mount MS_REMOUNT", EPERM,
                "a user namespace may not lift what the mount below was restricted to"},
        {"mount_setattr", EPERM,
                "a user namespace may not lift what the mount below was restricted to"},
        {"mount_setattr", EINVAL, "the kernel knows no such attribute, or not for this mount"},
        {"tmpcopyup", ENOSPC, "what the directory has does not fit: it needs a larger size="},
        {"tmpcopyup", ELOOP, "its directories are nested too deeply"},
        {"mount", EINVAL,
                "the file system does not know one of the options, or an id in them does not "
                "exist here: the kernel's log may say which"},
        {"mount", EPERM,
                "not allowed: /proc needs a pid namespace of its own, /sys a network one, and in "
                "a user namespace a view of the host's in full"},
        {"mount", ENODEV, "this kernel has no file system of that type"},
        {"mount", ENOTBLK, "the source should be a block device"},
        {"open mount point", EROFS,
                "the mount point is not there, and cannot be made: what it is on is read-only"},
        {"", EXDEV, "something else than /proc is there"},
        {"", ENOTDIR, "there is a file or a link where a directory should be"},
        {"", ELOOP, "there is a file or a link where a directory should be"},
};

static void diagnose(const struct step *s, const struct build *b, int code, struct error *err)
{
	const char *operation = strstr(err->operation, ": ");

	(void)s;
	(void)b;
	operation = operation ? operation + 2 : err->operation;
	for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
		const struct meaning *m = &meanings[i];
		if (m->code != code || strncmp(operation, m->operation, strlen(m->operation)) != 0)
			continue;
		snprintf(err->cause, sizeof err->cause, "%s", m->cause);
		return;
	}
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
