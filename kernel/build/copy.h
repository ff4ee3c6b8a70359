/* COPY and ADD: files of a context written into a root. */
#pragma once

#include "kernel/build/context.h"
#include "kernel/build/target.h"
#include "kernel/store/digest.h"

struct copy {
	char *const *sources; /* patterns */
	size_t n_sources;
	const char *destination; /* absolute inside; with a '/' at its end it is a directory */
	bool add;                /* tar archives among the sources are unpacked */
	bool keep_owners;        /* else all belongs to root, or whom the target says */
};

/* The digest of all that would be written: names, types, modes, content. What does not show in the
 * files, as their times, is not in it. */
int copy_sum(
        const struct context *c, const struct copy *job, char ret[DIGEST_TEXT], struct error *err);

/* Writes it. `wanted` (may be NULL) is what copy_sum() gave: -ESTALE when the files were changed
 * since. */
int copy_files(const struct context *c, const struct copy *job, struct target *t,
        const char *wanted, struct error *err);
