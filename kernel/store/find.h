/* Which image a word means: its name as it is kept, the full name that a short one stands for, or
 * the beginning of its digest. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/store/layout.h"

enum { FIND_DIGITS = 6 }; /* of a digest, at least: a shorter word is a name */

struct found {
	char *name; /* as index.json has it; "" for an image that has none. The caller's */
	char digest[DIGEST_TEXT]; /* of the manifest */
};

/* -ENOENT: no such image. -ENOTUNIQ: a beginning that several digests share. */
int store_find(const struct layout *l, const char *word, struct found *ret, struct error *err);
/* The same for what is to be run or looked at, not renamed or removed: an image that stands for one
 * that is not here (alias.h) will do. */
int store_find_to_run(
        const struct layout *l, const char *word, struct found *ret, struct error *err);
void found_release(struct found *f);
