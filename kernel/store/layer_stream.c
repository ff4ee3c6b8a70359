#include "kernel/store/layer_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum { CHUNK = 128 << 10, MAGIC = 4 };

/* A small file can hold a large layer, but gzip and zstd make files of programs some 3 times
 * smaller, not 200 times. */
#define HONEST_BYTES (UINT64_C(1) << 30)
#define HONEST_RATIO UINT64_C(200)
#define MAX_BYTES    (UINT64_C(32) << 30)

struct layer_stream {
	int blob;
	struct digest *outside, *inside; /* NULL: proved already */
	enum layer_compression kind;
	z_stream gzip;
	ZSTD_DCtx *zstd;
	bool ended;     /* what is compressed has come to its end */
	uint64_t file;  /* bytes read */
	uint64_t bytes; /* unpacked so far */
	uint64_t limit;
	char digest[DIGEST_TEXT], diff_id[DIGEST_TEXT]; /* wanted; "": any */
	unsigned char *next;                            /* in `in`: read and not yet unpacked */
	size_t have;
	unsigned char in[CHUNK], out[CHUNK];
};

/* More of the file behind what is there. 0 at its end. */
static ssize_t refill(struct layer_stream *s, struct error *err)
{
	ssize_t n;

	if (s->have)
		memmove(s->in, s->next, s->have);
	s->next = s->in;
	do
		n = read(s->blob, s->in + s->have, sizeof s->in - s->have);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_set(err, errno, "unpack layer", "", NULL);
	if (s->outside)
		digest_add(s->outside, s->in + s->have, (size_t)n);
	s->file += (uint64_t)n;
	s->have += (size_t)n;
	return n;
}

/* Enough to tell what comes, unless the file ends before. */
static int look_ahead(struct layer_stream *s, struct error *err)
{
	ssize_t n = 1;

	while (s->have < MAGIC && n > 0)
		n = refill(s, err);
	return n < 0 ? (int)n : 0;
}

static enum digest_algorithm algorithm_of(const char *wanted)
{
	return wanted[0] ? digest_algorithm(wanted) : DIGEST_SHA256;
}

static int start(struct layer_stream *s, bool proved, struct error *err)
{
	struct stat st;
	int r;

	s->next = s->in;
	if (!proved) {
		s->outside = digest_new(algorithm_of(s->digest));
		s->inside = digest_new(algorithm_of(s->diff_id));
	}
	s->zstd = ZSTD_createDCtx();
	if ((!proved && (!s->outside || !s->inside)) || !s->zstd ||
	        inflateInit2(&s->gzip, MAX_WBITS + 16) != Z_OK)
		return error_set(err, ENOMEM, "unpack layer", "", NULL);
	if (fstat(s->blob, &st) < 0)
		return error_set(err, errno, "unpack layer", "", NULL);
	s->limit = HONEST_BYTES + HONEST_RATIO * (uint64_t)st.st_size;
	s->limit = s->limit < MAX_BYTES ? s->limit : MAX_BYTES;
	r = look_ahead(s, err);
	s->kind = layer_bytes_compression(s->next, s->have);
	return r;
}

static int open_stream(int blob, const char *digest, const char *diff_id, bool proved,
        struct layer_stream **ret, struct error *err)
{
	struct layer_stream *s = calloc(1, sizeof *s);
	int r;

	if (!s)
		return error_set(err, ENOMEM, "unpack layer", "", NULL);
	s->blob = blob;
	digest_copy(s->digest, digest ? digest : "");
	digest_copy(s->diff_id, diff_id ? diff_id : "");
	r = start(s, proved, err);
	if (r < 0)
		layer_stream_free(s);
	else
		*ret = s;
	return r;
}

int layer_stream_open(int blob, const char *digest, const char *diff_id, struct layer_stream **ret,
        struct error *err)
{
	return open_stream(blob, digest, diff_id, false, ret, err);
}

int layer_stream_open_proved(int blob, struct layer_stream **ret, struct error *err)
{
	return open_stream(blob, NULL, NULL, true, ret, err);
}

enum layer_compression layer_stream_kind(const struct layer_stream *s)
{
	return s->kind;
}

static int damaged(struct layer_stream *s, const char *why, struct error *err)
{
	const char *kind = layer_compression_name(s->kind);

	s->ended = true;
	if (why)
		return error_set(err, EBADMSG, "unpack layer", "", "the %s stream is damaged: %s",
		        kind, why);
	return error_set(err, EBADMSG, "unpack layer", "", "the %s stream is cut off", kind);
}

/* Behind the end of a member or frame: another one, or the end of all. */
static int end_part(struct layer_stream *s, struct error *err)
{
	int r = look_ahead(s, err);

	if (r < 0)
		return r;
	if (layer_bytes_compression(s->next, s->have) != s->kind)
		s->ended = true;
	else if (s->kind == LAYER_GZIP)
		inflateReset(&s->gzip);
	return 0;
}

/* One step; how much of `out` is filled. */
static ssize_t gunzip(struct layer_stream *s, size_t room, unsigned char *out, struct error *err)
{
	int r;

	s->gzip.next_in = s->next;
	s->gzip.avail_in = (uInt)s->have;
	s->gzip.next_out = out;
	s->gzip.avail_out = (uInt)room;
	r = inflate(&s->gzip, Z_NO_FLUSH);
	s->next = s->gzip.next_in;
	s->have = s->gzip.avail_in;
	if (r == Z_STREAM_END) {
		int end = end_part(s, err);
		if (end < 0)
			return end;
	} else if (r != Z_OK && r != Z_BUF_ERROR) {
		return damaged(s, s->gzip.msg ? s->gzip.msg : "it wants a dictionary", err);
	}
	return (ssize_t)(room - s->gzip.avail_out);
}

static ssize_t unzstd(struct layer_stream *s, size_t room, unsigned char *to, struct error *err)
{
	ZSTD_inBuffer in = {s->next, s->have, 0};
	ZSTD_outBuffer out = {to, room, 0};
	size_t r = ZSTD_decompressStream(s->zstd, &out, &in);

	s->next += in.pos;
	s->have -= in.pos;
	if (ZSTD_isError(r))
		return damaged(s, ZSTD_getErrorName(r), err);
	if (r == 0) {
		int end = end_part(s, err);
		if (end < 0)
			return end;
	}
	return (ssize_t)out.pos;
}

/* Fills `out`, all of it unless the end comes. */
static ssize_t unpack_some(struct layer_stream *s, struct error *err)
{
	size_t used = 0;

	while (!s->ended && used < sizeof s->out) {
		size_t had;
		ssize_t n = s->have ? 1 : refill(s, err);
		if (n < 0)
			return n;
		if (n == 0)
			return damaged(s, NULL, err);
		had = s->have;
		n = s->kind == LAYER_GZIP ? gunzip(s, sizeof s->out - used, s->out + used, err)
		                          : unzstd(s, sizeof s->out - used, s->out + used, err);
		if (n < 0)
			return n;
		used += (size_t)n;
		/* What is left over is less than it needs to go on. */
		if (n == 0 && s->have == had && !s->ended && refill(s, err) <= 0)
			return damaged(s, NULL, err);
	}
	return (ssize_t)used;
}

static ssize_t plain_some(struct layer_stream *s, const void **ret, struct error *err)
{
	ssize_t n = s->have ? 0 : refill(s, err);

	if (n < 0)
		return n;
	*ret = s->next;
	n = (ssize_t)s->have;
	s->have = 0;
	s->ended = n == 0;
	return n;
}

ssize_t layer_stream_read(struct layer_stream *s, const void **ret, struct error *err)
{
	ssize_t n;

	if (s->ended)
		return 0;
	*ret = s->out;
	n = s->kind == LAYER_PLAIN ? plain_some(s, ret, err) : unpack_some(s, err);
	if (n < 0)
		return n;
	s->bytes += (uint64_t)n;
	if (s->bytes > s->limit && s->kind != LAYER_PLAIN) {
		s->ended = true;
		return error_set(err, EFBIG, "unpack layer", "",
		        "%llu bytes hold more than %llu: no honest layer does",
		        (unsigned long long)s->file, (unsigned long long)s->limit);
	}
	if (s->inside)
		digest_add(s->inside, *ret, (size_t)n);
	return n;
}

int layer_stream_sums(struct layer_stream *s, struct layer_sums *ret, struct error *err)
{
	struct layer_sums sums = {0};
	const void *bytes;
	ssize_t n, rest;

	while ((n = layer_stream_read(s, &bytes, err)) > 0)
		;
	/* Behind the end of what is compressed there may be more of the file. */
	sums.behind = n < 0 || s->kind == LAYER_PLAIN ? 0 : s->have;
	s->have = 0;
	while ((rest = refill(s, err)) > 0) {
		sums.behind += n < 0 ? 0 : (uint64_t)rest;
		s->have = 0;
	}
	digest_finish(s->outside, sums.digest);
	digest_finish(s->inside, sums.diff_id);
	sums.size = s->file;
	sums.unpacked = s->bytes;
	*ret = sums;
	return n < 0 ? (int)n : (int)rest;
}

static int check_sum(const char *got, const char *wanted, const char *what, struct error *err)
{
	if (!wanted[0] || !strcmp(got, wanted))
		return 0;
	error_set(err, EBADMSG, "verify layer", wanted, "its %s is %s: the file was changed", what,
	        got);
	error_advise(err, "remove the image and fetch or make it again");
	return -EBADMSG;
}

int layer_stream_finish(struct layer_stream *s, struct error *err)
{
	struct layer_sums sums;
	int r = layer_stream_sums(s, &sums, err);

	if (r == 0)
		r = check_sum(sums.digest, s->digest, "digest", err);
	if (r == 0 && sums.behind)
		return error_set(err, EBADMSG, "verify layer", sums.digest,
		        "%llu bytes stand behind its end", (unsigned long long)sums.behind);
	return r < 0 ? r : check_sum(sums.diff_id, s->diff_id, "diff id", err);
}

void layer_stream_free(struct layer_stream *s)
{
	if (!s)
		return;
	inflateEnd(&s->gzip);
	ZSTD_freeDCtx(s->zstd);
	digest_free(s->outside);
	digest_free(s->inside);
	free(s);
}
