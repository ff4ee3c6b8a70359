/* A mount namespace that is there already and that others live in: linux.namespaces with a path.
 *
 * The root is found in there, and what is mounted for the container is seen by the others, too. So
 * pivot_root(2) is out of the question: it would take the root of all of them away. The container
 * gets its root with chroot(2) instead, and what was mounted below it is unmounted at its end. */
#pragma once

#include "kernel/base/error.h"

#include <stdint.h>

struct build;

/* A mount, told apart from any other: who has the numbers twice has mounted it again. */
struct mount_id {
	uint64_t space; /* inode of the mount namespace */
	uint64_t mount; /* as in /proc/PID/mountinfo */
};

/* Opens the directory `root` (O_PATH) as it is found in the mount namespace that b->config names;
 * `ret_id` (may be NULL) is of the mount that it is on. namespace_join_open() comes before. */
int mount_join_open(
        struct build *b, const char *root, int *ret_fd, struct mount_id *ret_id, struct error *err);
/* Unmounts `root` in there, with all below it, if it still is the mount `id`; else does nothing. */
int mount_join_clean(struct build *b, const char *root, struct mount_id id, struct error *err);
