/* What both halves of the store read: the documents of an image, each proved by its digest. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"
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
