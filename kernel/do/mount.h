/* Mounts of one process, as /proc/PID/mounts tells them. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/do/config.h"

#include <stdbool.h>
#include <sys/types.h>

/* The mounts of config.json at or below one directory make one step. */
struct mount_group {
	const char *top, *why;
};

/* "/dev" and "/dev/pts" are at or below "/dev"; "/device" is not. */
bool mount_is_below(const char *path, const char *top);

/* Whether it is a volume (volume.c) and not one of the file systems of mount.c. */
bool mount_is_volume(const struct mount_spec *m);

/* Whether something is mounted at `point`, and of which type. `root` ("" = none) is a directory
 * that counts as the root: before pivot_root its path stands before every mount point. */
bool mount_find(pid_t pid, const char *point, const char *root, char ret_type[static 64]);

/* Appends "MS_NOSUID|MS_NODEV", for explanations. */
void mount_add_flags(struct buf *out, unsigned long flags);
