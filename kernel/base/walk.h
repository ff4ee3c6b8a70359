/* Walking through a tree of files that somebody else made: of any depth and with any names, links
 * not followed, each directory before what is in it, names in the order of their bytes.
 *
 * One directory is open at a time; back up it goes through "..", and it is proved that this is
 * where it came from. */
#pragma once

#include "kernel/base/error.h"

#include <sys/stat.h>

struct walk_entry {
	const char *path; /* from the top, without "./"; as long as the call */
	const char *name; /* its last part */
	int parent;       /* the directory that it is in */
	struct stat st;
};

/* What `visit` returns: a negative errno ends the walk. */
enum { WALK_ON = 0, WALK_NOT_BELOW = 1 /* what is in this directory is left out */ };

/* `top` is borrowed. -ESTALE: the tree was changed meanwhile. Errors of `visit` are passed on,
 * its `err` is the same. */
int walk(int top, int (*visit)(void *data, const struct walk_entry *e, struct error *err),
        void *data, struct error *err);
