/* What both halves of the store read: the documents of an image, each proved by its digest. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"
#include "kernel/store/digest.h"
#include "kernel/store/layout.h"

#include <jansson.h>
#include <stddef.h>
#include <sys/types.h>

struct store_documents {
	json_t *manifest, *config;
	struct buf config_text;
	size_t n_layers; /* the manifest lists the lowest first */
};

/* Opens DATA/store. */
int store_open(struct layout *ret, struct error *err);
/* The same for who only asks: makes nothing, -ENOENT when there is no store yet. */
int store_open_there(struct layout *ret, struct error *err);
/* Reads manifest (of an index the one for this machine) and config; every layer then has a good
 * digest and a good diff id. -EBADMSG when the image is damaged, -ENOENT when a part of it is
 * missing. */
int store_read(const struct layout *l, const char *manifest_digest, struct store_documents *ret,
        struct error *err);
void store_documents_release(struct store_documents *d);
const char *store_layer_digest(const struct store_documents *d, size_t i);
const char *store_diff_id(const struct store_documents *d, size_t i);
/* DATA/layers/HEX or DATA/layers/HEX.OFFSET; *ret is the caller's. */
int store_layer_path(const char *diff_id, uid_t offset, char **ret, struct error *err);

/* What a layer lies on, as one sum: the diff ids below it, from the lowest up ("ChainID" of the OCI
 * image specification 1.1, config.md, is made alike). */
struct layer_chain {
	char text[DIGEST_TEXT]; /* "": nothing */
};
int layer_chain_add(struct layer_chain *c, const char *diff_id);

/* Of a layer that needs what is below it (layer_below.h): DATA/layers/HEX[.OFFSET].on.CHAIN. */
int store_layer_path_on(const char *diff_id, uid_t offset, const struct layer_chain *below,
        char **ret, struct error *err);

/* Where the layer is unpacked: the one place or the other. -ENOENT: in neither; `err` is not set.
 */
int store_layer_find(
        const char *diff_id, uid_t offset, const struct layer_chain *below, char **ret);
