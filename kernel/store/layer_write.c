/* tar ─▶ (diff id) ─▶ gzip ─▶ (digest) ─▶ file: two archive writers of libarchive, one behind the
 * other, each watched by a sum. */
#include "kernel/store/layer.h"

#include "kernel/base/cleanup.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct layer_writer {
	int blobs, fd;
	char temporary[32];
	struct archive *tar, *gzip;
	struct digest *inside, *outside;
	uint64_t size;
};

static la_ssize_t write_compressed(struct archive *a, void *data, const void *bytes, size_t n)
{
	struct layer_writer *w = data;
	ssize_t done;

	do
		done = write(w->fd, bytes, n);
	while (done < 0 && errno == EINTR);
	if (done < 0) {
		archive_set_error(a, errno, "%s", strerror(errno));
		return -1;
	}
	digest_add(w->outside, bytes, (size_t)done);
	w->size += (uint64_t)done;
	return done;
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
	       archive_write_open(w->tar, w, NULL, write_tar, NULL) == ARCHIVE_OK;
}

int layer_writer_new(int blobs, struct layer_writer **ret, struct error *err)
{
	struct layer_writer *w = calloc(1, sizeof *w);

	if (!w)
		return error_set(err, ENOMEM, "write layer", "", NULL);
	w->blobs = blobs;
	/* Always the same name, so that what a crash left is overwritten by the next. */
	snprintf(w->temporary, sizeof w->temporary, "sha256/.layer.tmp");
	w->fd = openat(
	        blobs, w->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (w->fd < 0) {
		int r = error_set(err, errno, "write layer", w->temporary, NULL);
		free(w);
		return r;
	}
	w->inside = digest_new(DIGEST_SHA256);
	w->outside = digest_new(DIGEST_SHA256);
	w->tar = archive_write_new();
	w->gzip = archive_write_new();
	if (!w->inside || !w->outside || !w->tar || !w->gzip || !open_gzip(w) || !open_tar(w)) {
		layer_writer_free(w);
		return error_set(err, ENOMEM, "write layer", "", "the archive cannot be opened");
	}
	*ret = w;
	return 0;
}

static int add(struct layer_writer *w, struct archive_entry *entry, const void *bytes, size_t n,
        struct error *err)
{
	const char *path = archive_entry_pathname(entry);

	archive_entry_set_uid(entry, 0);
	archive_entry_set_gid(entry, 0);
	archive_entry_set_mtime(entry, 0, 0);
	if (archive_write_header(w->tar, entry) != ARCHIVE_OK ||
	        (n && archive_write_data(w->tar, bytes, n) != (la_ssize_t)n))
		return error_set(err, archive_errno(w->tar), "write layer", path, "%s",
		        archive_error_string(w->tar));
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

int layer_writer_finish(struct layer_writer *w, struct layer *ret, struct error *err)
{
	struct layer l = {0};
	char path[DIGEST_TEXT];

	if (archive_write_close(w->tar) != ARCHIVE_OK)
		return error_set(err, archive_errno(w->tar), "write layer", "", "%s",
		        archive_error_string(w->tar));
	if (archive_write_close(w->gzip) != ARCHIVE_OK)
		return error_set(err, archive_errno(w->gzip), "write layer", "", "%s",
		        archive_error_string(w->gzip));
	digest_finish(w->inside, l.diff_id);
	digest_finish(w->outside, l.digest);
	digest_path(l.digest, path);
	if (renameat(w->blobs, w->temporary, w->blobs, path) < 0)
		return error_set(err, errno, "write layer", l.digest, NULL);
	w->temporary[0] = '\0';
	l.size = w->size;
	*ret = l;
	return 0;
}

void layer_writer_free(struct layer_writer *w)
{
	if (!w)
		return;
	/* The tar first: closing it may still write into the other. */
	archive_write_free(w->tar);
	archive_write_free(w->gzip);
	digest_free(w->inside);
	digest_free(w->outside);
	close(w->fd);
	if (w->temporary[0])
		unlinkat(w->blobs, w->temporary, 0);
	free(w);
}
