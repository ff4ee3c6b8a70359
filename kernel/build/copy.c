/* One walk does both, summing and writing: so both see the same. */
#include "kernel/build/copy.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/walk.h"
#include "kernel/build/unpack.h"
#include "kernel/store/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

struct copier {
	const struct context *context;
	const struct copy *job;
	struct target *target; /* NULL: only summed */
	struct digest *sum;
	/* Of the source that is being copied: */
	const char *real;    /* where in the context it is */
	char base[PATH_MAX]; /* where its parts go */
};

static void sum_text(struct copier *c, const char *text)
{
	digest_add(c->sum, text, strlen(text) + 1); /* with the NUL, which parts it from the next */
}

static void sum_entry(struct copier *c, const char *path, const struct stat *st)
{
	char head[128];

	snprintf(head, sizeof head, "%o %llu %d:%d", (unsigned)st->st_mode,
	        S_ISREG(st->st_mode) ? (unsigned long long)st->st_size : 0ull,
	        c->job->keep_owners ? (int)st->st_uid : 0,
	        c->job->keep_owners ? (int)st->st_gid : 0);
	sum_text(c, path);
	sum_text(c, head);
}

static struct target_file like(const struct copier *c, const struct stat *st)
{
	uid_t shift = c->target ? c->target->shift : 0;
	bool keep = c->job->keep_owners;

	return (struct target_file){
	        .mode = st->st_mode & 07777,
	        .uid = keep ? st->st_uid - shift : 0,
	        .gid = keep ? st->st_gid - shift : 0,
	        .mtime = st->st_mtim,
	};
}

static int join(const struct copier *c, const char *path, char ret[PATH_MAX], struct error *err)
{
	if (!target_join(ret, c->base, path))
		return error_set(err, ENAMETOOLONG, "copy", path, NULL);
	return 0;
}

/* ---- one file ------------------------------------------------------------------------------ */

static int write_all(int fd, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, bytes, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		bytes += done;
		n -= (size_t)done;
	}
	return 0;
}

static int copy_bytes(struct copier *c, int from, int to, const char *path, struct error *err)
{
	char bytes[64 << 10];
	ssize_t n;
	int r = 0;

	while (r == 0 && (n = read(from, bytes, sizeof bytes)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(err, errno, "read", path, NULL);
		digest_add(c->sum, bytes, (size_t)n);
		if (to >= 0)
			r = write_all(to, bytes, (size_t)n);
	}
	return r < 0 ? error_set(err, -r, "write", path, NULL) : 0;
}

/* Capabilities of a program go with it from image to image. */
static void copy_capability(int from, int to)
{
	char value[64];
	ssize_t n = fgetxattr(from, "security.capability", value, sizeof value);

	if (n > 0)
		(void)!fsetxattr(to, "security.capability", value, (size_t)n, 0);
}

static int copy_file(struct copier *c, int from, const struct stat *st, const char *path,
        const char *to_path, struct error *err)
{
	struct target_file file = like(c, st);
	auto_close to = -1;
	int r;

	sum_entry(c, path, st);
	if (c->target) {
		to = target_open(c->target, to_path, err);
		if (to < 0)
			return to;
	}
	r = copy_bytes(c, from, to, path, err);
	if (r == 0 && c->target)
		r = target_finish(c->target, to, to_path, &file, err);
	if (r == 0 && c->target && c->job->keep_owners)
		copy_capability(from, to);
	return r;
}

/* ---- a directory --------------------------------------------------------------------------- */

static bool left_out(const struct copier *c, const char *path)
{
	char whole[PATH_MAX];

	return target_join(whole, c->real, path) && ignore_matches(c->context->ignore, whole);
}

static int copy_link(
        struct copier *c, const struct walk_entry *e, const char *to, struct error *err)
{
	struct target_file file = like(c, &e->st);
	char text[PATH_MAX];
	ssize_t n = readlinkat(e->parent, e->name, text, sizeof text - 1);

	if (n < 0)
		return error_set(err, errno, "read link", e->path, NULL);
	text[n] = '\0';
	sum_entry(c, e->path, &e->st);
	sum_text(c, text);
	return c->target ? target_symlink(c->target, to, text, &file, err) : 0;
}

static int copy_opened(
        struct copier *c, const struct walk_entry *e, const char *to, struct error *err)
{
	auto_close fd = openat(e->parent, e->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set(err, errno, "read", e->path, NULL);
	if (!S_ISREG(st.st_mode))
		return error_set(err, ESTALE, "read", e->path, "it was changed meanwhile");
	return copy_file(c, fd, &st, e->path, to, err);
}

static int visit(void *data, const struct walk_entry *e, struct error *err)
{
	struct copier *c = data;
	struct target_file file = like(c, &e->st);
	char to[PATH_MAX];
	int r;

	if (left_out(c, e->path))
		return ignore_has_exceptions(c->context->ignore) ? WALK_ON : WALK_NOT_BELOW;
	r = join(c, e->path, to, err);
	if (r < 0)
		return r;
	if (S_ISREG(e->st.st_mode))
		return copy_opened(c, e, to, err);
	if (S_ISLNK(e->st.st_mode))
		return copy_link(c, e, to, err);
	if (!S_ISDIR(e->st.st_mode)) {
		if (c->job->keep_owners)
			return WALK_NOT_BELOW; /* a device or pipe of another image */
		return error_set(err, EINVAL, "copy", e->path,
		        "it is no file, directory or link, and stays where it is");
	}
	sum_entry(c, e->path, &e->st);
	return c->target ? target_directory(c->target, to, &file, err) : 0;
}

static int copy_directory(struct copier *c, int fd, struct error *err)
{
	int r = c->target ? target_directory(c->target, c->base, NULL, err) : 0;

	return r < 0 ? r : walk(fd, visit, c, err);
}

/* ---- the sources --------------------------------------------------------------------------- */

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Into a directory: under its own name. */
static int copy_one(struct copier *c, const char *path, int fd, const struct stat *st, bool into,
        struct error *err)
{
	char to[PATH_MAX];
	int r = 0;

	if (S_ISDIR(st->st_mode)) {
		sum_text(c, "directory");
		return copy_directory(c, fd, err);
	}
	if (!S_ISREG(st->st_mode))
		return error_set(err, EINVAL, "copy", path, "it is no file and no directory");
	if (c->job->add) {
		r = unpack_archive(c->target, fd, c->base, c->sum, err);
		if (r != 0)
			return r < 0 ? r : 0; /* it was one */
		if (lseek(fd, 0, SEEK_SET) < 0)
			return error_set(err, errno, "read", path, NULL);
	}
	r = join(c, into ? last_part(path) : "", to, err);
	return r < 0 ? r : copy_file(c, fd, st, last_part(path), to, err);
}

static int copy_source(struct copier *c, const char *path, bool into, struct error *err)
{
	auto_free char *real = NULL;
	auto_close there = context_open(c->context, path, O_PATH, &real, err);
	auto_close fd = -1;
	struct stat st;

	if (there < 0)
		return there;
	if (fstat(there, &st) < 0)
		return error_set(err, errno, "read", path, NULL);
	if (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))
		fd = context_open(c->context, path, O_RDONLY, NULL, err);
	if (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))
		if (fd < 0)
			return fd;
	c->real = real;
	return copy_one(c, path, fd, &st, into, err);
}

/* Whether the destination is a directory that the sources go into. */
static bool goes_into(const struct copier *c, const struct paths *sources)
{
	const char *to = c->job->destination;
	size_t n = strlen(to);

	if (sources->n > 1 || (n && to[n - 1] == '/') || (n > 1 && !strcmp(to + n - 2, "/.")))
		return true;
	return c->target && target_has_directory(c->target, to);
}

static int copy_all(struct copier *c, const struct paths *sources, struct error *err)
{
	bool into = goes_into(c, sources);
	int r = 0;

	if (!target_join(c->base, "", c->job->destination))
		return error_set(err, ENAMETOOLONG, "copy", c->job->destination, NULL);
	for (size_t i = 0; r == 0 && i < sources->n; i++)
		r = copy_source(c, sources->all[i], into, err);
	return r;
}

static int run(struct copier *c, char ret[DIGEST_TEXT], struct error *err)
{
	struct paths sources = {0};
	int r = 0;

	c->sum = digest_new(DIGEST_SHA256);
	if (!c->sum)
		return error_set(err, ENOMEM, "copy", "", NULL);
	for (size_t i = 0; r == 0 && i < c->job->n_sources; i++)
		r = context_find(c->context, c->job->sources[i], &sources, err);
	if (r == 0)
		r = copy_all(c, &sources, err);
	paths_release(&sources);
	digest_finish(c->sum, ret);
	digest_free(c->sum);
	return r;
}

int copy_sum(const struct context *context, const struct copy *job, char ret[DIGEST_TEXT],
        struct error *err)
{
	struct copier c = {.context = context, .job = job};

	return run(&c, ret, err);
}

int copy_files(const struct context *context, const struct copy *job, struct target *t,
        const char *wanted, struct error *err)
{
	struct copier c = {.context = context, .job = job, .target = t};
	char sum[DIGEST_TEXT];
	int r = run(&c, sum, err);

	if (r == 0 && wanted && strcmp(sum, wanted) != 0)
		r = error_set(err, ESTALE, "copy", job->sources[0],
		        "the files were changed while they were copied");
	return r;
}
