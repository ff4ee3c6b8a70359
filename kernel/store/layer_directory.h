/* A layer unpacked, as a lower directory of overlayfs: DATA/layers/…, see store.h. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/store/layout.h"

#include <sys/types.h>

/* Unpacks the layer, a blob of `from`, and gives it its name when it is whole. `shift` is added to
 * owners. Call under the store's lock, as root of the ids that the layer is for. */
int layer_to_directory(const struct layout *from, const char *digest, const char *diff_id,
        const char *path, uid_t shift, struct error *err);

/* Opens the directory and locks it against removal, until the descriptor is closed. -ENOENT when it
 * is not there, or no more. */
int layer_directory_hold(const char *path, int *ret, struct error *err);

/* Both, in one piece: nobody can take it away in between. `uid_offset` as in store_image(). *ret is
 * the caller's path. Takes the store's lock. */
int layer_directory_want(const struct layout *store, const struct layout *from, const char *digest,
        const char *diff_id, uid_t uid_offset, char **ret, int *ret_held, struct error *err);
