/* Which documents and blobs an image consists of, and which repositories have some of them. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/remote/document.h"
#include "kernel/remote/progress.h"
#include "kernel/store/layout.h"
#include "kernel/store/reference.h"

enum { PUSH_DOCUMENTS = 64 }; /* manifests of one index, at most */

struct push_blobs {
	struct document documents[PUSH_DOCUMENTS]; /* each after those that it needs */
	size_t n_documents;
	struct transfer_item *items; /* each blob once */
	size_t n, cap;
};

/* All of the image `digest`. -ENOENT: a manifest or a blob is not here. */
int push_blobs_read(
        const struct layout *l, const char *digest, struct push_blobs *ret, struct error *err);
void push_blobs_release(struct push_blobs *b);

/* Digest to "NAMESPACE/REPOSITORY": where else on the registry of `to` images of ours are said to
 * be that have one of the blobs. The caller's reference. */
json_t *push_blobs_elsewhere(
        const struct layout *l, const struct reference *to, const struct push_blobs *b);
