#include "kernel/store/partial.h"

#include "kernel/base/cleanup.h"
#include "kernel/store/collect.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>

#define HIDDEN ".partial-"

enum { CHUNK = 256 << 10, NAME = sizeof HIDDEN + DIGEST_TEXT };

struct partial {
	const struct layout *layout;
	char digest[DIGEST_TEXT];
	char hidden[NAME]; /* below blobs/ */
	int fd;
	struct digest *sum; /* of what is there */
	uint64_t size, whole;
	bool proved;
};

static int fail(const struct partial *p, int code, struct error *err)
{
	return error_set(err, code, "store blob", p->digest, NULL);
}

void partial_free(struct partial *p)
{
	if (!p)
		return;
	cleanup_fd(&p->fd);
	digest_free(p->sum);
	free(p);
}

/* Sums up the first `size` bytes of the file. */
static int sum_up(int fd, uint64_t size, struct digest *sum)
{
	auto_free char *bytes = malloc(CHUNK);

	if (!bytes)
		return -ENOMEM;
	for (uint64_t at = 0; at < size;) {
		size_t n = size - at < CHUNK ? (size_t)(size - at) : CHUNK;
		ssize_t got = pread(fd, bytes, n, (off_t)at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : -EIO;
		digest_add(sum, bytes, (size_t)got);
		at += (uint64_t)got;
	}
	return 0;
}

/* Whether the name still leads to the file: who had the lock before may have published or
 * discarded it. */
static bool is_named(const struct partial *p, const struct stat *st)
{
	struct stat named;

	return fstatat(p->layout->blobs, p->hidden, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       named.st_ino == st->st_ino && named.st_dev == st->st_dev;
}

void partial_discard(struct partial *p)
{
	struct stat st;

	/* One that others share is theirs as well. */
	if (p && p->fd >= 0 && p->hidden[0] && flock(p->fd, LOCK_EX | LOCK_NB) == 0 &&
	        fstat(p->fd, &st) == 0 && is_named(p, &st))
		unlinkat(p->layout->blobs, p->hidden, 0);
	partial_free(p);
}

/* -EAGAIN: another file has the name now. -EBUSY: somebody writes it. */
static int open_hidden(struct partial *p, struct stat *st)
{
	cleanup_fd(&p->fd);
	p->fd = openat(
	        p->layout->blobs, p->hidden, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (p->fd < 0)
		return -errno;
	if (flock(p->fd, LOCK_EX | LOCK_NB) < 0) {
		/* One that is shared is whole, or it is not shared for long. */
		if (flock(p->fd, LOCK_SH | LOCK_NB) < 0 || fstat(p->fd, st) < 0 ||
		        (uint64_t)st->st_size != p->whole)
			return -EBUSY;
	}
	if (fstat(p->fd, st) < 0)
		return -errno;
	if (!S_ISREG(st->st_mode))
		return -EBADF;
	return is_named(p, st) ? 0 : -EAGAIN;
}

static void forget_sum(struct partial *p)
{
	digest_free(p->sum);
	p->sum = digest_new(digest_algorithm(p->digest));
	p->size = 0;
}

int partial_restart(struct partial *p, struct error *err)
{
	forget_sum(p);
	if (!p->sum)
		return fail(p, ENOMEM, err);
	if (ftruncate(p->fd, 0) < 0 || lseek(p->fd, 0, SEEK_SET) < 0)
		return fail(p, errno, err);
	return 0;
}

/* What is there counts; more than there should be is not of this blob. */
static int take_up(struct partial *p, const struct stat *st, struct error *err)
{
	uint64_t there = (uint64_t)st->st_size;
	int r;

	if (there == 0 || there > p->whole)
		return partial_restart(p, err);
	r = sum_up(p->fd, there, p->sum);
	if (r < 0)
		return fail(p, -r, err);
	p->size = there;
	if (lseek(p->fd, st->st_size, SEEK_SET) < 0)
		return fail(p, errno, err);
	if (there < p->whole)
		return 0;
	r = partial_prove(p, NULL);
	return r == -EBADMSG ? 0 : r;
}

int partial_open(const struct layout *l, const char *digest, uint64_t size, struct partial **ret,
        struct error *err)
{
	struct partial *p;
	struct stat st = {0};
	int r = -EAGAIN;

	if (!digest_valid(digest))
		return error_set(err, EBADMSG, "store blob", digest ? digest : "(none)",
		        "that is no digest");
	p = calloc(1, sizeof *p);
	if (!p || !(p->sum = digest_new(digest_algorithm(digest)))) {
		free(p);
		return error_set(err, ENOMEM, "store blob", digest, NULL);
	}
	p->layout = l;
	p->whole = size;
	p->fd = -1;
	digest_copy(p->digest, digest);
	snprintf(p->hidden, sizeof p->hidden, "%s/" HIDDEN "%s",
	        digest_algorithm_name(digest_algorithm(digest)), digest_hex(digest));
	r = layout_make_place(l, digest);
	r = r < 0 ? r : -EAGAIN;
	for (int i = 0; i < 8 && r == -EAGAIN; i++)
		r = open_hidden(p, &st);
	if (r == -EAGAIN)
		r = -EBUSY;
	if (r == 0)
		r = take_up(p, &st, err);
	else if (r != -EBUSY)
		fail(p, -r, err);
	if (r < 0)
		partial_free(p);
	else
		*ret = p;
	return r;
}

uint64_t partial_size(const struct partial *p)
{
	return p->size;
}

bool partial_is_proved(const struct partial *p)
{
	return p->proved;
}

int partial_fd(const struct partial *p)
{
	return p->fd;
}

int partial_add(struct partial *p, const void *bytes, size_t n, struct error *err)
{
	const char *from = bytes;

	if (n > p->whole - p->size)
		return error_set(err, EBADMSG, "store blob", p->digest,
		        "more comes than the %llu bytes that were announced",
		        (unsigned long long)p->whole);
	while (n > 0) {
		ssize_t done = write(p->fd, from, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return fail(p, errno, err);
		digest_add(p->sum, from, (size_t)done);
		p->size += (uint64_t)done;
		from += done;
		n -= (size_t)done;
	}
	return 0;
}

int partial_prove(struct partial *p, struct error *err)
{
	char got[DIGEST_TEXT];

	if (p->size != p->whole)
		return error_set(err, EBADMSG, "verify blob", p->digest,
		        "%llu bytes, not the %llu that were announced", (unsigned long long)p->size,
		        (unsigned long long)p->whole);
	digest_finish(p->sum, got);
	if (strcmp(got, p->digest) != 0) {
		int r = partial_restart(p, err);
		return r < 0 ? r
		             : error_set(err, EBADMSG, "verify blob", p->digest,
		                       "the sum of what came is %s: it is not what was meant", got);
	}
	p->proved = true;
	if (flock(p->fd, LOCK_SH) < 0)
		return fail(p, errno, err);
	return 0;
}

int partial_publish(struct partial *p, struct error *err)
{
	int blobs = p->layout->blobs;
	char path[DIGEST_TEXT];

	digest_path(p->digest, path);
	if (renameat(blobs, p->hidden, blobs, path) == 0) {
		p->hidden[0] = '\0';
		return 0;
	}
	/* Who shared it may have been first. */
	if (errno == ENOENT && faccessat(blobs, path, F_OK, 0) == 0)
		return 0;
	return fail(p, errno, err);
}

bool partial_is_there(const struct layout *l, const char *digest, uint64_t size)
{
	auto_close fd = layout_open_blob(l, digest, NULL);
	char got[DIGEST_TEXT] = "";
	struct digest *sum;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || (uint64_t)st.st_size != size)
		return false;
	sum = digest_new(digest_algorithm(digest));
	if (sum && sum_up(fd, size, sum) == 0)
		digest_finish(sum, got);
	digest_free(sum);
	return !strcmp(got, digest);
}

int partial_room(const struct layout *l, uint64_t bytes, struct error *err)
{
	struct statvfs fs;
	uint64_t free_bytes;

	if (fstatvfs(l->blobs, &fs) < 0)
		return error_set(err, errno, "look for room", l->path, NULL);
	free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (bytes <= free_bytes)
		return 0;
	error_set(err, ENOSPC, "store blobs", l->path, "%llu MB are wanted, %llu MB are free",
	        (unsigned long long)(bytes / 1000000), (unsigned long long)(free_bytes / 1000000));
	error_advise(err, "'cutaway rmi --prune' removes what no image needs");
	return -ENOSPC;
}

static bool is_abandoned(int blobs, const char *name, int age, struct stat *st)
{
	auto_close fd = -1;

	if (strncmp(name, HIDDEN, strlen(HIDDEN)) != 0)
		return false;
	fd = openat(blobs, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, st) == 0 &&
	       time(NULL) - st->st_mtime >= age && unlinkat(blobs, name, 0) == 0;
}

static int collect_in(const struct layout *l, enum digest_algorithm algorithm, int age,
        struct collected *ret, struct error *err)
{
	int fd = openat(
	        l->blobs, digest_algorithm_name(algorithm), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	struct stat st;

	if (!d && errno == ENOENT)
		return 0;
	if (!d)
		return error_set(err, errno, "look through blobs", l->path, NULL);
	while ((e = readdir(d)))
		if (is_abandoned(fd, e->d_name, age, &st)) {
			ret->blobs++;
			ret->bytes += (uint64_t)st.st_size;
		}
	return 0;
}

int partial_collect(const struct layout *l, int age, struct collected *ret, struct error *err)
{
	int r = 0;

	for (enum digest_algorithm a = 0; r == 0 && a < DIGEST_ALGORITHMS; a++)
		r = collect_in(l, a, age, ret, err);
	return r;
}
