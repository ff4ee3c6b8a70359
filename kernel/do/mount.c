/* The file systems a program expects: /proc, /dev and /sys, mounted inside the new root.
 *
 * They are instances of their own, and what they show depends on who mounts them: /proc the pid
 * namespace, /sys the network namespace, devpts a private set of terminals. Done before pivot_root,
 * since the kernel lets a user namespace mount /proc and /sys only while it still sees the host's
 * in full (mount_too_revealing() in fs/namespace.c). */
#include "kernel/do/mount.h"
#include "kernel/base/cleanup.h"
#include "kernel/do/build.h"
#include "kernel/do/rootpath.h"
#include "kernel/do/steps.h"
#include "kernel/do/terminal.h"

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

static const char *const devices[] = {"null", "zero", "full", "random", "urandom", "tty"};
enum { N_DEVICES = sizeof devices / sizeof *devices };

static const struct {
	const char *target, *path;
} links[] = {
        {"/proc/self/fd", "/dev/fd"},
        {"/proc/self/fd/0", "/dev/stdin"},
        {"/proc/self/fd/1", "/dev/stdout"},
        {"/proc/self/fd/2", "/dev/stderr"},
        {"pts/ptmx", "/dev/ptmx"},
};

bool mount_is_below(const char *path, const char *top)
{
	size_t n = strlen(top);

	return !strncmp(path, top, n) && (path[n] == '\0' || path[n] == '/');
}

void mount_add_flags(struct buf *out, unsigned long flags)
{
	static const struct {
		unsigned long flag;
		const char *name;
	} names[] = {
	        {MS_RDONLY, "MS_RDONLY"},
	        {MS_NOSUID, "MS_NOSUID"},
	        {MS_NODEV, "MS_NODEV"},
	        {MS_NOEXEC, "MS_NOEXEC"},
	        {MS_BIND, "MS_BIND"},
	        {MS_REC, "MS_REC"},
	};
	bool any = false;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (flags & names[i].flag) {
			buf_addf(out, "%s%s", any ? "|" : "", names[i].name);
			any = true;
		}
	if (!any)
		buf_addc(out, '0');
}

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	const struct mount_group *g = s->ops->data;

	for (size_t i = 0; i < b->config->n_mounts; i++) {
		const struct mount_spec *m = &b->config->mounts[i];
		if (!mount_is_below(m->destination, g->top))
			continue;
		buf_addf(&e->call, "%smount(\"%s\", \"%s\", \"%s\", ", e->call.len ? "\n" : "",
		        m->source, m->destination, m->type);
		mount_add_flags(&e->call, m->flags);
		buf_addf(&e->call, ", \"%s\")", m->data);
		buf_addf(&e->shell, "%smount -t %s%s%s %s ROOT%s", e->shell.len ? "\n" : "",
		        m->type, m->data[0] ? " -o " : "", m->data, m->source, m->destination);
	}
	buf_add(&e->why, g->why);
}

static void explain_dev(const struct step *s, const struct build *b, struct explanation *e)
{
	explain(s, b, e);
	for (size_t i = 0; i < N_DEVICES; i++)
		buf_addf(&e->call, "%s%s", i ? " " : "\nmount(…, MS_BIND) for /dev/: ", devices[i]);
}

/* mount(2) ignores MS_RDONLY for a bind mount; mount_setattr(2) (Linux 5.12) takes all mounts below
 * along. */
static int read_only(struct build *b, const struct mount_spec *m, struct child_error *fail)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};
	auto_close fd = root_open(b->root_fd, m->destination, O_PATH | O_DIRECTORY);

	if (fd < 0)
		return child_fail(fail, -fd, "open", m->destination);
	if (syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof attr) <
	        0)
		return child_fail(fail, errno, "mount_setattr", m->destination);
	return 0;
}

static int mount_one(struct build *b, const struct mount_spec *m, struct child_error *fail)
{
	char path[FD_PATH_SIZE];
	auto_close fd = -1;

	fd = root_open_dir(b->root_fd, m->destination, 0755);
	if (fd < 0)
		return child_fail(fail, -fd, "open mount point", m->destination);
	if (mount(m->source, fd_path(fd, path), m->type, m->flags, m->data) < 0)
		return child_fail(fail, errno, "mount", m->destination);
	return m->flags & MS_BIND && m->flags & MS_RDONLY ? read_only(b, m, fail) : 0;
}

static int mount_group(const struct step *s, struct build *b, struct child_error *fail)
{
	const struct mount_group *g = s->ops->data;
	int r = 0;

	for (size_t i = 0; r == 0 && i < b->config->n_mounts; i++)
		if (mount_is_below(b->config->mounts[i].destination, g->top))
			r = mount_one(b, &b->config->mounts[i], fail);
	return r;
}

/* An image could have put a directory full of lies where /proc belongs, and mount(2) follows
 * nothing but our descriptor: still, look. */
static int mount_proc(const struct step *s, struct build *b, struct child_error *fail)
{
	int r = mount_group(s, b, fail);
	struct statfs fs;
	auto_close fd = -1;

	if (r < 0)
		return r;
	fd = root_open(b->root_fd, "/proc", O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return child_fail(fail, -fd, "open", "/proc");
	if (fstatfs(fd, &fs) < 0 || fs.f_type != PROC_SUPER_MAGIC)
		return child_fail(fail, EXDEV, "look at", "/proc");
	return 0;
}

/* mknod(2) of a device is not for user namespaces; a bind mount of the host's node is. */
static int bind_device(struct build *b, const char *name, struct child_error *fail)
{
	char inside[32] = "/dev/", path[FD_PATH_SIZE];
	auto_close fd = -1;

	strncat(inside, name, sizeof inside - sizeof "/dev/");
	fd = root_open_file(b->root_fd, inside, 0666);
	if (fd < 0)
		return child_fail(fail, -fd, "make", inside);
	if (mount(inside, fd_path(fd, path), NULL, MS_BIND, NULL) < 0)
		return child_fail(fail, errno, "mount MS_BIND", inside);
	return 0;
}

static int mount_dev(const struct step *s, struct build *b, struct child_error *fail)
{
	int r = mount_group(s, b, fail);
	auto_close dev = -1;

	for (size_t i = 0; r == 0 && i < N_DEVICES; i++)
		r = bind_device(b, devices[i], fail);
	if (r < 0)
		return r;
	dev = root_open(b->root_fd, "/dev", O_PATH | O_DIRECTORY);
	if (dev < 0)
		return child_fail(fail, -dev, "open", "/dev");
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		if (symlinkat(links[i].target, dev, links[i].path + sizeof "/dev") < 0 &&
		        errno != EEXIST)
			return child_fail(fail, errno, "symlink", links[i].path);
	return b->config->terminal ? terminal_open(b, fail) : 0;
}

/* Last first, since /dev/pts stands on /dev. MNT_DETACH takes what is mounted on it along. */
static int unmount_group(const struct step *s, struct build *b, struct child_error *fail)
{
	const struct mount_group *g = s->ops->data;

	for (size_t i = b->config->n_mounts; i-- > 0;) {
		const struct mount_spec *m = &b->config->mounts[i];
		char path[FD_PATH_SIZE];
		auto_close fd = -1;
		if (!mount_is_below(m->destination, g->top))
			continue;
		fd = root_open(b->root_fd, m->destination, O_PATH | O_DIRECTORY);
		if (fd < 0 || umount2(fd_path(fd, path), MNT_DETACH) < 0)
			return child_fail(fail, fd < 0 ? -fd : errno, "umount", m->destination);
	}
	return 0;
}

bool mount_find(pid_t pid, const char *point, const char *root, char ret_type[static 64])
{
	char path[64], line[8192], found[4096], type[64], outer[64] = "", inner[64] = "";
	size_t n = strlen(root);
	bool below = false;
	auto_file file = NULL;

	snprintf(path, sizeof path, "/proc/%d/mounts", (int)pid);
	file = fopen(path, "re");
	/* The last one of a place wins: it covers those before it. As long as the new root is a
	 * mount like others, what counts is below it; after pivot_root it is "/" itself. */
	while (file && fgets(line, sizeof line, file)) {
		if (sscanf(line, "%*s %4095s %63s", found, type) != 2)
			continue;
		below |= n && !strcmp(found, root);
		if (!strcmp(found, point))
			memcpy(outer, type, sizeof outer);
		if (n && !strncmp(found, root, n) && !strcmp(found[n] ? found + n : "/", point))
			memcpy(inner, type, sizeof inner);
	}
	memcpy(ret_type, below ? inner : outer, 64);
	return ret_type[0];
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	const struct mount_group *g = s->ops->data;

	for (size_t i = 0; i < b->config->n_mounts; i++) {
		const struct mount_spec *m = &b->config->mounts[i];
		char type[64];
		if (!mount_is_below(m->destination, g->top) || m->flags & MS_BIND)
			continue;
		if (!mount_find(b->process.pid, m->destination, b->overlay.merged, type) ||
		        strcmp(type, m->type) != 0)
			return step_unverified(
			        s, err, m->destination, "no %s is mounted there", m->type);
		buf_addf(seen, "/proc/%d/mounts: %s on %s\n", (int)b->process.pid, type,
		        m->destination);
	}
	return 0;
}

static void diagnose(const struct step *s, const struct build *b, int code, struct error *err)
{
	(void)s;
	(void)b;
	if (code == EPERM) {
		snprintf(err->cause, sizeof err->cause,
		        "a user namespace may mount it only where it sees the host's own in full");
		error_advise(
		        err, "this happens inside containers that cover parts of /proc or /sys");
	} else if (code == EXDEV) {
		snprintf(err->cause, sizeof err->cause, "the image has something in the way of it");
	} else if (code == ENOTDIR || code == ELOOP) {
		snprintf(err->cause, sizeof err->cause,
		        "the image has a file or a link where a directory should be");
	}
}

static const struct mount_group proc = {
        "/proc",
        "/proc shows the pid namespace of whoever mounts it: a new one shows its own processes.",
};
static const struct mount_group dev = {
        "/dev",
        "A small /dev in memory with the harmless devices bound from the host, and terminals of "
        "its own.",
};
static const struct mount_group sys = {
        "/sys",
        "/sys shows the network namespace of whoever mounts it; read-only, it is the kernel's.",
};

const struct step_ops step_mount_proc = {
        .id = "mount-proc",
        .title = "a /proc that shows its processes",
        .man = "mount(2), proc(5)",
        .where = STEP_CHILD,
        .reversible = true,
        .data = &proc,
        .explain = explain,
        .child_apply = mount_proc,
        .child_undo = unmount_group,
        .verify = verify,
        .diagnose = diagnose,
};
const struct step_ops step_mount_dev = {
        .id = "mount-dev",
        .title = "a small /dev",
        .man = "mount(2), tmpfs(5), null(4), pts(4)",
        .where = STEP_CHILD,
        .reversible = true,
        .data = &dev,
        .explain = explain_dev,
        .child_apply = mount_dev,
        .child_undo = unmount_group,
        .verify = verify,
        .diagnose = diagnose,
};
const struct step_ops step_mount_sys = {
        .id = "mount-sys",
        .title = "a /sys, to read only",
        .man = "mount(2), sysfs(5)",
        .where = STEP_CHILD,
        .reversible = true,
        .data = &sys,
        .explain = explain,
        .child_apply = mount_group,
        .child_undo = unmount_group,
        .verify = verify,
        .diagnose = diagnose,
};
