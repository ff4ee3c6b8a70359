/* Writing a blob: content whose name is its own sum, so it has no name before it is whole.
 *
 * It grows in a hidden file that its writer keeps locked (flock(2)); an unlocked one is what a
 * killed writer left, and store_collect() takes it away. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/store/layout.h"

#include <stddef.h>
#include <stdint.h>

/* How the hidden files begin. */
#define BLOB_HIDDEN ".blob-"

struct blob_writer;

/* `l` is borrowed until the writer is freed. `algorithm` is that of the digest to come. */
int blob_writer_new(const struct layout *l, enum digest_algorithm algorithm,
        struct blob_writer **ret, struct error *err);
int blob_add(struct blob_writer *w, const void *bytes, size_t n, struct error *err);
/* All that is left of a file. */
int blob_copy(struct blob_writer *w, int fd, struct error *err);
uint64_t blob_size(const struct blob_writer *w);
/* Gives the content its name. `wanted` (may be NULL) is the digest that it has to have: -EBADMSG.
 * When it is one of another algorithm, all bytes are read and summed again. */
int blob_finish(
        struct blob_writer *w, const char *wanted, char ret_digest[DIGEST_TEXT], struct error *err);
/* Without finish, nothing stays behind. Accepts NULL. */
void blob_writer_free(struct blob_writer *w);
