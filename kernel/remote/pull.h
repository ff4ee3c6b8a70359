/* An image out of a registry into the store.
 *
 * Manifests first, then the configuration, then all layers at once, each into a hidden file; when
 * everything is here and proved (size, digest, form, media types against bytes), all of it gets its
 * name in one go, under the layout's lock. So whatever goes wrong before, the store is as it was.
 * What a broken line or a killed process left in hidden files is gone on with by the next pull;
 * what a lying registry sent is taken away. That a layer unpacks to its diff id is proved when it
 * is unpacked (store_image()), as it needs to be read for that anyway.
 *
 * An index is kept as it is, under the name, with the manifest for this machine alone; its digest
 * stays what it is at the registry. With a platform that is asked for, the name means that
 * platform's manifest. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/remote/document.h"
#include "kernel/remote/progress.h"
#include "kernel/remote/remote.h"
#include "kernel/store/digest.h"
#include "kernel/store/platform.h"
#include "kernel/store/reference.h"

#include <stdint.h>

struct pull_options {
	const struct platform *platform; /* NULL: this machine's */
	struct remote_options remote;
};

struct pulled {
	char name[REFERENCE_TEXT]; /* in the store: the full one; with a digest instead of a tag
	                              if that was asked for */
	char digest[DIGEST_TEXT];  /* what the name means: of an index or a manifest */
	char media_type[DOCUMENT_TYPE];
	char manifest[DIGEST_TEXT];  /* of the manifest: the same, or one of the index */
	struct transfer_item *items; /* configuration and layers; the caller's */
	size_t n;
};

/* `image` is complete (reference_complete()). */
int image_pull(const struct reference *image, const struct pull_options *options,
        const struct progress *progress, struct pulled *ret, struct error *err);
void pulled_release(struct pulled *p);
