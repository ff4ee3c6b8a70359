/* How much of what an image carries a container can see.
 *
 *   stored      bytes of all regular files in all layers, a file with several names counted once
 *   seen        bytes of those that are there in the end
 *   wasted      stored - seen: what a higher layer replaced or removed, carried all the same
 *   efficiency  seen / stored; 1 for an image without a byte
 *
 * Bytes are those of the files, before compression and without the headers of the archive. */
#pragma once

#include "kernel/contents/file_tree.h"

struct wasted_file {
	uint32_t node;
	uint32_t copies; /* layers that carry bytes of it */
	uint64_t stored, wasted;
	bool seen; /* it is there in the end */
};

struct efficiency {
	uint64_t stored, seen, wasted;
	double part;               /* 0 to 1 */
	struct wasted_file *files; /* those that cause it, the most wasteful first; owned */
	size_t n_files;
};

int efficiency_of(const struct file_tree *t, struct efficiency *ret, struct error *err);
void efficiency_release(struct efficiency *e);
