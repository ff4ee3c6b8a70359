/* Device nodes: the few that every program expects, and those that config.json names, mknod(2).
 *
 * A node is only a name for a driver; who may use it is for the control group to say. In a user
 * namespace no node can be made, so one from outside is bound in its place: made for it
 * (device_sources.h), or the host's own. */
#include "kernel/base/cleanup.h"
#include "kernel/do/bind.h"
#include "kernel/do/build.h"
#include "kernel/do/device_sources.h"
#include "kernel/do/rootpath.h"
#include "kernel/do/steps.h"
#include "kernel/do/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* config-linux.md, "Default Devices". */
static const struct device_node always[] = {
        {"/dev/null", S_IFCHR | 0666, 1, 3, 0, 0},
        {"/dev/zero", S_IFCHR | 0666, 1, 5, 0, 0},
        {"/dev/full", S_IFCHR | 0666, 1, 7, 0, 0},
        {"/dev/random", S_IFCHR | 0666, 1, 8, 0, 0},
        {"/dev/urandom", S_IFCHR | 0666, 1, 9, 0, 0},
        {"/dev/tty", S_IFCHR | 0666, 5, 0, 0, 0},
};
enum { N_ALWAYS = sizeof always / sizeof *always };

static const struct {
	const char *target, *name;
} links[] = {
        {"/proc/self/fd", "fd"},
        {"/proc/self/fd/0", "stdin"},
        {"/proc/self/fd/1", "stdout"},
        {"/proc/self/fd/2", "stderr"},
        {"pts/ptmx", "ptmx"},
};

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	(void)s;
	for (size_t i = 0; i < N_ALWAYS + b->config->n_devices; i++) {
		const struct device_node *d =
		        i < N_ALWAYS ? &always[i] : &b->config->devices[i - N_ALWAYS];
		char type = S_ISBLK(d->mode) ? 'b' : S_ISFIFO(d->mode) ? 'p' : 'c';
		buf_addf(&e->call, "%smknod(\"%s\", 0%o, makedev(%u, %u))", i ? "\n" : "", d->path,
		        (unsigned)d->mode, d->major, d->minor);
		buf_addf(&e->shell, "%smknod ROOT%s %c %u %u", i ? "\n" : "", d->path, type,
		        d->major, d->minor);
	}
	buf_add(&e->why,
	        "Programs expect a few devices; a node is a type and two numbers, by which "
	        "the kernel finds the driver.");
}

static int put_node(
        struct build *b, const struct device_node *d, int tree, struct child_error *fail)
{
	auto_close target = root_open_file(b->root_fd, d->path, 0600);
	int r;

	if (target < 0)
		return child_fail(fail, -target, "make", d->path);
	r = bind_put(tree, target);
	return r < 0 ? child_fail(fail, -r, "move_mount", d->path) : 0;
}

/* In a user namespace: the node that was made outside, else the host's, if it is the same device.
 */
static int bind_node(struct build *b, const struct device_node *d, struct child_error *fail)
{
	const struct device_node *own = b->config->devices;
	bool is_own = own && d >= own && d < own + b->config->n_devices;
	struct bind bind = {.source = d->path};
	auto_close tree = -1;
	struct stat st;

	tree = is_own && b->device_tree >= 0 ? device_sources_take(b, (size_t)(d - own))
	                                     : bind_take(&bind);
	if (tree < 0)
		return child_fail(fail, -tree, "open_tree", d->path);
	if (fstat(tree, &st) < 0 || (st.st_mode & S_IFMT) != (d->mode & S_IFMT) ||
	        st.st_rdev != makedev(d->major, d->minor))
		return child_fail(fail, ENODEV, "look at", d->path);
	return put_node(b, d, tree, fail);
}

/* 1: that device is there already; 0: nothing is, or an empty file as a place to bind to. */
static int look(int parent, const char *name, const struct device_node *d)
{
	struct stat st;

	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (S_ISREG(st.st_mode) && st.st_size == 0)
		return 0;
	if ((st.st_mode & S_IFMT) != (d->mode & S_IFMT))
		return -EEXIST;
	return S_ISFIFO(st.st_mode) || st.st_rdev == makedev(d->major, d->minor) ? 1 : -EEXIST;
}

/* The name was ours a moment ago, but the directory may be shared
 * with others: whoever puts a link there now would have us change a file of the host. */
static int own_node(
        int parent, const char *name, const struct device_node *d, struct child_error *fail)
{
	auto_close fd = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	char path[FD_PATH_SIZE];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return child_fail(fail, errno, "open", d->path);
	if ((st.st_mode & S_IFMT) != (d->mode & S_IFMT) ||
	        (!S_ISFIFO(st.st_mode) && st.st_rdev != makedev(d->major, d->minor)))
		return child_fail(fail, ESTALE, "look at", d->path);
	if ((st.st_mode & 07777) != (d->mode & 07777) &&
	        chmod(fd_path(fd, path), d->mode & 07777) < 0)
		return child_fail(fail, errno, "change mode", d->path);
	if ((st.st_uid != d->uid || st.st_gid != d->gid) &&
	        fchownat(fd, "", d->uid, d->gid, AT_EMPTY_PATH) < 0)
		return child_fail(fail, errno, "change owner", d->path);
	return 0;
}

static int make_node(struct build *b, const struct device_node *d, struct child_error *fail)
{
	const char *name = strrchr(d->path, '/') + 1;
	char above[PATH_MAX];
	auto_close parent = -1;
	int there;

	if ((size_t)(name - d->path) >= sizeof above)
		return child_fail(fail, ENAMETOOLONG, "make", d->path);
	memcpy(above, d->path, (size_t)(name - d->path));
	above[name - d->path] = '\0';
	parent = root_open_dir(b->root_fd, above, 0755);
	if (parent < 0)
		return child_fail(fail, -parent, "open", above);
	there = look(parent, name, d);
	if (there)
		return there < 0 ? child_fail(fail, -there, "make", d->path) : 0;
	if ((b->config->namespaces & CLONE_NEWUSER || b->old_user_namespace) && !S_ISFIFO(d->mode))
		return bind_node(b, d, fail);
	if (mknodat(parent, name, d->mode, makedev(d->major, d->minor)) < 0)
		return errno == EPERM ? bind_node(b, d, fail)
		                      : child_fail(fail, errno, "mknod", d->path);
	return own_node(parent, name, d, fail);
}

/* An engine that mounts a /dev of the host's has chosen what is in there. */
static bool dev_is_bound(const struct config *c)
{
	for (size_t i = 0; i < c->n_mounts; i++)
		if (!strcmp(c->mounts[i].destination, "/dev") && c->mounts[i].flags & MS_BIND)
			return true;
	return false;
}

static int make_links(struct build *b, struct child_error *fail)
{
	auto_close dev = root_open(b->root_fd, "/dev", O_PATH | O_DIRECTORY);

	if (dev < 0)
		return child_fail(fail, -dev, "open", "/dev");
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		if (symlinkat(links[i].target, dev, links[i].name) < 0 && errno != EEXIST)
			return child_fail(fail, errno, "symlink", links[i].name);
	return 0;
}

/* Those of config.json. */
static int make_own(struct build *b, struct child_error *fail)
{
	const struct config *c = b->config;
	int r = device_sources_show(b), hidden;

	if (r < 0)
		return child_fail(fail, -r, "move_mount", "nodes for linux.devices");
	for (size_t i = 0; r == 0 && i < c->n_devices; i++)
		r = make_node(b, &c->devices[i], fail);
	hidden = device_sources_hide(b);
	return r == 0 && hidden < 0
	               ? child_fail(fail, -hidden, "umount2", "nodes for linux.devices")
	               : r;
}

static int apply(const struct step *s, struct build *b, struct child_error *fail)
{
	const struct config *c = b->config;
	bool bound = dev_is_bound(c);
	mode_t before = umask(0); /* mknod(2) takes it off the mode */
	int r = 0;

	(void)s;
	for (size_t i = 0; !bound && r == 0 && i < N_ALWAYS; i++)
		r = make_node(b, &always[i], fail);
	if (r == 0)
		r = make_own(b, fail);
	umask(before);
	if (r == 0 && !bound)
		r = make_links(b, fail);
	return r == 0 && c->terminal ? terminal_open(b, fail) : r;
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	char path[PATH_MAX];
	struct stat st;

	snprintf(path, sizeof path, "/proc/%d/root%s/dev/null", (int)b->process.pid,
	        b->overlay.merged);
	if (stat(path, &st) < 0) /* after pivot_root the root is the new one */
		snprintf(path, sizeof path, "/proc/%d/root/dev/null", (int)b->process.pid);
	if (stat(path, &st) < 0 || !S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3))
		return step_unverified(s, err, path, "is not the device 1:3");
	buf_addf(seen, "%s is the device 1:3\n", path);
	return 0;
}

static void diagnose(const struct step *s, const struct build *b, int code, struct error *err)
{
	(void)s;
	(void)b;
	if (code == ENODEV)
		snprintf(err->cause, sizeof err->cause,
		        "in a user namespace only a node that the host has can be shown, and the "
		        "host's is another device");
	else if (code == EEXIST)
		snprintf(err->cause, sizeof err->cause,
		        "something else is there already: another device, or no device");
	else if (code == ENOENT && strstr(err->operation, "open_tree"))
		snprintf(err->cause, sizeof err->cause,
		        "in a user namespace only a node that the host has can be shown, and it "
		        "has none of this name");
}

const struct step_ops step_devices = {
        .id = "devices",
        .title = "the devices that programs expect",
        .man = "mknod(2), null(4)",
        .where = STEP_CHILD,
        .explain = explain,
        .child_apply = apply,
        .verify = verify,
        .diagnose = diagnose,
};
