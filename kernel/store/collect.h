/* Taking away what no image needs any more: blobs that cannot be reached from index.json and that
 * no repository of a registry has (repository.h), unpacked layers of no image, and what interrupted
 * pulls left a day ago (partial.h).
 *
 * Who uses an unpacked layer keeps a shared flock(2) on its directory (store_image() takes it, the
 * monitor of a container has it as long as the container lives), so the count of users is the
 * kernel's, and right also after kill -9. A layer in use stays, to be collected another time. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/store/layout.h"

#include <stddef.h>
#include <stdint.h>

struct collected {
	size_t blobs, layers; /* removed */
	size_t in_use;        /* layers of no image that a container still has */
	uint64_t bytes;       /* of the blobs */
};

/* Call under the layout's lock. A damaged image keeps what it can still name. */
int store_collect(const struct layout *l, struct collected *ret, struct error *err);
/* The blobs only: for a layout in another place, of which no layers are unpacked here. */
int store_collect_blobs(const struct layout *l, struct collected *ret, struct error *err);
