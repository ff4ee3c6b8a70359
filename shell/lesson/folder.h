/* A lesson folder as a cage for paths: whatever a lesson names is looked up below the folder.
 *
 * openat2(2) with RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS (Linux 5.6) lets the kernel itself refuse
 * "../", absolute paths and symbolic links that lead out, which no look at the text could do. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"

#include <stddef.h>

/* Opens a regular file below `folder_fd` for reading: the descriptor, or -EXDEV when the path
 * leaves the folder, -EFBIG above `limit` bytes, -EISDIR, -ENOENT, ... `path` is named in the
 * error. */
int folder_open(int folder_fd, const char *path, size_t limit, struct error *err);

/* Appends the whole file to `out`, as it is. */
int folder_read_bytes(
        int folder_fd, const char *path, size_t limit, struct buf *out, struct error *err);

/* The same with zero bytes and the carriage returns of DOS line ends taken out and without a byte
 * order mark, so that it can be handled as a string. */
int folder_read(int folder_fd, const char *path, size_t limit, struct buf *out, struct error *err);

/* Appends a file that is text for people, decoded (text_decode.h). */
int folder_read_text(
        int folder_fd, const char *path, size_t limit, struct buf *out, struct error *err);

/* Appends the path of the file that `path` means, as lessons from elsewhere name files: with
 * back-slashes, a slash or blanks before it, other capitals than the file has. When there is none,
 * `path` as it stands; opening it then says why. */
void folder_find(int folder_fd, const char *path, struct buf *out);
