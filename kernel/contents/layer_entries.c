#include "kernel/contents/layer_entries.h"

#include "kernel/base/cleanup.h"
#include "kernel/store/layer_stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRIES_MAX = 4000000 }; /* of one layer: many tiny ones cost time, not memory */

struct layer_entries {
	int blob;
	struct layer_stream *stream;
	struct archive *tar;
	uint64_t bytes; /* of the tar so far */
	size_t n;
	struct error stream_error;
};

static la_ssize_t read_tar(struct archive *a, void *data, const void **ret)
{
	struct layer_entries *e = data;
	ssize_t n = layer_stream_read(e->stream, ret, &e->stream_error);

	if (n < 0)
		archive_set_error(a, (int)-n, "the stream is damaged");
	else
		e->bytes += (uint64_t)n;
	return n < 0 ? -1 : n;
}

static int failed(struct layer_entries *e, struct error *err)
{
	const char *text = archive_error_string(e->tar);

	if (e->stream_error.code) { /* it knows better what happened */
		if (err && !err->code)
			*err = e->stream_error;
		return -e->stream_error.code;
	}
	return error_set(err, EBADMSG, "read layer", "", "%s", text ? text : "not an archive");
}

int layer_entries_open(const struct layout *l, const char *digest, const char *diff_id,
        struct layer_entries **ret, struct error *err)
{
	struct layer_entries *e = calloc(1, sizeof *e);
	int r;

	if (!e)
		return error_set(err, ENOMEM, "read layer", digest, NULL);
	e->blob = layout_open_blob(l, digest, err);
	e->tar = archive_read_new();
	r = e->blob < 0 ? e->blob
	    : diff_id   ? layer_stream_open(e->blob, digest, diff_id, &e->stream, err)
	                : layer_stream_open_proved(e->blob, &e->stream, err);
	if (r == 0 && !e->tar)
		r = error_set(err, ENOMEM, "read layer", digest, NULL);
	if (r == 0) {
		archive_read_support_format_tar(e->tar);
		if (archive_read_open(e->tar, e, NULL, read_tar, NULL) != ARCHIVE_OK)
			r = failed(e, err);
	}
	if (r < 0)
		layer_entries_free(e);
	else
		*ret = e;
	return r;
}

/* As it stands in the archive. The second form is for a name that this locale has no bytes for. */
static const char *name_of(const char *plain, const char *utf8)
{
	return plain ? plain : utf8;
}

static enum file_type type_of(struct archive_entry *a)
{
	switch (archive_entry_filetype(a)) {
	case AE_IFDIR:
		return FILE_DIRECTORY;
	case AE_IFLNK:
		return FILE_SYMLINK;
	case AE_IFCHR:
		return FILE_CHARACTER;
	case AE_IFBLK:
		return FILE_BLOCK;
	case AE_IFIFO:
		return FILE_FIFO;
	default:
		return FILE_REGULAR;
	}
}

static void take(struct archive_entry *a, struct file_entry *ret)
{
	const char *hard = name_of(archive_entry_hardlink(a), archive_entry_hardlink_utf8(a));
	la_int64_t size = archive_entry_size(a);

	*ret = (struct file_entry){
	        .path = name_of(archive_entry_pathname(a), archive_entry_pathname_utf8(a)),
	        .link = hard ? hard
	                     : name_of(archive_entry_symlink(a), archive_entry_symlink_utf8(a)),
	        .hard_link = hard != NULL,
	        .size = size > 0 ? (uint64_t)size : 0,
	        .mtime = archive_entry_mtime(a),
	        .uid = (uint32_t)archive_entry_uid(a),
	        .gid = (uint32_t)archive_entry_gid(a),
	        .mode = (uint16_t)archive_entry_perm(a),
	        .type = type_of(a),
	};
}

int layer_entries_next(struct layer_entries *e, struct file_entry *ret, struct error *err)
{
	struct archive_entry *a;
	int r = archive_read_next_header(e->tar, &a);

	if (r == ARCHIVE_EOF)
		return 0;
	if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
		return failed(e, err);
	if (++e->n > ENTRIES_MAX)
		return error_set(err, EFBIG, "read layer", "", "more than %d files", ENTRIES_MAX);
	take(a, ret);
	return 1;
}

ssize_t layer_entries_read(struct layer_entries *e, void *bytes, size_t n, struct error *err)
{
	la_ssize_t got = archive_read_data(e->tar, bytes, n);

	return got < 0 ? failed(e, err) : got;
}

int layer_entries_finish(struct layer_entries *e, uint64_t *ret_tar, struct error *err)
{
	const void *bytes;
	ssize_t n;

	while ((n = layer_stream_read(e->stream, &bytes, err)) > 0)
		e->bytes += (uint64_t)n;
	if (n < 0)
		return (int)n;
	if (ret_tar)
		*ret_tar = e->bytes;
	return layer_stream_finish(e->stream, err);
}

void layer_entries_free(struct layer_entries *e)
{
	if (!e)
		return;
	archive_read_free(e->tar);
	layer_stream_free(e->stream);
	if (e->blob >= 0)
		close(e->blob);
	free(e);
}
