#include "kernel/do/bind.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/rootpath.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

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

struct bind bind_of_mount(const struct mount_spec *m)
{
	unsigned long atime = MS_NOATIME | MS_STRICTATIME | MS_RELATIME;

	return (struct bind){
	        .source = m->source,
	        .recursive = m->flags & MS_REC,
	        .set = attributes(m->flags),
	        .clear = m->flags & atime ? MOUNT_ATTR__ATIME : 0u,
	        .deep_set = m->set,
	        .deep_clear = m->clear,
	        .propagation = m->propagation,
	};
}

static int restrict_tree(
        int tree, uint64_t set, uint64_t clear, unsigned long propagation, bool all)
{
	struct mount_attr attr = {
	        .attr_set = set,
	        .attr_clr = clear,
	        .propagation = propagation & ~(unsigned long)MS_REC,
	};

	if (!set && !clear && !propagation)
		return 0;
	return syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | (all ? AT_RECURSIVE : 0), &attr,
	               sizeof attr) < 0
	               ? -errno
	               : 0;
}

int bind_take(const struct bind *b)
{
	int tree = (int)syscall(SYS_open_tree, AT_FDCWD, b->source,
	        OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (b->recursive ? AT_RECURSIVE : 0));
	int r;

	if (tree < 0)
		return -errno;
	r = restrict_tree(tree, b->deep_set, b->deep_clear, 0, true);
	if (r == 0)
		r = restrict_tree(tree, b->set, b->clear, 0, false);
	if (r == 0)
		r = restrict_tree(tree, 0, 0, b->first_propagation, b->first_propagation & MS_REC);
	if (r == 0)
		r = restrict_tree(tree, 0, 0, b->propagation, b->propagation & MS_REC);
	if (r < 0) {
		close(tree);
		return r;
	}
	return tree;
}

int bind_take_fd(int fd, bool recursive)
{
	int tree = (int)syscall(SYS_open_tree, fd, "",
	        AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
	                (recursive ? AT_RECURSIVE : 0));

	return tree < 0 ? -errno : tree;
}

int bind_map_ids(int tree, int userns, bool all)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)userns};

	return syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | (all ? AT_RECURSIVE : 0), &attr,
	               sizeof attr) < 0
	               ? -errno
	               : 0;
}

int bind_put(int tree, int target)
{
	return syscall(SYS_move_mount, tree, "", target, "",
	               MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0
	               ? -errno
	               : 0;
}

int bind_put_again(int tree, int target)
{
	char path[FD_PATH_SIZE];
	auto_close copy = bind_take_fd(tree, true);

	/* Of no harm to anybody: it is in another order, that is all. Private first: the host would
	 * lose the mounts below what is shared with it. */
	if (copy < 0 || restrict_tree(tree, 0, 0, MS_PRIVATE, true) < 0)
		return 0;
	return umount2(fd_path(tree, path), MNT_DETACH) < 0 ? -errno : bind_put(copy, target);
}
