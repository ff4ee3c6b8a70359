/* Images as one file, to be carried from one machine to another.
 *
 *   oci-archive     a tar of an OCI image layout (OCI image specification 1.1, image-layout.md):
 *                   every digest stays what it is
 *   docker-archive  what `docker save` writes: manifest.json, a configuration and a plain tar for
 *                   each layer; the configuration keeps its digest (the "image id") */
#pragma once

#include "kernel/base/error.h"
#include "kernel/store/layout.h"

#include <stddef.h>

enum image_format { IMAGE_OCI_ARCHIVE, IMAGE_DOCKER_ARCHIVE };

/* Writes the images that the words mean (see find.h) to the descriptor. Same images, same bytes. */
int image_save(int fd, enum image_format format, char **words, size_t n, struct error *err);

/* What came in. */
struct image_loaded {
	char **names; /* of each image: its name, or its digest when it has none; the caller's */
	size_t n;
};
void image_loaded_release(struct image_loaded *l);

/* Reads an archive of either kind, also a compressed one, from the descriptor into the store. All
 * digests and diff ids are verified before anything gets a name: -EBADMSG, and the store is as it
 * was. */
int image_load(int fd, struct image_loaded *ret, struct error *err);

/* The same from a directory that is an OCI image layout. */
int image_load_directory(const char *path, struct image_loaded *ret, struct error *err);

/* The same from an archive into a layout of the caller's: when it fails, what came in stays. Call
 * under the lock. */
int image_load_archive(const struct layout *l, int fd, struct image_loaded *ret, struct error *err);
