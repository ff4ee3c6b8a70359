/* What a connection of HTTP/2 names by number alone, since it was spelt out before we looked
 * (header_block.h): which method it is cannot be read any more, but whether it is the same as
 * before can. So each gets a letter. Internal to kernel/watch/wire. */
#pragma once

#include "kernel/base/buf.h"

#include <stddef.h>

enum { UNSEEN_MOST = 128 };

/* Of one side of a connection; all zero = none yet. */
struct unseen {
	struct {
		char what; /* the first letter of that */
		int first, second;
		unsigned letter;
	} all[UNSEEN_MOST];
	size_t n;
};

/* Appends "(method A: named before we looked)". `keys` are the first two fields that are not known:
 * of a request the path and the authority, in whichever order a library sends them; so as long as
 * one talks to the same server they differ when the path does. `what` is "method" or "status";
 * `given` counts the letters of all connections. */
void unseen_add(
        struct unseen *u, const int keys[2], const char *what, unsigned *given, struct buf *out);
