/* Whole small files and directories, relative to a directory descriptor, with every length bounded.
 */
#pragma once

#include "kernel/base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Appends the content of `path` (relative to `dirfd`, or AT_FDCWD) to `out`. More than `limit`
 * bytes is -EFBIG. Works for files of /proc and /sys, whose size is not known beforehand. */
int file_read_at(int dirfd, const char *path, size_t limit, struct buf *out);

/* Writes `text` in a single write(2). */
int file_write(int fd, const char *text);
/* Writes `text` in a single write(2), as files of /proc and cgroupfs want it. Does not create. */
int file_write_at(int dirfd, const char *path, const char *text);

/* All of it, in as many calls as it takes. */
int file_write_all(int fd, const char *bytes, size_t n);

/* Replaces `path` as a whole: temporary file beside it, then rename(2). A reader sees the old
 * content or the new, never half of it. */
int file_replace_at(int dirfd, const char *path, const void *bytes, size_t n, mode_t mode);
/* Whether the name is that of such a temporary file whose process is dead. */
bool file_abandoned(const char *name);

/* mkdir -p. Existing directories are fine. */
int dir_make(const char *path, mode_t mode);

/* Removes a tree without following symbolic links and without entering another file system
 * (a mount point inside is -EBUSY or -EXDEV). A tree that is not there is success. */
int dir_remove_tree(int dirfd, const char *path);
