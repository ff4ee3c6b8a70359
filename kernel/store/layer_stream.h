/* The tar inside a layer, read as a stream: file ─▶ (digest) ─▶ gunzip or unzstd ─▶ (diff id). Both
 * sums are taken on the way, so that one pass both uses and proves a layer. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/store/digest.h"

#include <stddef.h>
#include <sys/types.h>

struct layer_stream;

/* `blob` is borrowed, from its current position. gzip, zstd or plain. `digest` and `diff_id` are
 * what its sums have to become; NULL = any, of sha256. -EBADMSG: cannot be unpacked. */
int layer_stream_open(int blob, const char *digest, const char *diff_id, struct layer_stream **ret,
        struct error *err);
/* The next bytes, valid until the next call; 0 at the end. -EBADMSG: damaged. -EFBIG: more than
 * 32 GiB, which a small file can claim. */
ssize_t layer_stream_read(struct layer_stream *s, const void **ret, struct error *err);
/* Reads what is left (it counts for the sums) and compares. -EBADMSG. */
int layer_stream_finish(struct layer_stream *s, struct error *err);
/* The sums after finish. */
void layer_stream_sums(
        const struct layer_stream *s, char ret_digest[DIGEST_TEXT], char ret_diff_id[DIGEST_TEXT]);
void layer_stream_free(struct layer_stream *s);
