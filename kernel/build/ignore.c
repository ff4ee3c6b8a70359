#include "kernel/build/ignore.h"

#include "kernel/base/cleanup.h"
#include "kernel/build/glob.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { MAX_LINES = 10000 };

struct pattern {
	struct glob *glob;
	bool exception;
};

struct ignore {
	struct pattern *patterns;
	size_t n, cap;
	bool has_exceptions;
};

/* As Go's filepath.Clean(): without "." and "..", doubled and trailing '/'; in place. */
static void clean(char *path)
{
	char *from = path, *to = path;

	while (*from) {
		size_t n;
		from += strspn(from, "/");
		n = strcspn(from, "/");
		if (n == 2 && !strncmp(from, "..", 2)) {
			while (to > path && *--to != '/')
				;
		} else if (n && !(n == 1 && *from == '.')) {
			if (to > path)
				*to++ = '/';
			memmove(to, from, n);
			to += n;
		}
		from += n;
	}
	*to = '\0';
}

static int grow(struct ignore *i)
{
	size_t cap = i->cap ? i->cap * 2 : 16;
	void *more;

	if (i->n < i->cap)
		return 0;
	more = realloc(i->patterns, cap * sizeof *i->patterns);
	if (!more)
		return -ENOMEM;
	i->patterns = more;
	i->cap = cap;
	return 0;
}

/* *ret_at: where in the line it is wrong. */
static int add(struct ignore *i, char *line, size_t *ret_at)
{
	struct pattern p = {.exception = line[0] == '!'};
	char *pattern = line + p.exception;
	size_t at = 0;
	int r;

	pattern += strspn(pattern, " \t");
	*ret_at = (size_t)(pattern - line);
	if (!*pattern)
		return -EINVAL;
	clean(pattern);
	if (!*pattern)
		return 0; /* the context itself cannot be left out */
	r = grow(i);
	if (r == 0)
		r = glob_new(pattern, &p.glob, &at);
	*ret_at += at;
	if (r < 0)
		return r;
	i->patterns[i->n++] = p;
	i->has_exceptions |= p.exception;
	return 0;
}

static int bad_line(const char *name, size_t line, size_t column, int code, struct error *err)
{
	char place[256];

	if (code == ENOMEM)
		return error_set(err, ENOMEM, "read", name, NULL);
	snprintf(place, sizeof place, "%.200s:%zu:%zu", name, line, column + 1);
	return error_set(err, EINVAL, "read", place, "%s",
	        code == ENAMETOOLONG ? "this pattern is too long"
	                             : "this is no pattern: a '[' is not closed, a '\\' is last, "
	                               "or nothing follows '!'");
}

static int parse(const char *name, char *text, struct ignore *i, struct error *err)
{
	size_t number = 0, at;

	for (char *line = text, *next; line; line = next) {
		size_t n;
		int r;
		number++;
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (number == 1 && !strncmp(line, "\xef\xbb\xbf", 3))
			line += 3; /* the mark of UTF-8 */
		n = strlen(line);
		while (n && strchr(" \t\r", line[n - 1]))
			line[--n] = '\0';
		if (*line == '#')
			continue;
		line += strspn(line, " \t");
		if (!*line)
			continue;
		if (i->n == MAX_LINES)
			return error_set(err, EFBIG, "read", name, "more than %d lines", MAX_LINES);
		r = add(i, line, &at);
		if (r < 0)
			return bad_line(name, number, at, -r, err);
	}
	return 0;
}

int ignore_parse(
        const char *name, const char *bytes, size_t n, struct ignore **ret, struct error *err)
{
	auto_free char *text = strndup(bytes, n);
	struct ignore *i = calloc(1, sizeof *i);
	int r = text && i ? parse(name, text, i, err) : error_set(err, ENOMEM, "read", name, NULL);

	if (r < 0)
		ignore_free(i);
	else
		*ret = i;
	return r;
}

void ignore_free(struct ignore *i)
{
	for (size_t k = 0; i && k < i->n; k++)
		glob_free(i->patterns[k].glob);
	if (i)
		free(i->patterns);
	free(i);
}

bool ignore_matches(const struct ignore *i, const char *path)
{
	for (size_t k = i ? i->n : 0; k-- > 0;)
		if (glob_matches_parent(i->patterns[k].glob, path))
			return !i->patterns[k].exception;
	return false;
}

bool ignore_has_exceptions(const struct ignore *i)
{
	return i && i->has_exceptions;
}
