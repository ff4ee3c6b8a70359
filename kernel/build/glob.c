/* The pattern becomes a row of tokens; a path is read character by character, and a set says which
 * tokens may come next (a nondeterministic automaton, so that nothing is tried twice). */
#include "kernel/build/glob.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <string.h>

enum kind {
	ONE,      /* this character */
	ANY,      /* one that is no '/' */
	MANY,     /* any number of these */
	CLASS,    /* one of a set */
	ALL,      /* anything at all: "**" at the end */
	DIRS,     /* "**" before more: nothing, or what the next token says */
	DIRS_REST /* anything that ends with '/' */
};

struct token {
	enum kind kind;
	unsigned char c;
	unsigned char set[32]; /* a bit for each character */
};

struct glob {
	size_t n;
	struct token tokens[];
};

static void put(struct token *t, unsigned char c)
{
	t->set[c / 8] |= (unsigned char)(1u << c % 8);
}

static bool has(const struct token *t, unsigned char c)
{
	return t->set[c / 8] >> c % 8 & 1;
}

/* One character of a class. */
static int class_character(const char **p, unsigned char *ret)
{
	if (**p == '\\')
		(*p)++;
	if (!**p)
		return -EINVAL;
	*ret = (unsigned char)*(*p)++;
	return 0;
}

/* Behind '['. */
static int read_class(const char **p, struct token *t)
{
	bool invert = **p == '^' || **p == '!';
	unsigned char first, last;

	*p += invert;
	if (**p == ']')
		return -EINVAL;
	while (**p && **p != ']') {
		if (class_character(p, &first) < 0)
			return -EINVAL;
		last = first;
		if (**p == '-' && (*p)[1] != ']') {
			(*p)++;
			if (class_character(p, &last) < 0 || last < first)
				return -EINVAL;
		}
		for (unsigned c = first; c <= last; c++)
			put(t, (unsigned char)c);
	}
	if (**p != ']')
		return -EINVAL;
	(*p)++;
	for (size_t i = 0; invert && i < sizeof t->set; i++)
		t->set[i] = (unsigned char)~t->set[i];
	t->set['/' / 8] &= (unsigned char)~(1u << '/' % 8);
	return 0;
}

static struct token *add(struct glob *g, enum kind kind, char c)
{
	struct token *t = &g->tokens[g->n++];

	*t = (struct token){.kind = kind, .c = (unsigned char)c};
	return t;
}

static int read_star(struct glob *g, const char **p)
{
	if ((*p)[1] != '*') {
		add(g, MANY, 0);
		(*p)++;
		return 0;
	}
	while (**p == '*')
		(*p)++;
	if (!**p) {
		add(g, ALL, 0);
		return 0;
	}
	if (**p == '/')
		(*p)++;
	add(g, DIRS, 0);
	add(g, DIRS_REST, 0);
	return 0;
}

static int read_token(struct glob *g, const char **p)
{
	switch (**p) {
	case '*':
		return read_star(g, p);
	case '?':
		add(g, ANY, 0);
		break;
	case '[':
		(*p)++;
		return read_class(p, add(g, CLASS, 0));
	case '\\':
		if (!*++*p)
			return -EINVAL;
		add(g, ONE, **p);
		break;
	default:
		add(g, ONE, **p);
	}
	(*p)++;
	return 0;
}

int glob_new(const char *pattern, struct glob **ret, size_t *ret_at)
{
	size_t n = strlen(pattern);
	const char *p = pattern;
	struct glob *g;

	*ret_at = 0;
	if (n > GLOB_MAX)
		return -ENAMETOOLONG;
	g = calloc(1, sizeof *g + (n + 2) * sizeof *g->tokens);
	if (!g)
		return -ENOMEM;
	while (*p) {
		const char *at = p;
		if (read_token(g, &p) < 0) {
			*ret_at = (size_t)(at - pattern);
			free(g);
			return -EINVAL;
		}
	}
	*ret = g;
	return 0;
}

void glob_free(struct glob *g)
{
	free(g);
}

/* Token i may come next, and so may those behind it that can be nothing. */
static void reach(const struct glob *g, bool *set, size_t i)
{
	while (!set[i]) {
		set[i] = true;
		if (i == g->n)
			return;
		if (g->tokens[i].kind == DIRS) {
			set[i + 1] = true;
			i += 2;
		} else if (g->tokens[i].kind == MANY || g->tokens[i].kind == ALL) {
			i++;
		}
	}
}

static void step(const struct glob *g, const bool *now, bool *next, unsigned char c)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct token *t = &g->tokens[i];
		if (!now[i])
			continue;
		if ((t->kind == ONE && c == t->c) || (t->kind == ANY && c != '/') ||
		        (t->kind == CLASS && has(t, c)) || (t->kind == DIRS_REST && c == '/'))
			reach(g, next, i + 1);
		if ((t->kind == MANY && c != '/') || t->kind == ALL)
			reach(g, next, i);
		if (t->kind == DIRS_REST)
			next[i] = true;
	}
}

static bool matches(const struct glob *g, const char *path, bool parents)
{
	auto_free bool *now = calloc(g->n + 1, 1), *next = calloc(g->n + 1, 1);

	if (!now || !next)
		return false;
	reach(g, now, 0);
	for (const char *p = path; *p; p++) {
		bool *swap = now;
		if (parents && *p == '/' && p > path && now[g->n])
			return true;
		memset(next, 0, g->n + 1);
		step(g, now, next, (unsigned char)*p);
		now = next;
		next = swap;
	}
	return now[g->n];
}

bool glob_matches(const struct glob *g, const char *path)
{
	return matches(g, path, false);
}

bool glob_matches_parent(const struct glob *g, const char *path)
{
	return matches(g, path, true);
}

void glob_unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (*text == '\\' && text[1])
			text++;
		*to++ = *text;
	}
	*to = '\0';
}
