/* Where a build has its things until an image is whole: layers that steps have made, what is known
 * of the steps, directories to work in. Nothing of it is part of the store of images before the
 * last step is done.
 *
 *   DATA/build/blobs/    layers, in an OCI layout of their own (layout.h)
 *   DATA/build/steps/    what each step has made, see cache.h
 *   DATA/build/empty/    the lower directory of an image without a layer
 *   DATA/build/work-…/   of one step that is going on: upper, work, merged, from
 *
 * A directory that its builder does not hold locked any more (flock(2)) is what a killed one left;
 * the next build takes it away. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/store/layout.h"

#include <stdint.h>
#include <sys/types.h>

struct build_place {
	char *path;
	struct layout layout;
	int lock; /* shared: who empties the place waits for nobody, and does it another time */
};

/* *ret is released by the caller. */
int build_place_open(struct build_place *ret, struct error *err);
void build_place_release(struct build_place *p);
/* Removes layers and steps, all that is not in use: *ret_bytes is what the layers took. A build
 * that is going on keeps all. */
int build_place_empty(uint64_t *ret_bytes, struct error *err);

struct scratch {
	char *path, *upper, *work, *merged, *from;
	int lock;
};

/* `owner` is who uid 0 inside is on the disk. */
int scratch_new(const struct build_place *p, uid_t owner, struct scratch *ret, struct error *err);
void scratch_release(struct scratch *s);
