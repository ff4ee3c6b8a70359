/* The documents of an image as a registry sends them: a manifest, or an index of manifests (docker
 * says "manifest list"). What is read here is bounded and proved before anything is fetched for it;
 * the bytes are kept as they came, since their sum is their name.
 *
 * Refused: no JSON object, a member twice, nesting without end; both `layers` and `manifests`
 * (OCI image specification 1.1, manifest.md; CVE-2021-41190); a media type that is not the one it
 * was sent as; schema 1; a descriptor without a good digest and size; more layers than can be
 * mounted. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"
#include "kernel/store/digest.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DOCKER_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"
#define DOCKER_LIST     "application/vnd.docker.distribution.manifest.list.v2+json"
#define DOCKER_CONFIG   "application/vnd.docker.container.image.v1+json"

enum {
	DOCUMENT_MAX = 4 << 20, /* bytes, as registries have it */
	DOCUMENT_LAYERS = 127,  /* as store_read() has it */
	DOCUMENT_TYPE = 128
};

struct descriptor {
	char digest[DIGEST_TEXT];
	char media_type[DOCUMENT_TYPE];
	uint64_t size;
};

struct document {
	struct buf bytes;
	char digest[DIGEST_TEXT]; /* of the bytes */
	char media_type[DOCUMENT_TYPE];
	bool is_index;
	json_t *json;
};

/* Reads `bytes`, which it takes over, and sums them. `sent_as`: the media type they came with; ""
 * or NULL: not known. `object` is for messages. */
int document_read(struct buf *bytes, enum digest_algorithm algorithm, const char *sent_as,
        const char *object, struct document *ret, struct error *err);
void document_release(struct document *d);

/* Of a manifest: its configuration and its layers, the lowest first; *ret is the caller's. */
int document_config(const struct document *d, struct descriptor *ret, struct error *err);
int document_layers(
        const struct document *d, struct descriptor **ret, size_t *ret_n, struct error *err);
/* An entry of an index. */
int document_entry(const struct document *d, size_t i, struct descriptor *ret, struct error *err);

/* Whether the bytes are an image's configuration, with a diff id for each of `n_layers`. */
int document_check_config(
        const struct buf *bytes, const char *digest, size_t n_layers, struct error *err);
