/* A container as an image: the image it was made of, and one layer more, its upper directory. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/store/digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image_commit {
	const char *container;
	const char *name;             /* as it is kept; "" = none */
	const char *author, *message; /* NULL = none */
	const char *const *changes;   /* "CMD …": instructions that change the configuration */
	size_t n_changes;
	int64_t epoch; /* as in struct image_build */
};

/* A container that runs is frozen while its files are read; *ret_unfrozen: it has no freezer, and
 * may have changed them meanwhile. */
int image_commit(const struct image_commit *o, char ret_digest[DIGEST_TEXT], bool *ret_unfrozen,
        struct error *err);
