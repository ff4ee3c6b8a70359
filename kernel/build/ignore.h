/* .containerignore and .dockerignore: what of the context is not there for COPY and ADD. A pattern
 * a line (glob.h), '#' begins a comment, '!' takes a file back in; the last line that matches a
 * path, or a directory that leads to it, decides.
 *
 * Source: ".dockerignore files" of docker's documentation, containerignore(5). */
#pragma once

#include "kernel/base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct ignore;

/* `name` is for errors: -EINVAL with "NAME:LINE:COLUMN". */
int ignore_parse(
        const char *name, const char *bytes, size_t n, struct ignore **ret, struct error *err);
void ignore_free(struct ignore *i);
/* Whether the path, relative to the context, is left out. NULL leaves out nothing. */
bool ignore_matches(const struct ignore *i, const char *path);
/* Whether something below a directory that is left out may be taken back in. */
bool ignore_has_exceptions(const struct ignore *i);
