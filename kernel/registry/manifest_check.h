/* Whether a manifest may come in: it is one, it is what it is called, and all it needs is there
 * (OCI distribution specification 1.1, "Pushing Manifests"; image specification 1.1, manifest.md
 * and image-index.md; docker's image manifest V 2, schema 2). */
#pragma once

#include "kernel/registry/reply.h"
#include "kernel/store/repository.h"

enum { MANIFEST_MAX = 4 << 20 }; /* bytes: what the specification asks for at least */

struct manifest {
	json_t *document;
	char media_type[MEDIA_TYPE_MAX + 1];
	const char *subject; /* digest of what it is about, NULL = of nothing; the document's */
};

/* `content_type` is what the client calls it, may be NULL. `sparse`: what it names need not be
 * there. On failure the answer is in `reply`,
 * with one error for each digest that is missing. */
int manifest_check(const struct repository *r, const void *bytes, size_t n,
        const char *content_type, bool sparse, struct manifest *ret, struct reply *reply);
void manifest_release(struct manifest *m);

/* The digest of its subject, NULL when it has none. */
const char *manifest_subject(const json_t *document);
/* What kind of artifact it is: what it says, or the media type of its configuration. "" when
 * neither is there. */
const char *manifest_artifact_type(const json_t *document);
