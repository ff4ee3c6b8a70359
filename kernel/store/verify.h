/* Whether images are what they say: every document, size, sum and media type on the way from the
 * index to the bytes of the layers. All faults are found, not only the first.
 *
 * Source: OCI image specification 1.1; each fault names the part of it. What comes from outside is
 * only read: nothing of it is unpacked, and no link in it is followed. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/store/fault.h"
#include "kernel/store/layout.h"

#include <stdint.h>

struct verdict {
	struct faults faults; /* in the order in which they were found */
	size_t images, blobs; /* looked at */
	uint64_t bytes;
};
void verdict_release(struct verdict *v);

/* A layout in a directory of its own, which may be broken in any way: all that its index names, and
 * the sums of all other blobs. Fails only when it cannot look: -ENOENT, -ENOTDIR, -EACCES, -ENOMEM.
 */
int layout_verify(const char *path, struct verdict *ret, struct error *err);

/* The same, no further than oci-layout and the entries of index.json. */
int layout_verify_top(const char *path, struct verdict *ret, struct error *err);

/* A manifest of a layout, or an index: then all its manifests that are here. -ENOENT when the
 * document itself is not. */
int image_faults(
        const struct layout *l, const char *digest, struct verdict *ret, struct error *err);

/* The same, but the first fault that makes it of no use is the error, with where it stands:
 * -EBADMSG, or -ENOENT when a part is missing. An index must have something for this machine. */
int image_verify(const struct layout *l, const char *digest, struct error *err);

/* {"mediaType", "digest", "size"}: whether it is one, and the blob of that size is there. `file`
 * and `at` are where it stands, for the error. */
int descriptor_verify(const struct layout *l, const char *file, const char *at,
        const json_t *descriptor, struct error *err);

/* The first fault of a verdict that makes it of no use, as an error; 0 when there is none. */
int verdict_error(const struct verdict *v, struct error *err);
