/* What a layer needs of those below it to be unpacked.
 *
 * A hard link may lead to a file of a lower layer: in an overlay link(2) copies the file up first,
 * and so is done here. And a directory on the way that has no entry of its own in the layer has the
 * owner and the mode that it has below: the topmost directory is what an overlay shows them of.
 *
 * A layer that needed that is unpacked for what it lies on, see store_read.h. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct layer_below {
	char *const *directories; /* unpacked, the topmost first */
	size_t n;
	bool used; /* something was found in one of them */
};

/* The directory at `path` as it would be seen below the layer that is unpacked into `root`; what
 * the layer has hidden already is not seen, nor what it has itself. No symbolic link is followed.
 * -ENOENT, and *ret is as it was; `b` may be NULL. */
int layer_below_directory(struct layer_below *b, int root, const char *path, struct stat *ret);

/* Copies the file there, whatever its kind but a directory, into `parent`, under its own name, with
 * all that it has. -ENOENT, -EISDIR. */
int layer_below_copy(struct layer_below *b, int root, const char *path, int parent);
