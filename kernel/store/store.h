/* Images on this machine: an OCI image layout (content addressed) and, beside it, layers unpacked
 * as overlay lower directories.
 *
 *   DATA/store/           oci-layout, index.json, blobs/sha256/…     OCI image specification 1.1,
 * image-layout.md DATA/layers/DIFFID/   the layer unpacked for uid 0 as seen by the kernel
 *   DATA/layers/DIFFID.OFFSET/   the same, owned by uid OFFSET and up, for user namespaces
 *
 * Nothing half written is ever seen as whole: temporary name, then rename. */
#pragma once

#include "kernel/base/error.h"

#include <stddef.h>
#include <sys/types.h>

struct image {
	char *name;            /* as asked for: "base" */
	char *manifest_digest; /* "sha256:…" */
	char *config;          /* the OCI image config, JSON text */
	char **layers; /* absolute unpacked directories, topmost first (as overlayfs wants them) */
	size_t n_layers;
};

void image_release(struct image *i);

/* Finds `name` and makes sure its layers are unpacked for containers whose uid 0 is `uid_offset` on
 * the host (0: no shift). "base" is made on first use from the host's static busybox, offline. */
int store_image(const char *name, uid_t uid_offset, struct image *ret, struct error *err);
