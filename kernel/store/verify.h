/* Whether an image is what it says: every document, size, sum and media type on the way from its
 * manifest to the bytes of its layers. The first fault is named with where it stands. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/store/layout.h"

/* `digest` of a manifest, or of an index: then all its manifests that are here, and the one for
 * this machine has to be. -EBADMSG: a fault in what is here. -ENOENT: a part is missing. Reads all
 * layers. */
int image_verify(const struct layout *l, const char *digest, struct error *err);

/* {"mediaType", "digest", "size"}: whether it is one, and the blob of that size is there. `where`
 * is for the message: "index.json". */
int descriptor_verify(
        const struct layout *l, const char *where, const json_t *descriptor, struct error *err);

/* What a media type says of the compression of a layer. */
enum layer_compression { LAYER_PLAIN, LAYER_GZIP, LAYER_ZSTD, LAYER_UNKNOWN };
enum layer_compression layer_type_compression(const char *media_type);
/* What the bytes say. */
enum layer_compression layer_file_compression(int blob);
