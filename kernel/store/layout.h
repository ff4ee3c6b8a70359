/* An OCI image layout on disk: content under the name of its digest, and an index that gives
 * images their names (OCI image specification 1.1, image-layout.md).
 *
 *   oci-layout      which version of the layout this is
 *   index.json      the images: digest of the manifest and, as annotation, the name
 *   blobs/sha256/   every file named by its own sum: manifests, configurations, layers
 *   blobs/sha512/   the same for the longer sums; made when the first one comes */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"
#include "kernel/store/digest.h"

#include <jansson.h>
#include <stdint.h>

#define OCI_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define OCI_CONFIG   "application/vnd.oci.image.config.v1+json"
#define OCI_LAYER    "application/vnd.oci.image.layer.v1.tar+gzip"
#define OCI_INDEX    "application/vnd.oci.image.index.v1+json"
#define OCI_REF_NAME "org.opencontainers.image.ref.name"

struct layout {
	char *path; /* absolute */
	int dir;    /* the directory */
	int blobs;  /* blobs/, see digest_path() */
};

/* Opens the layout at `path`, making an empty one where there is none. */
int layout_open(const char *path, struct layout *ret, struct error *err);
/* The same, but makes nothing: -ENOENT. */
int layout_open_there(const char *path, struct layout *ret, struct error *err);
void layout_release(struct layout *l);

/* Waits until no other process changes the layout; ends when the descriptor is closed. */
int layout_lock(const struct layout *l, struct error *err);

/* Makes sure that the directory is there in which a blob of this digest lies. */
int layout_make_place(const struct layout *l, const char *digest);
/* Stores bytes under their sha256 digest. */
int layout_put(const struct layout *l, const void *bytes, size_t n, char ret_digest[DIGEST_TEXT],
        struct error *err);
/* Reads a small blob (manifest, config) and proves that its bytes have that digest. -EBADMSG. */
int layout_get(const struct layout *l, const char *digest, struct buf *out, struct error *err);
/* The same, parsed; the caller's reference. */
int layout_get_json(const struct layout *l, const char *digest, json_t **ret, struct error *err);
/* Opens a blob for reading, unverified: layer_unpack() sums while it reads. */
int layout_open_blob(const struct layout *l, const char *digest, struct error *err);

/* index.json; the caller's reference. */
int layout_index(const struct layout *l, json_t **ret, struct error *err);
/* The digest of the manifest that has the name. -ENOENT. */
int layout_find(
        const struct layout *l, const char *name, char ret_digest[DIGEST_TEXT], struct error *err);
/* Enters an image, of media type OCI_MANIFEST or OCI_INDEX; another one that had the name loses it.
 * Without a name ("") it is entered unless it is there already. Call under the lock. */
int layout_name(const struct layout *l, const char *name, const char *media_type,
        const char *digest, size_t size, struct error *err);
/* Takes the entry of that name out of the index; the content stays until store_collect(). -ENOENT.
 * Call under the lock. */
int layout_unname(const struct layout *l, const char *name, struct error *err);
/* The same for all entries of that digest. */
int layout_forget(const struct layout *l, const char *digest, struct error *err);
/* Writes the whole index: one that layout_index() gave before. Call under the lock. */
int layout_restore(const struct layout *l, const json_t *index, struct error *err);
/* The name of an entry of the index, "" when it has none. */
const char *layout_name_of(const json_t *descriptor);

/* What a manifest or an index says it is, or what its members show. Belongs to the document. */
const char *layout_media_type(const json_t *document);
/* {"mediaType":…,"digest":…,"size":…}; NULL without memory. */
json_t *layout_descriptor(const char *media_type, const char *digest, uint64_t size);
