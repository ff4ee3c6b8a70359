/* A layer unpacked, as a lower directory of overlayfs: DATA/layers/…, see store.h. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/store/layout.h"
#include "kernel/store/store_read.h"

#include <sys/types.h>

/* A layer and what it lies on. */
struct layer_request {
	const struct layout *from; /* where its blob is */
	const char *digest, *diff_id;
	uid_t key;                /* whom it is unpacked for, see store_image() */
	struct layer_chain chain; /* of the layers below */
	char *const *below;       /* their directories, the topmost first */
	size_t n_below;
};

/* Unpacks it and gives it its name when it is whole. `shift` is added to owners. Call under the
 * store's lock, as root of the ids that the layer is for. */
int layer_to_directory(const struct layer_request *q, uid_t shift, struct error *err);

/* Opens the directory and locks it against removal, until the descriptor is closed. -ENOENT when it
 * is not there, or no more. */
int layer_directory_hold(const char *path, int *ret, struct error *err);

/* Finds it or unpacks it, and holds it, in one piece: nobody can take it away in between. *ret is
 * the caller's path. Takes the store's lock. */
int layer_directory_want(const struct layout *store, const struct layer_request *q, char **ret,
        int *ret_held, struct error *err);
