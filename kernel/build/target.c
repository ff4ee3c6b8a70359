#include "kernel/build/target.h"

#include "kernel/base/cleanup.h"
#include "kernel/do/rootpath.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

void target_init(struct target *t, int root)
{
	*t = (struct target){.root = root, .last_fd = -1};
}

void target_release(struct target *t)
{
	cleanup_fd(&t->last_fd);
}

bool target_join(char ret[PATH_MAX], const char *directory, const char *path)
{
	const char *parts[] = {path[0] == '/' ? "" : directory, path};
	size_t n = 0;

	for (int i = 0; i < 2; i++)
		for (const char *p = parts[i]; *p;) {
			size_t length;
			p += strspn(p, "/");
			length = strcspn(p, "/");
			if (n + length + 2 > PATH_MAX)
				return false;
			if (length && !(length == 1 && *p == '.')) {
				if (n)
					ret[n++] = '/';
				memcpy(ret + n, p, length);
				n += length;
			}
			p += length;
		}
	ret[n] = '\0';
	return true;
}

bool target_has_directory(const struct target *t, const char *path)
{
	auto_close fd = root_open(t->root, *path ? path : "/", O_PATH | O_DIRECTORY);

	return fd >= 0;
}

/* ---- owners and modes ---------------------------------------------------------------------- */

static int give(
        const struct target *t, int parent, const char *name, const struct target_file *like)
{
	uid_t uid = t->has_owner ? t->uid : like ? like->uid : 0;
	gid_t gid = t->has_owner ? t->gid : like ? like->gid : 0;

	if (t->single && !t->has_owner)
		return 0;
	return fchownat(parent, name, uid + t->shift, gid + t->shift,
	               AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) < 0
	               ? -errno
	               : 0;
}

static mode_t mode_of(const struct target *t, const struct target_file *like)
{
	return t->has_mode ? t->mode : like ? like->mode & 07777 : 0755;
}

static int failed(int r, const char *path, struct error *err)
{
	error_set(err, -r, "write", path, "%s",
	        r == -EINVAL    ? "this owner does not exist in the user namespace"
	        : r == -ENOTDIR ? "on the way there is a file where a directory should be"
	                        : strerror(-r));
	if (r == -EINVAL)
		error_advise(err, "an ordinary user has one id only; more take subordinate ids, "
		                  "see 'cutaway doctor'");
	return r;
}

/* ---- directories --------------------------------------------------------------------------- */

/* Makes the last part of a path whose beginning is there; *ret is it, O_PATH. */
static int make_part(const struct target *t, int parent, const char *name,
        const struct target_file *like, int *ret)
{
	char path[FD_PATH_SIZE];
	int r;

	if (mkdirat(parent, name, 0700) < 0)
		return -errno;
	*ret = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*ret < 0)
		return -errno;
	r = give(t, *ret, "", like);
	if (r == 0 && chmod(fd_path(*ret, path), mode_of(t, like)) < 0)
		r = -errno;
	return r;
}

/* The directory, made where it is missing; one part at a time. Only the last is `like`. */
static int open_directory(const struct target *t, const char *path, const struct target_file *like)
{
	auto_close parent = -1;
	char part[PATH_MAX];
	const char *last;
	int fd = root_open(t->root, *path ? path : "/", O_PATH | O_DIRECTORY), r;

	if (fd != -ENOENT)
		return fd;
	last = strrchr(path, '/');
	snprintf(part, sizeof part, "%.*s", last ? (int)(last - path) : 0, path);
	parent = open_directory(t, part, NULL);
	if (parent < 0)
		return parent;
	r = make_part(t, parent, last ? last + 1 : path, like, &fd);
	if (r < 0)
		cleanup_fd(&fd);
	/* A link that leads nowhere has the name. */
	return r == -EEXIST ? -ENOENT : r < 0 ? r : fd;
}

int target_directory(
        struct target *t, const char *path, const struct target_file *like, struct error *err)
{
	auto_close fd = open_directory(t, path, like);

	return fd < 0 ? failed(fd, path, err) : 0;
}

/* The directory of `path`, which stays open for the next; *ret_name is the last part. */
static int open_parent(struct target *t, const char *path, const char **ret_name)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) : 0;

	*ret_name = slash ? slash + 1 : path;
	if (t->last_fd >= 0 && strlen(t->last) == n && !memcmp(t->last, path, n))
		return t->last_fd;
	cleanup_fd(&t->last_fd);
	snprintf(t->last, sizeof t->last, "%.*s", (int)n, path);
	t->last_fd = open_directory(t, t->last, NULL);
	return t->last_fd;
}

/* ---- files --------------------------------------------------------------------------------- */

/* Opens the parent and takes away what has the name. */
static int make_room(struct target *t, const char *path, const char **ret_name, struct error *err)
{
	int parent = open_parent(t, path, ret_name);

	if (parent < 0)
		return failed(parent, path, err);
	if (!**ret_name || unlinkat(parent, *ret_name, 0) == 0 || errno == ENOENT)
		return **ret_name ? parent : failed(-EISDIR, path, err);
	return failed(errno == EPERM ? -EISDIR : -errno, path, err);
}

int target_open(struct target *t, const char *path, struct error *err)
{
	const char *name;
	int parent = make_room(t, path, &name, err), fd;

	if (parent < 0)
		return parent;
	fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd < 0 ? failed(-errno, path, err) : fd;
}

int target_finish(struct target *t, int fd, const char *path, const struct target_file *like,
        struct error *err)
{
	struct timespec times[2] = {like->mtime, like->mtime};
	int r = give(t, fd, "", like);

	/* After the owner: chown(2) takes the set-user-ID bit away. */
	if (r == 0 && (fchmod(fd, mode_of(t, like)) < 0 || futimens(fd, times) < 0))
		r = -errno;
	return r < 0 ? failed(r, path, err) : 0;
}

int target_symlink(struct target *t, const char *path, const char *text,
        const struct target_file *like, struct error *err)
{
	struct timespec times[2] = {like->mtime, like->mtime};
	const char *name;
	int parent = make_room(t, path, &name, err), r;

	if (parent < 0)
		return parent;
	if (symlinkat(text, parent, name) < 0)
		return failed(-errno, path, err);
	r = give(t, parent, name, like);
	if (r == 0 && utimensat(parent, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		r = -errno;
	return r < 0 ? failed(r, path, err) : 0;
}

int target_hardlink(struct target *t, const char *path, const char *old, struct error *err)
{
	auto_close from = -1;
	const char *name, *old_name = strrchr(old, '/');
	char directory[PATH_MAX];
	int parent;

	snprintf(directory, sizeof directory, "/%.*s", old_name ? (int)(old_name - old) : 0, old);
	from = root_open(t->root, directory, O_PATH | O_DIRECTORY);
	if (from < 0)
		return failed(from, old, err);
	parent = make_room(t, path, &name, err);
	if (parent < 0)
		return parent;
	return linkat(from, old_name ? old_name + 1 : old, parent, name, 0) < 0
	               ? failed(-errno, path, err)
	               : 0;
}
