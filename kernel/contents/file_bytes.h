/* Contents of single files of an image, read when somebody asks for them: once through the layers
 * that have them, for all files that are wanted at a time. */
#pragma once

#include "kernel/contents/image_contents.h"

#include <stddef.h>

struct file_wanted {
	const struct file_change *change; /* a regular file, of the image's tree */
	void *data;                       /* for `take` */
};

/* Calls `take` with the pieces of each file in order, first with no piece (bytes NULL): a name that
 * an archive has twice comes twice, and the last one counts. Files of different layers come lowest
 * layer first. A negative errno of `take` ends it. Bytes are not verified again: that was done when
 * the image was opened. */
int file_bytes_read(const struct image_contents *c, const struct file_wanted *wanted, size_t n,
        int (*take)(void *data, const void *bytes, size_t n), struct error *err);
