/* Patterns for paths, as .dockerignore and COPY have them: '*' and '?' stop at '/', "[a-z]" and
 * "[^a-z]" are classes, '\' takes the special meaning away, "**" stands for any number of
 * directories (Go's filepath.Match, and docker's "**").
 *
 * The time is that of pattern times path, whatever the pattern: all ways to match are followed at
 * once. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { GLOB_MAX = 4096 }; /* bytes of a pattern */

struct glob;

/* -EINVAL: *ret_at is where the pattern is wrong (a class that is not closed, a '\' at the end).
 * -ENAMETOOLONG, -ENOMEM. */
int glob_new(const char *pattern, struct glob **ret, size_t *ret_at);
void glob_free(struct glob *g);
bool glob_matches(const struct glob *g, const char *path);
/* Whether it matches the path or a directory that leads there. */
bool glob_matches_parent(const struct glob *g, const char *path);

/* The text without the '\' that take a special meaning away; in place. */
void glob_unescape(char *text);
