/* The stream of a layer ─▶ tar entries ─▶ a directory. The archive may come from
 * anywhere: every name is resolved by the kernel with our directory as its root (openat2(2),
 * RESOLVE_IN_ROOT), so that no name and no symbolic link leads out of it. */
#include "kernel/store/layer.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/base/overlay_look.h"
#include "kernel/store/byte_names.h"
#include "kernel/store/layer_ahead.h"
#include "kernel/store/layer_attributes.h"
#include "kernel/store/layer_below.h"
#include "kernel/store/layer_late.h"
#include "kernel/store/layer_name.h"
#include "kernel/store/layer_stream.h"
#include "kernel/store/layer_whiteout.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum { PATH_LIMIT = 1 << 20, MAX_ENTRIES = 2000000, IDS = 65536, NOBODY = 65534 };

struct unpack {
	int root;
	uid_t offset;
	bool chown;
	struct layer_stream *stream;
	struct layer_ahead *ahead;
	struct error *stream_error;
	struct archive *tar;
	struct late_list late;
	struct layer_below *below; /* may be NULL */
};

static la_ssize_t read_tar(struct archive *a, void *data, const void **ret)
{
	struct unpack *u = data;
	ssize_t n = layer_ahead_read(u->ahead, ret, u->stream_error);

	if (n < 0)
		archive_set_error(a, (int)-n, "the stream is damaged");
	return n < 0 ? -1 : n;
}

static int archive_failed(struct archive *a, struct error *err)
{
	const char *text = archive_error_string(a);

	return error_set(err, EBADMSG, "unpack layer", "", "%s", text ? text : "not an archive");
}

static int open_tar(
        struct unpack *u, int blob, const char *digest, const char *diff_id, struct error *err)
{
	int r = u->tar ? layer_stream_open(blob, digest, diff_id, &u->stream, err)
	               : error_set(err, ENOMEM, "unpack layer", "", NULL);

	if (r == 0)
		r = layer_ahead_start(u->stream, &u->ahead, err);
	if (r < 0)
		return r;
	/* What the stream says goes first: an error that is set stays. */
	u->stream_error = err;
	archive_read_support_format_tar(u->tar);
	if (archive_read_open(u->tar, u, NULL, read_tar, NULL) != ARCHIVE_OK)
		return archive_failed(u->tar, err);
	return 0;
}

static int open_resolved(int at, const char *path, uint64_t resolve)
{
	struct open_how how = {
	        .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
	        .resolve = resolve | RESOLVE_NO_MAGICLINKS,
	};
	int fd = (int)syscall(SYS_openat2, at, *path ? path : ".", &how, sizeof how);

	return fd < 0 ? -errno : fd;
}

/* The kernel takes no path of PATH_MAX bytes: a longer one is gone along in pieces. After the first
 * no link is followed any more, since it would have to be resolved from the root. */
static int open_inside(int root, const char *path)
{
	uint64_t resolve = RESOLVE_IN_ROOT;
	char piece[PATH_MAX];
	auto_close at = -1;

	while (strlen(path) >= PATH_MAX) {
		size_t n = PATH_MAX - 1;
		int next;
		while (n && path[n] != '/')
			n--;
		memcpy(piece, path, n);
		piece[n] = '\0';
		next = n ? open_resolved(at < 0 ? root : at, piece, resolve) : -ENAMETOOLONG;
		if (next < 0)
			return next;
		cleanup_fd(&at);
		at = next;
		path += n + 1;
		resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
	}
	return open_resolved(at < 0 ? root : at, path, resolve);
}

/* A new directory that has no entry of its own: as it is below, where it is there, else root's. */
static int make_as_below(struct unpack *u, int parent, const char *name, const char *path)
{
	struct stat st = {.st_uid = u->offset, .st_gid = u->offset};
	int r = layer_below_directory(u->below, u->root, path, &st);

	if (r < 0 && r != -ENOENT)
		return r;
	if (mkdirat(parent, name, 0755) < 0)
		return -errno;
	if (u->chown && fchownat(parent, name, st.st_uid, st.st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return r < 0 ? 0 : late_add(&u->late, path, st.st_mode & 07777, st.st_mtim);
}

/* What was gone is there again, but not what it had. */
static int make_on_the_way(struct unpack *u, int parent, const char *name, const char *path)
{
	struct stat st;
	bool exists = fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0;

	if (exists && overlay_is_whiteout(&st)) {
		if (unlinkat(parent, name, 0) < 0 || mkdirat(parent, name, 0755) < 0 ||
		        (u->chown && fchownat(parent, name, u->offset, u->offset,
		                             AT_SYMLINK_NOFOLLOW) < 0))
			return -errno;
		return layer_make_opaque_at(parent, name);
	}
	if (exists)
		return S_ISDIR(st.st_mode) || S_ISLNK(st.st_mode) ? 0 : -ENOTDIR;
	return make_as_below(u, parent, name, path);
}

/* Archives may leave out the entries of directories on the way. */
static int open_or_make(struct unpack *u, const char *path)
{
	auto_free char *partial = NULL;
	auto_close parent = -1;
	int fd = open_inside(u->root, path), r;
	char *slash;

	if (fd != -ENOENT && fd != -ENOTDIR)
		return fd;
	partial = strdup(path);
	if (!partial)
		return -ENOMEM;
	slash = strrchr(partial, '/');
	if (slash)
		*slash = '\0';
	parent = open_or_make(u, slash ? partial : "");
	if (parent < 0)
		return parent;
	r = make_on_the_way(u, parent, slash ? slash + 1 : partial, path);
	return r < 0 ? r : open_inside(u->root, path);
}

/* Splits into the opened parent directory and the last name, which is the caller's. */
static int open_parent(struct unpack *u, const char *path, char **ret_name)
{
	auto_free char *copy = strdup(path);
	size_t n = strlen(path);
	char *slash;
	int fd;

	if (!copy)
		return -ENOMEM;
	while (n && copy[n - 1] == '/')
		copy[--n] = '\0';
	slash = strrchr(copy, '/');
	if (slash)
		*slash = '\0';
	if (n == 0 || n > PATH_LIMIT)
		return -EINVAL;
	*ret_name = strdup(slash ? slash + 1 : copy);
	if (!*ret_name)
		return -ENOMEM;
	fd = open_or_make(u, slash ? copy : "");
	if (fd < 0)
		free(steal_ptr(*ret_name));
	return fd;
}

static id_t shifted(const struct unpack *u, la_int64_t id)
{
	if (u->offset && (id < 0 || id >= IDS))
		id = NOBODY; /* the map of the user namespace has 65536 ids */
	return (id_t)id + u->offset;
}

static int give(struct unpack *u, int parent, const char *name, struct archive_entry *e)
{
	if (!u->chown)
		return 0;
	return fchownat(parent, name, shifted(u, archive_entry_uid(e)),
	               shifted(u, archive_entry_gid(e)), AT_SYMLINK_NOFOLLOW) < 0
	               ? -errno
	               : 0;
}

static struct timespec entry_mtime(struct archive_entry *e)
{
	return (struct timespec){
	        .tv_sec = archive_entry_mtime(e), .tv_nsec = archive_entry_mtime_nsec(e)};
}

/* Writes one block, at its place. */
static int write_block(int fd, const char *bytes, size_t n, off_t at)
{
	while (n > 0) {
		ssize_t done = pwrite(fd, bytes, n, at);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		bytes += done;
		at += done;
		n -= (size_t)done;
	}
	return 0;
}

/* Block by block: between those of a sparse file stay holes. */
static int copy_data(struct unpack *u, int fd, off_t size)
{
	off_t end = 0;
	la_int64_t at;
	const void *bytes;
	size_t n;
	int r = 0, status;

	while ((status = archive_read_data_block(u->tar, &bytes, &n, &at)) == ARCHIVE_OK &&
	        r == 0) {
		r = write_block(fd, bytes, n, at);
		end = at + (off_t)n;
	}
	if (r == 0 && status != ARCHIVE_EOF)
		r = -EBADMSG;
	if (r == 0 && end < size && ftruncate(fd, size) < 0)
		r = -errno;
	return r;
}

static int make_file(struct unpack *u, int parent, const char *name, struct archive_entry *e)
{
	auto_close fd =
	        openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct timespec times[2] = {entry_mtime(e), entry_mtime(e)};
	int r;

	if (fd < 0)
		return -errno;
	r = copy_data(u, fd, archive_entry_size(e));
	if (r == 0)
		r = give(u, parent, name, e);
	/* After the owner: chown(2) takes the set-user-ID bit away. */
	if (r == 0 && (fchmod(fd, archive_entry_perm(e)) < 0 || futimens(fd, times) < 0))
		r = -errno;
	return r < 0 ? r : layer_apply_attributes(parent, name, e, u->offset);
}

static int remember_directory(struct unpack *u, const char *path, struct archive_entry *e)
{
	return late_add(&u->late, path, archive_entry_perm(e), entry_mtime(e));
}

static int make_directory(
        struct unpack *u, int parent, const char *name, const char *path, struct archive_entry *e)
{
	int r = mkdirat(parent, name, 0700) < 0 && errno != EEXIST ? -errno : 0;

	if (r == 0)
		r = give(u, parent, name, e);
	if (r == 0)
		r = layer_apply_attributes(parent, name, e, u->offset);
	return r < 0 ? r : remember_directory(u, path, e);
}

static int make_symlink(struct unpack *u, int parent, const char *name, struct archive_entry *e)
{
	struct timespec times[2] = {entry_mtime(e), entry_mtime(e)};
	const char *target = archive_entry_symlink(e);

	if (!target || symlinkat(target, parent, name) < 0)
		return target ? -errno : -EBADMSG;
	utimensat(parent, name, times, AT_SYMLINK_NOFOLLOW);
	return give(u, parent, name, e);
}

/* Of a file of this layer, or else of one of a layer below, which is copied up. */
static int make_hardlink(struct unpack *u, int parent, const char *name, const char *target)
{
	auto_free char *last = NULL;
	auto_close from = -1;
	struct stat st;
	int r;

	target = layer_inner_name(target);
	if (!target || !*target)
		return -EBADMSG;
	from = open_parent(u, target, &last);
	if (from < 0)
		return from;
	if (fstatat(from, last, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		r = errno == ENOENT ? layer_below_copy(u->below, u->root, target, from) : -errno;
		if (r < 0)
			return r;
	} else if (overlay_is_whiteout(&st)) {
		return -ENOENT;
	}
	return linkat(from, last, parent, name, 0) < 0 ? -errno : 0;
}

/* Devices are left out: a container gets a /dev of its own, and one of a layer would be a way to
 * the host's disks as soon as anybody can open it. */
static int make_fifo(struct unpack *u, int parent, const char *name, struct archive_entry *e)
{
	struct timespec times[2] = {entry_mtime(e), entry_mtime(e)};

	if (mkfifoat(parent, name, archive_entry_perm(e)) < 0)
		return -errno;
	utimensat(parent, name, times, AT_SYMLINK_NOFOLLOW);
	return give(u, parent, name, e);
}

static int make_entry(
        struct unpack *u, int parent, const char *name, const char *path, struct archive_entry *e)
{
	const char *hidden = NULL;
	struct stat st;
	bool exists = fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	bool was_gone = exists && overlay_is_whiteout(&st);
	int r;

	if (layer_whiteout_of(name, &hidden) != WHITEOUT_NONE)
		return layer_apply_whiteout(parent, name);
	/* layer.md, "Changeset over existing files". */
	if (exists && !(S_ISDIR(st.st_mode) && archive_entry_filetype(e) == AE_IFDIR)) {
		r = S_ISDIR(st.st_mode) ? dir_remove_tree(parent, name)
		                        : -(unlinkat(parent, name, 0) < 0 ? errno : 0);
		if (r < 0)
			return r;
	}
	if (archive_entry_hardlink(e))
		return make_hardlink(u, parent, name, archive_entry_hardlink(e));
	switch (archive_entry_filetype(e)) {
	case AE_IFREG:
		return make_file(u, parent, name, e);
	case AE_IFDIR:
		r = make_directory(u, parent, name, path, e);
		return r == 0 && was_gone ? layer_make_opaque_at(parent, name) : r;
	case AE_IFLNK:
		return make_symlink(u, parent, name, e);
	case AE_IFIFO:
		return make_fifo(u, parent, name, e);
	default:
		return 0; /* a socket is of no use without its process; devices: see make_fifo() */
	}
}

static int unpack_entry(struct unpack *u, struct archive_entry *e, struct error *err)
{
	const char *path = layer_inner_name(archive_entry_pathname(e));
	auto_free char *name = NULL;
	auto_close parent = -1;
	int r;

	if (!path)
		return error_set(err, EBADMSG, "unpack layer", archive_entry_pathname(e),
		        "the name leads out of the layer");
	if (!*path)
		return remember_directory(u, ".", e); /* the top itself */
	parent = open_parent(u, path, &name);
	r = parent < 0 ? parent : make_entry(u, parent, name, path, e);
	return r < 0 ? error_set(err, -r, "unpack layer", path, NULL) : 0;
}

static int unpack_entries(struct unpack *u, struct error *err)
{
	struct archive_entry *e;
	size_t n = 0;
	int r;

	while ((r = archive_read_next_header(u->tar, &e)) == ARCHIVE_OK || r == ARCHIVE_WARN) {
		if (++n > MAX_ENTRIES)
			return error_set(err, EFBIG, "unpack layer", "", "too many files");
		r = unpack_entry(u, e, err);
		if (r < 0)
			return r;
	}
	return r == ARCHIVE_EOF ? 0 : archive_failed(u->tar, err);
}

static int finish_directory(void *data, const struct late *one)
{
	const struct unpack *u = data;
	struct timespec times[2] = {one->mtime, one->mtime};
	auto_close fd = -1, path = open_inside(u->root, one->path);
	char link[32];

	if (path == -ENOENT || path == -ENOTDIR)
		return 0; /* a later entry took its place */
	if (path < 0)
		return path;
	snprintf(link, sizeof link, "/proc/self/fd/%d", path);
	fd = open(link, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || fchmod(fd, one->mode) < 0 || futimens(fd, times) < 0 ? -errno : 0;
}

static int run(
        struct unpack *u, int blob, const char *digest, const char *diff_id, struct error *err)
{
	int r = open_tar(u, blob, digest, diff_id, err), ahead;

	if (r == 0)
		r = unpack_entries(u, err);
	ahead = layer_ahead_stop(steal_ptr(u->ahead), err);
	r = r < 0 ? r : ahead;
	if (r == 0)
		r = layer_stream_finish(u->stream, err);
	if (r == 0) {
		r = late_each(&u->late, finish_directory, u);
		if (r < 0)
			error_set(err, -r, "unpack layer", digest, NULL);
	}
	return r;
}

int layer_unpack(int blob, const char *digest, const char *diff_id, int root, uid_t uid_offset,
        struct layer_below *below, struct error *err)
{
	auto_byte_names names = byte_names_begin();
	struct unpack u = {
	        .root = root,
	        .offset = uid_offset,
	        .below = below,
	        .chown = geteuid() == 0,
	        .tar = archive_read_new(),
	};
	int r = run(&u, blob, digest, diff_id, err);

	archive_read_free(u.tar);
	layer_stream_free(u.stream);
	late_release(&u.late);
	return r;
}
