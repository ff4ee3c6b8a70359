/* The bytes of a layer, in one pass: sums, compression, and the names in the tar. */
#include "kernel/base/cleanup.h"
#include "kernel/store/byte_names.h"
#include "kernel/store/check.h"
#include "kernel/store/layer_name.h"
#include "kernel/store/layer_stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct pass {
	struct layer_stream *stream;
	struct error problem; /* of the stream */
	json_t *names;
	bool twice; /* a name that is there twice has been told of */
};

static la_ssize_t read_tar(struct archive *a, void *data, const void **ret)
{
	struct pass *p = data;
	ssize_t n = layer_stream_read(p->stream, ret, &p->problem);

	if (n < 0)
		archive_set_error(a, (int)-n, "the stream is damaged");
	return n < 0 ? -1 : n;
}

static void check_name(const struct document *d, struct pass *p, struct archive_entry *e)
{
	const char *name = archive_entry_pathname(e), *inner = layer_inner_name(name), *hidden;
	const char *link = archive_entry_hardlink(e), *slash;
	auto_free char *key = NULL;
	size_t n;

	if (!inner) {
		check_fault(d, FAULT_BROKEN, "", ENTRY_SECTION, "'%.200s' leads out of the layer",
		        name ? name : "");
		return;
	}
	if (link && !layer_inner_name(link))
		check_fault(d, FAULT_BROKEN, "", ENTRY_SECTION,
		        "'%.200s' is a hard link to '%.200s', which is out of the layer", inner,
		        link);
	key = strdup(inner);
	for (n = key ? strlen(key) : 0; n && key[n - 1] == '/';)
		key[--n] = '\0';
	slash = key ? strrchr(key, '/') : NULL;
	if (key && layer_whiteout_of(slash ? slash + 1 : key, &hidden) == WHITEOUT_BAD)
		check_fault(d, FAULT_BROKEN, "", WHITEOUT_SECTION,
		        "'%.200s' is a whiteout of '%s', which is no name", key, hidden);
	if (key && n && json_object_get(p->names, key) && !p->twice) {
		p->twice = true;
		check_fault(d, FAULT_NOTE, "", LAYER_SECTION,
		        "'%.200s' is there twice; the last one counts", key);
	}
	/* Names that are no UTF-8 cannot be keys; those are not counted. */
	if (key && n)
		json_object_set_new(p->names, key, json_true());
}

/* Whether the tar was read to its end. */
static bool check_entries(const struct document *d, struct pass *p)
{
	struct archive *tar = archive_read_new();
	struct archive_entry *e;
	int r = ARCHIVE_FATAL;

	if (tar) {
		archive_read_support_format_tar(tar);
		archive_read_support_format_empty(tar);
		r = archive_read_open(tar, p, NULL, read_tar, NULL);
	}
	while (r == ARCHIVE_OK || r == ARCHIVE_WARN) {
		r = archive_read_next_header(tar, &e);
		if (r == ARCHIVE_OK || r == ARCHIVE_WARN)
			check_name(d, p, e);
	}
	if (r != ARCHIVE_EOF && !p->problem.code) {
		const char *text = tar ? archive_error_string(tar) : NULL;
		check_fault(d, FAULT_BROKEN, "", LAYER_SECTION, "it is no whole tar: %s",
		        text ? text : "no memory");
	}
	archive_read_free(tar);
	return r == ARCHIVE_EOF;
}

static void check_sums(const struct document *d, struct pass *p, const char *digest,
        const char *diff_id, const struct document *from)
{
	struct layer_sums sums;
	char key[DIGEST_TEXT + 8];
	int r = layer_stream_sums(p->stream, &sums, &p->problem);

	snprintf(key, sizeof key, "blob %s", digest);
	if (check_first(d->check, key)) {
		d->check->blobs_seen++;
		d->check->bytes += sums.size;
		if (strcmp(sums.digest, digest) != 0)
			check_fault(d, FAULT_BROKEN, "", BLOBS_SECTION,
			        "the sum of its bytes is %s: they are not those that it is named "
			        "after",
			        sums.digest);
	}
	if (r < 0 || p->problem.code) {
		check_fault(d, FAULT_BROKEN, "", LAYER_SECTION, "%s", p->problem.cause);
		return;
	}
	if (sums.behind)
		check_fault(d, FAULT_BROKEN, "", LAYER_SECTION, "%llu bytes stand behind its end",
		        (unsigned long long)sums.behind);
	if (diff_id && strcmp(sums.diff_id, diff_id) != 0)
		check_fault(d, FAULT_BROKEN, "", CONFIG_SECTION,
		        "its diff id is %s, and the configuration of %s says %s", sums.diff_id,
		        from->file, diff_id);
}

static void check_stream(const struct document *d, struct pass *p, const struct document *from,
        const char *at, const char *media_type, const char *digest, const char *diff_id)
{
	enum layer_compression says = layer_type_compression(media_type);
	enum layer_compression is = layer_stream_kind(p->stream);

	if (says != LAYER_UNKNOWN && is != says)
		check_fault(from, FAULT_BROKEN, at, TYPES_SECTION,
		        "mediaType says %s, the file is %s", layer_compression_name(says),
		        layer_compression_name(is));
	check_entries(d, p);
	check_sums(d, p, digest, diff_id, from);
}

void check_layer(const struct document *from, const char *at, const char *digest,
        const char *media_type, const char *diff_id)
{
	auto_byte_names names = byte_names_begin();
	char path[DIGEST_TEXT], file[DIGEST_TEXT + 8];
	struct document d = {.check = from->check, .file = file, .role = "layer"};
	struct pass p = {.names = json_object()};
	auto_free char *key = NULL;
	auto_close fd = -1;

	digest_path(digest, path);
	snprintf(file, sizeof file, "blobs/%s", path);
	/* The same layer in two images is read once, unless they say different things of it. */
	if (asprintf(&key, "layer %s %s %s", digest, diff_id ? diff_id : "", media_type) >= 0 &&
	        check_first(from->check, key))
		fd = check_open(&d, from->check->blobs, path, BLOBS_SECTION);
	if (fd >= 0 && layer_stream_open(fd, digest, diff_id, &p.stream, &p.problem) < 0)
		check_fault(&d, FAULT_BROKEN, "", LAYER_SECTION, "%s", p.problem.cause);
	if (p.stream)
		check_stream(&d, &p, from, at, media_type, digest, diff_id);
	layer_stream_free(p.stream);
	json_decref(p.names);
}
