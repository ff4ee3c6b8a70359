#include "shell/lesson/lesson_assets.h"

#include "kernel/base/cleanup.h"
#include "shell/lesson/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum { FILES = 2000, DEPTH = 12, BYTES = 64 << 20 };

struct copier {
	const struct scenario *lesson;
	int folder, to;
	char **files; /* below the folder */
	size_t n;
	size_t copied;
	size_t bytes;
	struct buf *said;
};

/* ---- what there is -------------------------------------------------------------------------- */

static void add_file(struct copier *c, const char *path)
{
	char *copy = c->n < FILES ? strdup(path) : NULL;

	if (copy)
		c->files[c->n++] = copy;
}

/* Files below a directory; `fd` is this function's. */
static void list_files(struct copier *c, int fd, const char *path, int depth)
{
	auto_dir dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir && fd >= 0)
		close(fd);
	while (dir && (entry = readdir(dir)) && c->n < FILES) {
		auto_free char *at = NULL;
		struct stat st;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
		        asprintf(&at, "%s%s%s", path, *path ? "/" : "", entry->d_name) < 0 ||
		        fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (!S_ISDIR(st.st_mode))
			add_file(c, at);
		else if (depth < DEPTH)
			list_files(c,
			        openat(dirfd(dir), entry->d_name,
			                O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
			        at, depth + 1);
	}
}

/* ---- where it goes -------------------------------------------------------------------------- */

static int open_below(int directory, const char *path, int flags, mode_t mode)
{
	struct open_how how = {
	        .flags = (uint64_t)flags | O_CLOEXEC,
	        .mode = flags & O_CREAT ? mode : 0,
	        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	long fd = syscall(SYS_openat2, directory, path, &how, sizeof how);

	return fd < 0 ? -errno : (int)fd;
}

/* The directory of a target below the lab: without "~", the first slash, the home of root. False
 * when it climbs. */
static bool place_of(const char *target, struct buf *out)
{
	if (!strncmp(target, "/root", 5) && (!target[5] || target[5] == '/'))
		target += 5;
	target += *target == '~';
	while (*target) {
		size_t n = strcspn(target, "/");

		if (n == 2 && !strncmp(target, "..", 2))
			return false;
		if (n && !(n == 1 && *target == '.')) {
			if (out->len)
				buf_addc(out, '/');
			buf_add_bytes(out, target, n);
		}
		target += n;
		target += strspn(target, "/");
	}
	return true;
}

/* Makes the directories of a path, all but its last name. */
static int make_directories(int to, const char *path)
{
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		auto_free char *part = strndup(path, (size_t)(slash - path));
		auto_free char *parent =
		        part && strrchr(part, '/')
		                ? strndup(part, (size_t)(strrchr(part, '/') - part))
		                : NULL;
		auto_close fd =
		        part ? open_below(to, parent ? parent : ".", O_RDONLY | O_DIRECTORY, 0)
		             : -ENOMEM;

		if (fd < 0)
			return fd;
		if (mkdirat(fd, parent ? part + strlen(parent) + 1 : part, 0755) < 0 &&
		        errno != EEXIST)
			return -errno;
	}
	return 0;
}

static mode_t mode_of(const char *chmod, mode_t now)
{
	char *end;
	unsigned long mode;

	if (!chmod || !*chmod)
		return (now & 0111) | 0644;
	mode = strtoul(chmod, &end, 8);
	if (!*end)
		return (mode_t)mode & 0777;
	return strchr(chmod, 'x') ? 0755 : 0644;
}

/* ---- one file ------------------------------------------------------------------------------- */

static void complain(struct copier *c, const char *file, const char *cause)
{
	buf_addf(c->said, "The lesson's file %s is not put into the lab: %s.\n", file, cause);
}

static int copy_bytes(struct copier *c, int from, int to)
{
	char chunk[65536];
	ssize_t n;

	while ((n = read(from, chunk, sizeof chunk)) > 0) {
		c->bytes += (size_t)n;
		if (c->bytes > BYTES)
			return -EFBIG;
		for (ssize_t done = 0, m; done < n; done += m)
			if ((m = write(to, chunk + done, (size_t)(n - done))) < 0)
				return -errno;
	}
	return n < 0 ? -errno : 0;
}

static void copy_file(
        struct copier *c, const struct scenario_asset *asset, const char *file, const char *path)
{
	struct error err = {0};
	auto_close from = folder_open(c->folder, file, BYTES, &err);
	auto_close to = -1;
	struct stat st;
	int r;

	if (from < 0) {
		complain(c, asset->file, err.cause);
		return;
	}
	r = make_directories(c->to, path);
	if (r == 0 && (to = open_below(c->to, path, O_WRONLY | O_CREAT | O_TRUNC, 0600)) < 0)
		r = to;
	if (r == 0)
		r = copy_bytes(c, from, to);
	if (r == 0 && (fstat(from, &st) < 0 || fchmod(to, mode_of(asset->mode, st.st_mode)) < 0))
		r = -errno;
	if (r < 0)
		complain(c, asset->file, strerror(-r));
	else
		c->copied++;
}

/* ---- one asset ------------------------------------------------------------------------------ */

/* How much of a file's path the pattern matches: the whole, or a directory that it lies in; 0 = it
 * does not. */
static size_t match(const char *pattern, const char *path)
{
	for (size_t n = strlen(path); n; n--) {
		auto_free char *part = NULL;

		if (path[n] && path[n] != '/')
			continue;
		part = strndup(path, n);
		if (part && fnmatch(pattern, part, FNM_PATHNAME | FNM_PERIOD) == 0)
			return n;
	}
	return 0;
}

/* Where a file goes: into the directory that the target names, under its name and those of the
 * directories that were copied with it; or under the target, when that ends in the very name. */
static void destination(
        const char *target, bool directory, const char *path, size_t matched, struct buf *out)
{
	const char *name = path + matched, *last = strrchr(target, '/');

	while (name > path && name[-1] != '/')
		name--;
	buf_add(out, target);
	last = last ? last + 1 : target;
	if (!directory && !path[matched] && !strcmp(last, name))
		return;
	buf_addf(out, "%s%s", *target ? "/" : "", name);
}

/* The file that is meant, without slashes and "./" around it; the caller's. */
static char *pattern_of(const char *file)
{
	char *pattern;
	size_t n;

	while (*file == '/' || !strncmp(file, "./", 2))
		file += *file == '.' ? 2 : 1;
	pattern = strdup(*file && strcmp(file, ".") != 0 ? file : "*");
	for (n = pattern ? strlen(pattern) : 0; n && pattern[n - 1] == '/'; n--)
		pattern[n - 1] = '\0';
	return pattern;
}

static size_t copy_from(
        struct copier *c, const struct scenario_asset *asset, const char *below, const char *target)
{
	auto_free char *pattern = pattern_of(asset->file);
	const char *wanted = asset->target ? asset->target : "~/";
	bool directory = !*wanted || wanted[strlen(wanted) - 1] == '/';
	size_t found = 0;

	for (size_t i = 0; i < c->n && pattern; i++) {
		const char *path = c->files[i];
		auto_buf to = BUF_INIT;
		size_t n = strlen(below), matched;

		if (strncmp(path, below, n) != 0)
			continue;
		path += n;
		matched = match(pattern, path);
		if (!matched)
			continue;
		found++;
		destination(target, directory, path, matched, &to);
		copy_file(c, asset, c->files[i], buf_text(&to));
	}
	return found;
}

static void copy_asset(struct copier *c, const struct scenario_asset *asset)
{
	const char *target = asset->target ? asset->target : "~/";
	auto_buf place = BUF_INIT;
	size_t before = c->copied;

	if (!strcasecmp(asset->host, "host02") || !strcasecmp(asset->host, "host2"))
		return; /* for a machine that is not here, as is said elsewhere */
	if (!place_of(target, &place) || strstr(asset->file, "..")) {
		complain(c, asset->file, "its path leads out of the lab or of the lesson's folder");
		return;
	}
	/* "assets/x" is meant as it stands by some, below assets/ by most. */
	if (!copy_from(c, asset, "assets/", buf_text(&place)) &&
	        (strpbrk(asset->file, "*?[") || !copy_from(c, asset, "", buf_text(&place))))
		complain(c, asset->file, "there is no such file below assets/");
	else if (c->copied > before && place.len && *target == '/')
		buf_addf(c->said, "The lesson's files for %s are in ~/%s here.\n", target,
		        buf_text(&place));
}

size_t lesson_assets_copy(const struct scenario *lesson, int to, struct buf *said)
{
	struct copier c = {.lesson = lesson, .to = to, .said = said};
	auto_close folder = open(lesson->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	c.folder = folder;
	if (!lesson->n_assets || folder < 0 || !(c.files = calloc(FILES, sizeof *c.files)))
		return 0;
	list_files(&c, openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "", 0);
	for (size_t i = 0; i < lesson->n_assets; i++)
		copy_asset(&c, &lesson->assets[i]);
	for (size_t i = 0; i < c.n; i++)
		free(c.files[i]);
	free(c.files);
	return c.copied;
}
