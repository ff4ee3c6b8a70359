/* The tar inside a layer, read as a stream: file ─▶ (digest) ─▶ gunzip or unzstd ─▶ (diff id). Both
 * sums are taken on the way, so that one pass both uses and proves a layer.
 *
 * gzip: RFC 1952, several members are one stream. zstd: RFC 8878, several frames are one stream,
 * frames to skip are skipped. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/store/digest.h"
#include "kernel/store/layer_type.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct layer_stream;

/* `blob` is borrowed, a file, from its current position. gzip, zstd or plain. `digest` and
 * `diff_id` are what its sums have to become; NULL = any, of sha256. */
int layer_stream_open(int blob, const char *digest, const char *diff_id, struct layer_stream **ret,
        struct error *err);
/* Of a layer that this process has proved before, and reads once more: no sums are taken.
 * layer_stream_sums() and layer_stream_finish() are not for it. */
int layer_stream_open_proved(int blob, struct layer_stream **ret, struct error *err);
enum layer_compression layer_stream_kind(const struct layer_stream *s);
/* The next bytes, valid until the next call; 0 at the end. -EBADMSG: damaged, or cut off. -EFBIG:
 * more than an honest layer of this size holds (1 GiB and 200 times the file, at most 32 GiB). */
ssize_t layer_stream_read(struct layer_stream *s, const void **ret, struct error *err);

/* What a layer turned out to be. */
struct layer_sums {
	char digest[DIGEST_TEXT];  /* of the file */
	char diff_id[DIGEST_TEXT]; /* of the tar; nothing to go by when the stream is damaged */
	uint64_t size;             /* bytes of the file */
	uint64_t unpacked;         /* bytes of the tar */
	uint64_t behind;           /* bytes that stand behind the end of what is compressed */
};
/* Reads what is left, the whole file also when the stream in it is damaged: then the error is
 * returned and the sums are set all the same. */
int layer_stream_sums(struct layer_stream *s, struct layer_sums *ret, struct error *err);
/* The same, and compares. -EBADMSG. */
int layer_stream_finish(struct layer_stream *s, struct error *err);
void layer_stream_free(struct layer_stream *s);
