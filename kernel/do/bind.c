#include "kernel/do/bind.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

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

int bind_put(int tree, int target)
{
	return syscall(SYS_move_mount, tree, "", target, "",
	               MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0
	               ? -errno
	               : 0;
}
