#include "kernel/build/context.h"

#include "kernel/base/cleanup.h"
#include "kernel/build/glob.h"
#include "kernel/build/target.h"
#include "kernel/do/rootpath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

void paths_release(struct paths *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->all[i]);
	free(p->all);
	*p = (struct paths){0};
}

static int paths_add(struct paths *p, const char *path)
{
	if (p->n == p->cap) {
		size_t more = p->cap ? p->cap * 2 : 16;
		char **grown = realloc(p->all, more * sizeof *grown);
		if (!grown)
			return -ENOMEM;
		p->all = grown;
		p->cap = more;
	}
	p->all[p->n] = strdup(path);
	return p->all[p->n++] ? 0 : -ENOMEM;
}

/* ---- opening ------------------------------------------------------------------------------- */

static ssize_t path_of(int fd, char ret[static PATH_MAX])
{
	char link[FD_PATH_SIZE];
	ssize_t n = readlink(fd_path(fd, link), ret, PATH_MAX - 1);

	if (n < 0)
		return -errno;
	ret[n] = '\0';
	return n;
}

/* Where in the context an open file is, as the kernel has it. */
static int real_path(const struct context *c, int fd, char **ret)
{
	char top[PATH_MAX], path[PATH_MAX];
	ssize_t n = path_of(c->root, top), m = path_of(fd, path);

	if (n < 0 || m < 0)
		return n < 0 ? (int)n : (int)m;
	if (n == 1)
		n = 0; /* "/" */
	if (m < n || memcmp(top, path, (size_t)n) != 0)
		return -EXDEV;
	*ret = strdup(path + n + (path[n] == '/'));
	return *ret ? 0 : -ENOMEM;
}

int context_open(
        const struct context *c, const char *path, int flags, char **ret_real, struct error *err)
{
	auto_close fd = root_open(c->root, *path ? path : "/", flags);
	auto_free char *real = NULL;
	int r = fd < 0 ? fd : real_path(c, fd, &real);

	/* The context itself is there, whatever the patterns say. */
	if (r == 0 && *real && ignore_matches(c->ignore, real)) {
		error_set(err, ENOENT, "find", path, "it is left out of the context");
		error_advise(err, "see the patterns in .containerignore or .dockerignore");
		return -ENOENT;
	}
	if (r < 0)
		return error_set(
		        err, -r, "find", *path ? path : "/", "in %s: %s", c->name, strerror(-r));
	if (ret_real)
		*ret_real = steal_ptr(real);
	return steal_fd(&fd);
}

/* ---- patterns ------------------------------------------------------------------------------ */

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a directory that match; none when it is no directory. */
static int list(
        const struct context *c, const char *directory, const struct glob *g, struct paths *ret)
{
	int fd = root_open(c->root, *directory ? directory : "/", O_RDONLY | O_DIRECTORY);
	auto_dir d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	int r = 0;

	if (!d)
		return fd == -ENOENT || fd == -ENOTDIR ? 0 : fd;
	while (r == 0 && (e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
		        glob_matches(g, e->d_name))
			r = paths_add(ret, e->d_name);
	if (ret->n)
		qsort(ret->all, ret->n, sizeof *ret->all, by_bytes);
	return r;
}

static int expand_parts(const struct context *c, const char *done, const char *rest,
        struct paths *ret, struct error *err);

static int go_on(const struct context *c, const char *done, const char *name, const char *rest,
        struct paths *ret, struct error *err)
{
	auto_free char *path = NULL;

	if (asprintf(&path, "%s%s%s", done, *done ? "/" : "", name) < 0)
		return error_set(err, ENOMEM, "find", name, NULL);
	return expand_parts(c, path, rest, ret, err);
}

static int expand_part(const struct context *c, const char *done, char *part, const char *rest,
        struct paths *ret, struct error *err)
{
	struct paths names = {0};
	struct glob *g = NULL;
	size_t at;
	int r;

	if (!strpbrk(part, "*?[")) {
		glob_unescape(part);
		return go_on(c, done, part, rest, ret, err);
	}
	r = glob_new(part, &g, &at);
	if (r < 0)
		return error_set(err, -r, "find", part, "that is no pattern");
	r = list(c, done, g, &names);
	if (r < 0)
		error_set(err, -r, "find", *done ? done : "/", NULL);
	for (size_t i = 0; r == 0 && i < names.n; i++)
		r = go_on(c, done, names.all[i], rest, ret, err);
	paths_release(&names);
	glob_free(g);
	return r;
}

static int expand_parts(const struct context *c, const char *done, const char *rest,
        struct paths *ret, struct error *err)
{
	auto_free char *part = NULL;
	size_t n = strcspn(rest, "/");

	if (!*rest) {
		if (paths_add(ret, done) < 0)
			return error_set(err, ENOMEM, "find", done, NULL);
		return 0;
	}
	if (strlen(done) > PATH_MAX)
		return error_set(err, ENAMETOOLONG, "find", done, NULL);
	part = strndup(rest, n);
	if (!part)
		return error_set(err, ENOMEM, "find", rest, NULL);
	rest += n + strspn(rest + n, "/");
	return expand_part(c, done, part, rest, ret, err);
}

/* "a/../b" is "b"; false for one that climbs out. */
static bool resolve_dots(char *path)
{
	char *to = path;

	for (char *from = path; *from;) {
		size_t n = strcspn(from, "/");
		if (n == 2 && !strncmp(from, "..", 2)) {
			if (to == path)
				return false;
			while (to > path && *--to != '/')
				;
		} else {
			if (to > path)
				*to++ = '/';
			memmove(to, from, n);
			to += n;
		}
		from += n + (from[n] == '/');
	}
	*to = '\0';
	return true;
}

/* What a pattern has found may be left out; a file that was named has to be there. */
static int take(const struct context *c, const struct paths *found, bool named, struct paths *ret,
        struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < found->n; i++) {
		struct error why = {0};
		auto_close fd = context_open(c, found->all[i], O_PATH, NULL, &why);
		if (fd >= 0)
			r = paths_add(ret, found->all[i]);
		else if (named && err && !err->code)
			*err = why;
		if (fd < 0 && named)
			r = fd;
	}
	return r;
}

int context_find(const struct context *c, const char *pattern, struct paths *ret, struct error *err)
{
	char path[PATH_MAX];
	struct paths found = {0};
	size_t before = ret->n;
	int r;

	if (!target_join(path, "", pattern))
		return error_set(err, ENAMETOOLONG, "find", pattern, NULL);
	if (!resolve_dots(path))
		return error_set(err, EINVAL, "find", pattern, "that leads out of %s", c->name);
	r = expand_parts(c, "", path, &found, err);
	if (r == 0)
		r = take(c, &found, !strpbrk(path, "*?["), ret, err);
	paths_release(&found);
	if (r == 0 && ret->n == before)
		r = error_set(err, ENOENT, "find", pattern, "nothing in %s matches", c->name);
	return r;
}
