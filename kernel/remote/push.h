/* An image of the store into a registry: blobs first, then the manifests that need them, those of
 * an index before the index, all byte for byte as they are here, so that every digest stays. An
 * index of which some manifests are not here (a pull fetches one) cannot be sent: then the manifest
 * for this machine is, and it is said. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/remote/document.h"
#include "kernel/remote/progress.h"
#include "kernel/remote/remote.h"
#include "kernel/store/reference.h"

struct pushed {
	char name[REFERENCE_TEXT];
	char digest[DIGEST_TEXT]; /* of what the name means there now */
	char media_type[DOCUMENT_TYPE];
	struct transfer_item *items; /* configurations and layers; the caller's */
	size_t n;
};

/* `word` means an image (find.h); `to` is complete. With a digest in `to`, it has to be that of the
 * image: -EINVAL. */
int image_push(const char *word, const struct reference *to, const struct remote_options *options,
        const struct progress *progress, struct pushed *ret, struct error *err);
void pushed_release(struct pushed *p);
