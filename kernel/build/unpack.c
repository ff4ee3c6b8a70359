#include "kernel/build/unpack.h"

#include "kernel/base/cleanup.h"
#include "kernel/store/byte_names.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { MAX_ENTRIES = 2000000, BLOCK = 64 << 10 };

struct unpacking {
	struct target *target;
	const char *destination;
	struct digest *sum;
	struct archive *tar;
};

static int bad(const struct unpacking *u, const char *path, struct error *err)
{
	const char *text = archive_error_string(u->tar);

	return error_set(
	        err, EBADMSG, "unpack", path, "%s", text ? text : "the archive is damaged");
}

/* Where the entry goes. */
static int place(const struct unpacking *u, const char *name, char ret[PATH_MAX], struct error *err)
{
	if (!name)
		return error_set(err, EBADMSG, "unpack", u->destination, "an entry has no name");
	for (const char *p = name; *p;) {
		size_t n = strcspn(p, "/");
		if (n == 2 && p[0] == '.' && p[1] == '.')
			return error_set(
			        err, EBADMSG, "unpack", name, "the name leads out of the archive");
		p += n + strspn(p + n, "/");
	}
	name += strspn(name, "/");
	if (!target_join(ret, u->destination, name))
		return error_set(err, ENAMETOOLONG, "unpack", name, NULL);
	return 0;
}

static int add_file(
        struct unpacking *u, const char *path, const struct target_file *like, struct error *err)
{
	auto_close fd = target_open(u->target, path, err);

	if (fd < 0)
		return fd;
	if (archive_read_data_into_fd(u->tar, fd) != ARCHIVE_OK)
		return bad(u, path, err);
	return target_finish(u->target, fd, path, like, err);
}

static int add_entry(struct unpacking *u, struct archive_entry *e, struct error *err)
{
	struct target_file like = {
	        .mode = archive_entry_perm(e),
	        .uid = (uid_t)archive_entry_uid(e),
	        .gid = (gid_t)archive_entry_gid(e),
	        .mtime = {.tv_sec = archive_entry_mtime(e)},
	};
	char path[PATH_MAX], old[PATH_MAX];
	int r = place(u, archive_entry_pathname(e), path, err);

	if (r < 0)
		return r;
	if (archive_entry_hardlink(e)) {
		r = place(u, archive_entry_hardlink(e), old, err);
		return r < 0 ? r : target_hardlink(u->target, path, old, err);
	}
	switch (archive_entry_filetype(e)) {
	case AE_IFREG:
		return add_file(u, path, &like, err);
	case AE_IFDIR:
		return target_directory(u->target, path, &like, err);
	case AE_IFLNK:
		return target_symlink(u->target, path, archive_entry_symlink(e), &like, err);
	default:
		return 0; /* devices, pipes: a container gets its own /dev */
	}
}

static int add_entries(struct unpacking *u, struct archive_entry *e, struct error *err)
{
	size_t n = 0;
	int r = 0, header = ARCHIVE_OK;

	for (; r == 0 && (header == ARCHIVE_OK || header == ARCHIVE_WARN);
	        header = r == 0 ? archive_read_next_header(u->tar, &e) : header) {
		if (++n > MAX_ENTRIES)
			return error_set(err, EFBIG, "unpack", u->destination, "too many files");
		r = add_entry(u, e, err);
	}
	if (r == 0 && header != ARCHIVE_EOF)
		return bad(u, u->destination, err);
	return r;
}

/* Only what the library does by itself: for some other forms it would start programs. */
static struct archive *new_reader(void)
{
	struct archive *a = archive_read_new();

	if (a) {
		archive_read_support_format_tar(a);
		archive_read_support_filter_gzip(a);
		archive_read_support_filter_bzip2(a);
		archive_read_support_filter_xz(a);
		archive_read_support_filter_zstd(a);
	}
	return a;
}

/* The archive is what it is by its bytes. */
static int sum_file(int fd, struct digest *sum)
{
	char bytes[BLOCK];
	ssize_t n;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	while ((n = read(fd, bytes, sizeof bytes)) != 0) {
		if (n < 0)
			return -errno;
		digest_add(sum, bytes, (size_t)n);
	}
	return 0;
}

/* Compressed, and not to be read: what is in it nobody knows. Other files, compressed ones among
 * them, can be read and are just no archive. */
static bool is_cut_off(struct archive *a)
{
	const char *text = archive_error_string(a);

	return archive_filter_code(a, 0) != ARCHIVE_FILTER_NONE && text &&
	       strncmp(text, "Unrecognized", 12) != 0;
}

static int unpack(
        struct target *t, int fd, const char *destination, struct digest *sum, struct error *err)
{
	struct unpacking u = {.target = t, .destination = destination, .sum = sum};
	struct archive_entry *e;
	int r = 0;

	u.tar = new_reader();
	if (!u.tar)
		return error_set(err, ENOMEM, "unpack", destination, NULL);
	if (archive_read_open_fd(u.tar, fd, BLOCK) != ARCHIVE_OK ||
	        archive_read_next_header(u.tar, &e) < ARCHIVE_WARN) {
		r = is_cut_off(u.tar) ? bad(&u, destination, err) : 0;
		archive_read_free(u.tar);
		return r;
	}
	if (!(archive_format(u.tar) & ARCHIVE_FORMAT_TAR)) {
		archive_read_free(u.tar);
		return 0;
	}
	digest_add(sum, "archive", sizeof "archive");
	if (t)
		r = target_directory(t, destination, NULL, err);
	if (t && r == 0)
		r = add_entries(&u, e, err);
	archive_read_free(u.tar);
	if (r == 0 && sum_file(fd, sum) < 0)
		r = error_set(err, EIO, "read", destination, NULL);
	return r < 0 ? r : 1;
}

int unpack_archive(
        struct target *t, int fd, const char *destination, struct digest *sum, struct error *err)
{
	auto_byte_names names = byte_names_begin();

	return unpack(t, fd, destination, sum, err);
}
