/* tar ─▶ (diff id) ─▶ gzip ─▶ blob: two archive writers of libarchive, one behind the other, each
 * watched by a sum. */
#include "kernel/store/layer.h"

#include "kernel/base/cleanup.h"
#include "kernel/store/blob.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct layer_writer {
	struct archive *tar, *gzip;
	struct digest *inside;
	struct blob_writer *blob;
	locale_t before, utf8;
	struct error failed; /* of the blob, which libarchive would not pass on */
};

static la_ssize_t write_compressed(struct archive *a, void *data, const void *bytes, size_t n)
{
	struct layer_writer *w = data;

	if (blob_add(w->blob, bytes, n, &w->failed) < 0) {
		archive_set_error(a, w->failed.code, "%s", w->failed.cause);
		return -1;
	}
	return (la_ssize_t)n;
}

static la_ssize_t write_tar(struct archive *a, void *data, const void *bytes, size_t n)
{
	struct layer_writer *w = data;

	digest_add(w->inside, bytes, n);
	if (archive_write_data(w->gzip, bytes, n) < 0) {
		archive_set_error(a, archive_errno(w->gzip), "%s", archive_error_string(w->gzip));
		return -1;
	}
	return (la_ssize_t)n;
}

static bool open_gzip(struct layer_writer *w)
{
	struct archive_entry *entry = archive_entry_new();
	bool ok;

	if (!entry)
		return false;
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_pathname(entry, "layer");
	ok = archive_write_add_filter_gzip(w->gzip) == ARCHIVE_OK &&
	     archive_write_set_format_raw(w->gzip) == ARCHIVE_OK &&
	     archive_write_set_filter_option(w->gzip, "gzip", "timestamp", NULL) == ARCHIVE_OK &&
	     archive_write_set_bytes_in_last_block(w->gzip, 1) == ARCHIVE_OK &&
	     archive_write_open(w->gzip, w, NULL, write_compressed, NULL) == ARCHIVE_OK &&
	     archive_write_header(w->gzip, entry) == ARCHIVE_OK;
	archive_entry_free(entry);
	return ok;
}

static bool open_tar(struct layer_writer *w)
{
	return archive_write_set_format_pax_restricted(w->tar) == ARCHIVE_OK &&
	       archive_write_set_format_option(w->tar, NULL, "xattrheader", "SCHILY") ==
	               ARCHIVE_OK &&
	       archive_write_open(w->tar, w, NULL, write_tar, NULL) == ARCHIVE_OK;
}

/* Names that are UTF-8 are to be written as that, in whatever locale, so that the same files give
 * the same layer; those that are not, as the bytes that they are. */
static void use_utf8(struct layer_writer *w)
{
	w->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (w->utf8)
		w->before = uselocale(w->utf8);
}

int layer_writer_new(const struct layout *l, struct layer_writer **ret, struct error *err)
{
	struct layer_writer *w = calloc(1, sizeof *w);
	int r;

	if (!w)
		return error_set(err, ENOMEM, "write layer", "", NULL);
	r = blob_writer_new(l, DIGEST_SHA256, &w->blob, err);
	if (r < 0) {
		free(w);
		return r;
	}
	use_utf8(w);
	w->inside = digest_new(DIGEST_SHA256);
	w->tar = archive_write_new();
	w->gzip = archive_write_new();
	if (!w->inside || !w->tar || !w->gzip || !open_gzip(w) || !open_tar(w)) {
		layer_writer_free(w);
		return error_set(err, ENOMEM, "write layer", "", "the archive cannot be opened");
	}
	*ret = w;
	return 0;
}

/* The blob's own words go first. */
static int failed(struct layer_writer *w, struct archive *a, const char *path, struct error *err)
{
	const char *text = archive_error_string(a);

	if (w->failed.code) {
		if (err && !err->code)
			*err = w->failed;
		return -w->failed.code;
	}
	return error_set(err, archive_errno(a), "write layer", path, "%s",
	        text ? text : "the archive took it not");
}

static int add(struct layer_writer *w, struct archive_entry *entry, const void *bytes, size_t n,
        struct error *err)
{
	archive_entry_set_uid(entry, 0);
	archive_entry_set_gid(entry, 0);
	archive_entry_set_mtime(entry, 0, 0);
	if (archive_write_header(w->tar, entry) != ARCHIVE_OK ||
	        (n && archive_write_data(w->tar, bytes, n) != (la_ssize_t)n))
		return failed(w, w->tar, archive_entry_pathname(entry), err);
	return 0;
}

static struct archive_entry *entry_new(const char *path, unsigned type, mode_t mode)
{
	struct archive_entry *entry = archive_entry_new();

	if (entry) {
		archive_entry_set_pathname(entry, path);
		archive_entry_set_filetype(entry, type);
		archive_entry_set_perm(entry, mode);
	}
	return entry;
}

int layer_add_directory(struct layer_writer *w, const char *path, mode_t mode, struct error *err)
{
	struct archive_entry *entry = entry_new(path, AE_IFDIR, mode);
	int r = entry ? add(w, entry, NULL, 0, err)
	              : error_set(err, ENOMEM, "write layer", path, NULL);

	archive_entry_free(entry);
	return r;
}

int layer_add_file(struct layer_writer *w, const char *path, mode_t mode, const void *bytes,
        size_t n, struct error *err)
{
	struct archive_entry *entry = entry_new(path, AE_IFREG, mode);
	int r;

	if (!entry)
		return error_set(err, ENOMEM, "write layer", path, NULL);
	archive_entry_set_size(entry, (la_int64_t)n);
	r = add(w, entry, bytes, n, err);
	archive_entry_free(entry);
	return r;
}

int layer_add_symlink(
        struct layer_writer *w, const char *path, const char *target, struct error *err)
{
	struct archive_entry *entry = entry_new(path, AE_IFLNK, 0777);
	int r;

	if (!entry)
		return error_set(err, ENOMEM, "write layer", path, NULL);
	archive_entry_set_symlink(entry, target);
	r = add(w, entry, NULL, 0, err);
	archive_entry_free(entry);
	return r;
}

/* ---- as it is on the disk ------------------------------------------------------------------ */

static void describe(struct archive_entry *to, const struct layer_entry *e)
{
	archive_entry_set_pathname(to, e->path);
	archive_entry_set_mode(to, e->mode);
	archive_entry_set_uid(to, e->uid);
	archive_entry_set_gid(to, e->gid);
	archive_entry_set_mtime(to, e->mtime, 0);
	if (S_ISREG(e->mode))
		archive_entry_set_size(to, e->hardlink ? 0 : (la_int64_t)e->size);
	if (S_ISCHR(e->mode) || S_ISBLK(e->mode))
		archive_entry_set_rdev(to, e->device);
	if (e->symlink)
		archive_entry_set_symlink(to, e->symlink);
	if (e->hardlink)
		archive_entry_set_hardlink(to, e->hardlink);
	for (size_t i = 0; i < e->n_xattrs; i++)
		archive_entry_xattr_add_entry(
		        to, e->xattrs[i].name, e->xattrs[i].value, e->xattrs[i].n);
}

static int add_content(
        struct layer_writer *w, const struct layer_entry *e, int fd, struct error *err)
{
	char bytes[64 << 10];
	uint64_t left = e->size;

	while (left > 0) {
		size_t want = left < sizeof bytes ? (size_t)left : sizeof bytes;
		ssize_t n = read(fd, bytes, want);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return error_set(err, n < 0 ? errno : EBADMSG, "read", e->path, "%s",
			        n < 0 ? strerror(errno)
			              : "it has become shorter while it was read");
		if (archive_write_data(w->tar, bytes, (size_t)n) != (la_ssize_t)n)
			return failed(w, w->tar, e->path, err);
		left -= (uint64_t)n;
	}
	return 0;
}

int layer_add(struct layer_writer *w, const struct layer_entry *e, int fd, struct error *err)
{
	struct archive_entry *entry = archive_entry_new();
	int r = 0;

	if (!entry)
		return error_set(err, ENOMEM, "write layer", e->path, NULL);
	describe(entry, e);
	/* A warning: the name is no UTF-8, and is written as the bytes that it is. */
	if (archive_write_header(w->tar, entry) < ARCHIVE_WARN)
		r = failed(w, w->tar, e->path, err);
	archive_entry_free(entry);
	if (r == 0 && S_ISREG(e->mode) && !e->hardlink)
		r = add_content(w, e, fd, err);
	return r;
}

/* ---- the end ------------------------------------------------------------------------------- */

static int finish(struct layer_writer *w, struct layer *ret, struct error *err)
{
	struct layer l = {0};
	int r;

	if (archive_write_close(w->gzip) != ARCHIVE_OK)
		return failed(w, w->gzip, "", err);
	digest_finish(w->inside, l.diff_id);
	l.size = blob_size(w->blob);
	r = blob_finish(w->blob, NULL, l.digest, err);
	if (r == 0)
		*ret = l;
	return r;
}

int layer_writer_finish(struct layer_writer *w, struct layer *ret, struct error *err)
{
	if (archive_write_close(w->tar) != ARCHIVE_OK)
		return failed(w, w->tar, "", err);
	return finish(w, ret, err);
}

void layer_writer_free(struct layer_writer *w)
{
	if (!w)
		return;
	/* The tar first: closing it may still write into the other. */
	archive_write_free(w->tar);
	archive_write_free(w->gzip);
	digest_free(w->inside);
	blob_writer_free(w->blob);
	if (w->utf8) {
		uselocale(w->before);
		freelocale(w->utf8);
	}
	free(w);
}

/* ---- of a tar ------------------------------------------------------------------------------ */

static int copy_tar(struct layer_writer *w, int fd, struct error *err)
{
	char bytes[64 << 10];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof bytes)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(err, errno, "read tar", "", NULL);
		if (write_tar(w->gzip, w, bytes, (size_t)n) < 0)
			return failed(w, w->gzip, "", err);
	}
	return 0;
}

int layer_from_tar(const struct layout *l, int fd, struct layer *ret, struct error *err)
{
	struct layer_writer w = {0};
	int r = blob_writer_new(l, DIGEST_SHA256, &w.blob, err);

	if (r < 0)
		return r;
	w.inside = digest_new(DIGEST_SHA256);
	w.gzip = archive_write_new();
	if (!w.inside || !w.gzip || !open_gzip(&w))
		r = error_set(err, ENOMEM, "write layer", "", NULL);
	if (r == 0)
		r = copy_tar(&w, fd, err);
	if (r == 0)
		r = finish(&w, ret, err);
	archive_write_free(w.gzip);
	digest_free(w.inside);
	blob_writer_free(w.blob);
	return r;
}
