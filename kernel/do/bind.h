/* Making a tree of files appear at a second place, open_tree(2), mount_setattr(2), move_mount(2).
 *
 * The copy is taken, given its restrictions while nobody can see it, and only then put in place:
 * there is no moment in which a read-only volume can be written, and no path is looked up twice.
 * For the child: no stdio, no allocation. Linux 5.12. */
#pragma once

#include "kernel/do/config.h"

#include <stdbool.h>
#include <stdint.h>

struct bind {
	const char *source;            /* a path outside */
	bool recursive;                /* with all that is mounted below it */
	uint64_t set, clear;           /* MOUNT_ATTR_* of the top */
	uint64_t deep_set, deep_clear; /* and of all below it as well */
	/* MS_PRIVATE and its like, with MS_REC; 0 = leave it. One after the other: what was made a
	 * slave and is shared then gets mounts from outside and hands them on inside. */
	unsigned long first_propagation, propagation;
};

/* What a mount of config.json asks for. */
struct bind bind_of_mount(const struct mount_spec *m);
/* Takes the copy: a descriptor of a mount that is nowhere yet; -errno. */
int bind_take(const struct bind *b);
/* The same of what is open already, without restrictions. */
int bind_take_fd(int fd, bool recursive);
/* Shows its files with other owners, as the user namespace maps them; `all`: also those of the
 * mounts below. Only before it is put in place. -EINVAL: a file system that cannot, or is mapped
 * already. Needs CAP_SYS_ADMIN over the file system. */
int bind_map_ids(int tree, int userns, bool all);
/* Puts it over what `target` (O_PATH) is. */
int bind_put(int tree, int target);
/* Takes a mount that `bind_put` has put there away, and puts a copy in its place: for one whose
 * copy was taken long before. /proc/PID/mountinfo tells mounts in the order in which they were
 * taken (Linux 6.8), and who reads it counts on a mount to come after what it is mounted on. */
int bind_put_again(int tree, int target);
