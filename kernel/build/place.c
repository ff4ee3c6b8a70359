#include "kernel/build/place.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "kernel/base/file.h"
#include "kernel/do/subid.h"
#include "kernel/store/blob.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define SCRATCH "work-"

static int make_below(const char *path, const char *name, struct error *err)
{
	auto_free char *whole = NULL;
	int r = asprintf(&whole, "%s/%s", path, name) < 0 ? -ENOMEM : dir_make(whole, 0755);

	return r < 0 ? error_set(err, -r, "make directory", path, NULL) : 0;
}

/* The lock file is apart from the layout's own, which is for its index. */
static int open_lock(const char *path, int how, struct error *err)
{
	auto_free char *file = NULL;
	auto_close fd = -1;

	if (asprintf(&file, "%s/.users", path) < 0)
		return error_set(err, ENOMEM, "open", path, NULL);
	fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || flock(fd, how) < 0)
		return error_set(err, errno, "lock", file, NULL);
	return steal_fd(&fd);
}

/* Locks the directory unless its builder still does. */
static bool is_abandoned(int parent, const char *name)
{
	auto_close fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
}

static void sweep(const char *path)
{
	auto_dir d = opendir(path);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (!strncmp(e->d_name, SCRATCH, strlen(SCRATCH)) &&
		        is_abandoned(dirfd(d), e->d_name))
			subid_remove_tree(dirfd(d), e->d_name);
}

/* What a killed writer of a layer left. */
static void sweep_blobs(const struct layout *l)
{
	int fd = openat(l->blobs, "sha256", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		auto_close file = -1;
		if (strncmp(e->d_name, BLOB_HIDDEN, strlen(BLOB_HIDDEN)) != 0)
			continue;
		file = openat(fd, e->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		if (file >= 0 && flock(file, LOCK_EX | LOCK_NB) == 0)
			unlinkat(fd, e->d_name, 0);
	}
}

int build_place_open(struct build_place *ret, struct error *err)
{
	struct build_place p = {.lock = -1, .layout = {.dir = -1, .blobs = -1}};
	int r = dirs_path(DIRS_DATA, "build", true, &p.path, err);

	if (r == 0) {
		p.lock = open_lock(p.path, LOCK_SH, err);
		r = p.lock < 0 ? p.lock : layout_open(p.path, &p.layout, err);
	}
	if (r == 0)
		r = make_below(p.path, "steps", err);
	if (r == 0)
		r = make_below(p.path, "empty", err);
	if (r < 0) {
		build_place_release(&p);
		return r;
	}
	sweep(p.path);
	sweep_blobs(&p.layout);
	*ret = p;
	return 0;
}

void build_place_release(struct build_place *p)
{
	layout_release(&p->layout);
	cleanup_fd(&p->lock);
	free(p->path);
	*p = (struct build_place){.lock = -1};
}

/* ---- emptying it --------------------------------------------------------------------------- */

static uint64_t bytes_in(const char *path)
{
	auto_dir d = opendir(path);
	struct dirent *e;
	uint64_t sum = 0;
	struct stat st;

	while (d && (e = readdir(d)))
		if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		        S_ISREG(st.st_mode) && st.st_nlink == 1)
			sum += (uint64_t)st.st_size; /* what an image has as well stays */
	return sum;
}

int build_place_empty(uint64_t *ret_bytes, struct error *err)
{
	auto_free char *path = NULL, *blobs = NULL;
	auto_close lock = -1;
	uint64_t bytes;
	int r = dirs_path(DIRS_DATA, "build", false, &path, err);

	*ret_bytes = 0;
	if (r < 0)
		return r;
	if (access(path, F_OK) < 0)
		return 0;
	lock = open_lock(path, LOCK_EX | LOCK_NB, NULL);
	if (lock < 0)
		return lock == -EWOULDBLOCK ? 0 : error_set(err, -lock, "lock", path, NULL);
	if (asprintf(&blobs, "%s/blobs/sha256", path) < 0)
		return error_set(err, ENOMEM, "empty", path, NULL);
	bytes = bytes_in(blobs);
	r = subid_remove_tree(AT_FDCWD, path);
	if (r < 0)
		return error_set(err, -r, "empty", path, NULL);
	*ret_bytes = bytes;
	return 0;
}

/* ---- a directory to work in ---------------------------------------------------------------- */

static int make_parts(struct scratch *s, uid_t owner)
{
	if (asprintf(&s->upper, "%s/upper", s->path) < 0 ||
	        asprintf(&s->work, "%s/work", s->path) < 0 ||
	        asprintf(&s->merged, "%s/merged", s->path) < 0 ||
	        asprintf(&s->from, "%s/from", s->path) < 0)
		return -ENOMEM;
	if (mkdir(s->upper, 0755) < 0 || mkdir(s->work, 0700) < 0 || mkdir(s->merged, 0700) < 0 ||
	        mkdir(s->from, 0700) < 0 || chmod(s->upper, 0755) < 0)
		return -errno;
	return geteuid() == 0 && chown(s->upper, owner, owner) < 0 ? -errno : 0;
}

/* Another build may take it for abandoned before it is locked. */
static int make_locked(const char *parent, struct scratch *s)
{
	struct stat ours, there;

	if (asprintf(&s->path, "%s/" SCRATCH "XXXXXX", parent) < 0)
		return -ENOMEM;
	if (!mkdtemp(s->path))
		return -errno;
	s->lock = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->lock < 0 || flock(s->lock, LOCK_EX) < 0 || fstat(s->lock, &ours) < 0 ||
	        stat(s->path, &there) < 0)
		return errno == ENOENT ? -EAGAIN : -errno;
	return ours.st_ino == there.st_ino ? 0 : -EAGAIN;
}

int scratch_new(const struct build_place *p, uid_t owner, struct scratch *ret, struct error *err)
{
	struct scratch s = {.lock = -1};
	int r = -EAGAIN;

	for (int tries = 0; r == -EAGAIN && tries < 8; tries++) {
		scratch_release(&s);
		r = make_locked(p->path, &s);
	}
	if (r == 0)
		r = make_parts(&s, owner);
	if (r < 0) {
		error_set(err, -r, "make directory", s.path ? s.path : p->path, NULL);
		scratch_release(&s);
		return r;
	}
	*ret = s;
	return 0;
}

void scratch_release(struct scratch *s)
{
	if (s->path)
		subid_remove_tree(AT_FDCWD, s->path);
	cleanup_fd(&s->lock);
	free(s->path);
	free(s->upper);
	free(s->work);
	free(s->merged);
	free(s->from);
	*s = (struct scratch){.lock = -1};
}
