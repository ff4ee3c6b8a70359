#include "kernel/store/layer_stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 64 << 10 };

#define MAX_BYTES                                                                                  \
	(UINT64_C(32) << 30) /* of one unpacked layer: a small file can hold a large one */

struct layer_stream {
	int blob;
	struct digest *outside, *inside;
	struct archive *raw;
	uint64_t file;  /* bytes read */
	uint64_t bytes; /* unpacked so far */
	char digest[DIGEST_TEXT], diff_id[DIGEST_TEXT];
	char wanted_digest[DIGEST_TEXT], wanted_diff_id[DIGEST_TEXT]; /* "": any */
	char in[CHUNK], out[CHUNK];
};

static la_ssize_t read_blob(struct archive *a, void *data, const void **ret)
{
	struct layer_stream *s = data;
	ssize_t n;

	do
		n = read(s->blob, s->in, sizeof s->in);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		archive_set_error(a, errno, "%s", strerror(errno));
		return -1;
	}
	digest_add(s->outside, s->in, (size_t)n);
	s->file += (uint64_t)n;
	*ret = s->in;
	return n;
}

static int failed(struct layer_stream *s, struct error *err)
{
	const char *text = archive_error_string(s->raw);

	return error_set(err, EBADMSG, "unpack layer", "", "%s", text ? text : "not an archive");
}

static int open_raw(struct layer_stream *s, struct error *err)
{
	struct archive_entry *entry;

	if (!s->outside || !s->inside || !s->raw)
		return error_set(err, ENOMEM, "unpack layer", "", NULL);
	archive_read_support_filter_gzip(s->raw);
	archive_read_support_filter_zstd(s->raw);
	archive_read_support_format_raw(s->raw);
	archive_read_support_format_empty(s->raw);
	if (archive_read_open(s->raw, s, NULL, read_blob, NULL) != ARCHIVE_OK)
		return failed(s, err);
	switch (archive_read_next_header(s->raw, &entry)) {
	case ARCHIVE_OK:
	case ARCHIVE_EOF: /* nothing at all */
		return 0;
	default:
		return failed(s, err);
	}
}

static enum digest_algorithm algorithm_of(const char *wanted)
{
	return wanted ? digest_algorithm(wanted) : DIGEST_SHA256;
}

int layer_stream_open(int blob, const char *digest, const char *diff_id, struct layer_stream **ret,
        struct error *err)
{
	struct layer_stream *s = calloc(1, sizeof *s);
	int r;

	if (!s)
		return error_set(err, ENOMEM, "unpack layer", "", NULL);
	s->blob = blob;
	digest_copy(s->wanted_digest, digest ? digest : "");
	digest_copy(s->wanted_diff_id, diff_id ? diff_id : "");
	s->outside = digest_new(algorithm_of(digest));
	s->inside = digest_new(algorithm_of(diff_id));
	s->raw = archive_read_new();
	r = open_raw(s, err);
	if (r < 0)
		layer_stream_free(s);
	else
		*ret = s;
	return r;
}

ssize_t layer_stream_read(struct layer_stream *s, const void **ret, struct error *err)
{
	la_ssize_t n = archive_read_data(s->raw, s->out, sizeof s->out);

	if (n < 0)
		return failed(s, err);
	s->bytes += (uint64_t)n;
	if (s->bytes > MAX_BYTES)
		return error_set(err, EFBIG, "unpack layer", "", "it is larger than 32 GiB");
	digest_add(s->inside, s->out, (size_t)n);
	*ret = s->out;
	return n;
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
	const void *bytes;
	uint64_t used;
	ssize_t n;
	int r;

	while ((n = layer_stream_read(s, &bytes, err)) > 0)
		;
	used = (uint64_t)archive_filter_bytes(s->raw, -1);
	/* Behind the end of what is compressed there may be more of the file. */
	while (n == 0) {
		n = read_blob(s->raw, s, &bytes);
		if (n == 0)
			break;
		n = n > 0 ? 0 : n;
	}
	if (n < 0)
		return failed(s, err);
	digest_finish(s->outside, s->digest);
	digest_finish(s->inside, s->diff_id);
	r = check_sum(s->digest, s->wanted_digest, "digest", err);
	if (r == 0 && used < s->file)
		return error_set(err, EBADMSG, "verify layer", s->digest,
		        "%llu bytes stand behind its end", (unsigned long long)(s->file - used));
	return r < 0 ? r : check_sum(s->diff_id, s->wanted_diff_id, "diff id", err);
}

void layer_stream_sums(
        const struct layer_stream *s, char ret_digest[DIGEST_TEXT], char ret_diff_id[DIGEST_TEXT])
{
	memcpy(ret_digest, s->digest, DIGEST_TEXT);
	memcpy(ret_diff_id, s->diff_id, DIGEST_TEXT);
}

void layer_stream_free(struct layer_stream *s)
{
	if (!s)
		return;
	archive_read_free(s->raw);
	digest_free(s->outside);
	digest_free(s->inside);
	free(s);
}
