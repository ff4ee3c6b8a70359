/* The entries of a layer's tar, one after the other, from the stream of its blob. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/contents/file_tree.h"
#include "kernel/store/layout.h"

#include <stddef.h>
#include <sys/types.h>

struct layer_entries;

/* `digest` names the blob, `diff_id` the tar in it: what the sums have to become; NULL: they were
 * proved before, and layer_entries_finish() is not called. */
int layer_entries_open(const struct layout *l, const char *digest, const char *diff_id,
        struct layer_entries **ret, struct error *err);
/* 1 with the next entry, whose texts are good until the next call; 0 at the end. -EBADMSG. */
int layer_entries_next(struct layer_entries *e, struct file_entry *ret, struct error *err);
/* Contents of the current entry, in order; 0 at its end. */
ssize_t layer_entries_read(struct layer_entries *e, void *bytes, size_t n, struct error *err);
/* Reads what is left and compares both sums; -EBADMSG. ret_tar (may be NULL): bytes of the tar. */
int layer_entries_finish(struct layer_entries *e, uint64_t *ret_tar, struct error *err);
/* Accepts NULL. */
void layer_entries_free(struct layer_entries *e);
