/* Where COPY and ADD take their files from: the directory that was given as context, or the root of
 * another image. Nothing outside of it is ever opened: links are resolved with it as "/". */
#pragma once

#include "kernel/base/error.h"
#include "kernel/build/ignore.h"

#include <stddef.h>

struct context {
	int root;                    /* O_PATH; borrowed */
	const struct ignore *ignore; /* NULL: nothing is left out */
	const char *name;            /* for errors: the directory, "stage one" */
};

struct paths {
	char **all;
	size_t n, cap;
};

/* Appends what the pattern (glob.h, each part of the path for itself) means, in the order of bytes,
 * without what is left out. Paths have no '/' at their ends; "" is the context itself. -EINVAL: it
 * leads out of the context. -ENOENT: nothing is there. */
int context_find(
        const struct context *c, const char *pattern, struct paths *ret, struct error *err);
void paths_release(struct paths *p);

/* Opens a path (`flags` as open(2)) with links on the way and at its end followed; -ENOENT when it
 * leads to what is left out. *ret_real (may be NULL) is the caller's: where it has come to. */
int context_open(
        const struct context *c, const char *path, int flags, char **ret_real, struct error *err);
