/* Device nodes for a container with a user namespace of its own.
 *
 * Root of a user namespace can make no node, mknod(2), and of those that the host has by the same
 * name it could only show what they are: with their owner, and not others. So those of config.json
 * are made out here, on a small file system in memory that nobody else sees; the first process is
 * born with its descriptor, and binds each node from there to its place. */
#include "kernel/do/device_sources.h"
#include "kernel/base/cleanup.h"
#include "kernel/do/bind.h"
#include "kernel/do/build.h"
#include "kernel/do/idmap.h"
#include "kernel/do/rootpath.h"
#include "kernel/do/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { NAME_SIZE = 12 };

/* A pipe is no device: anybody may make one. */
static bool is_made_here(const struct device_node *d)
{
	return !S_ISFIFO(d->mode);
}

bool device_sources_wanted(const struct build *b)
{
	const struct config *c = b->config;

	if (!(c->namespaces & CLONE_NEWUSER) || !idmap_privileged())
		return false;
	for (size_t i = 0; i < c->n_devices; i++)
		if (is_made_here(&c->devices[i]))
			return true;
	return false;
}

void device_sources_close(struct build *b)
{
	cleanup_fd(&b->device_tree);
}

/* "0", "1", …; without stdio, since the child asks as well. */
static const char *node_name(size_t i, char ret[static NAME_SIZE])
{
	char *p = ret + NAME_SIZE - 1;

	*p = '\0';
	do
		*--p = (char)('0' + i % 10);
	while ((i /= 10) > 0);
	return p;
}

static void explain(const struct step *s, const struct build *b, struct explanation *e)
{
	(void)s;
	buf_add(&e->call, "fsopen(\"tmpfs\")\nfsmount(fs, MOUNT_ATTR_NOSUID|MOUNT_ATTR_NOEXEC)");
	buf_add(&e->shell, "mount -t tmpfs none NODES");
	for (size_t i = 0; i < b->config->n_devices; i++) {
		const struct device_node *d = &b->config->devices[i];
		if (!is_made_here(d))
			continue;
		buf_addf(&e->call, "\nmknodat(nodes, \"%zu\", 0%o, makedev(%u, %u))", i,
		        (unsigned)d->mode, d->major, d->minor);
		buf_addf(&e->shell, "\nmknod NODES/%zu %c %u %u", i, S_ISBLK(d->mode) ? 'b' : 'c',
		        d->major, d->minor);
	}
	buf_add(&e->why, "Root of a user namespace may not make device nodes: they are made out "
	                 "here, and shown in there.");
}

static int make_node(const struct config *c, int at, size_t i, struct error *err)
{
	const struct device_node *d = &c->devices[i];
	char buffer[NAME_SIZE];
	const char *name = node_name(i, buffer);
	uint32_t uid, gid;

	if (!idmap_outside(c->uid_map, c->n_uid_map, d->uid, &uid) ||
	        !idmap_outside(c->gid_map, c->n_gid_map, d->gid, &gid))
		return error_set(err, EINVAL, "make device for", d->path,
		        "its owner %u:%u is no id of the user namespace", (unsigned)d->uid,
		        (unsigned)d->gid);
	if (mknodat(at, name, d->mode, makedev(d->major, d->minor)) < 0)
		return error_set(err, errno, "make device for", d->path, NULL);
	/* mknod(2) takes the umask off. */
	if (fchownat(at, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0 ||
	        fchmodat(at, name, d->mode & ALLPERMS, 0) < 0)
		return error_set(err, errno, "change owner of device for", d->path, NULL);
	return 0;
}

static int make_tmpfs(void)
{
	auto_close fs = (int)syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC);
	int fd;

	if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "mode", "755", 0) < 0 ||
	        syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	fd = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	return fd < 0 ? -errno : fd;
}

static int undo(const struct step *s, struct build *b, struct error *err)
{
	(void)s;
	(void)err;
	device_sources_close(b);
	return 0;
}

static int apply(const struct step *s, struct build *b, struct error *err)
{
	const struct config *c = b->config;
	int r = 0;

	(void)s;
	b->device_tree = make_tmpfs();
	if (b->device_tree < 0)
		return error_set(err, -b->device_tree, "mount", "tmpfs for devices", NULL);
	for (size_t i = 0; r == 0 && i < c->n_devices; i++)
		if (is_made_here(&c->devices[i]))
			r = make_node(c, b->device_tree, i, err);
	if (r < 0)
		device_sources_close(b);
	/* A filter or a missing CAP_MKNOD, as in a container in a container: what the host has by
	 * that name is still to be had. */
	if (r == -EPERM) {
		*err = (struct error){0};
		return 0;
	}
	return r;
}

static int verify(const struct step *s, const struct build *b, struct buf *seen, struct error *err)
{
	(void)s;
	(void)err;
	buf_add(seen, b->device_tree >= 0 ? "the nodes are made, and are nowhere yet\n"
	                                  : "no node may be made here: the host's are shown\n");
	return 0;
}

/* ---- in the child ---------------------------------------------------------------------------- */

/* A copy can only be taken of what is mounted somewhere, before Linux 6.15: for that time it covers
 * the new root, where no path is looked up but from its descriptor. */
int device_sources_show(struct build *b)
{
	return b->device_tree < 0 ? 0 : bind_put(b->device_tree, b->root_fd);
}

int device_sources_take(const struct build *b, size_t i)
{
	char name[NAME_SIZE];
	int tree = (int)syscall(SYS_open_tree, b->device_tree, node_name(i, name),
	        OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	return tree < 0 ? -errno : tree;
}

int device_sources_hide(struct build *b)
{
	char path[FD_PATH_SIZE];

	return b->device_tree >= 0 && umount2(fd_path(b->device_tree, path), MNT_DETACH) < 0
	               ? -errno
	               : 0;
}

const struct step_ops step_device_sources = {
        .id = "device-sources",
        .title = "device nodes that root in there could not make",
        .man = "mknod(2), fsmount(2), user_namespaces(7)",
        .where = STEP_HOST,
        .reversible = true,
        .explain = explain,
        .host_apply = apply,
        .host_undo = undo,
        .verify = verify,
};
