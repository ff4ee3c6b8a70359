/* An image, opened to be looked into: its documents, its layers with both digests of each verified,
 * and the files of all layers as one tree.
 *
 * Each layer is read once, as a stream; of its files only names and metadata are kept. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/contents/file_tree.h"
#include "kernel/store/find.h"
#include "kernel/store/layout.h"
#include "kernel/store/store_read.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct contents_layer {
	const char *digest, *diff_id; /* belong to the documents */
	uint64_t size;                /* bytes of the blob */
	uint64_t tar;                 /* bytes of the tar in it */
	char *created_by;             /* the line of the history; "" when it does not say. Owned */
	bool verified;                /* the bytes are what both digests say */
};

struct image_contents {
	struct layout layout;
	struct found found; /* the name and the digest that the word meant */
	struct store_documents documents;
	struct contents_layer *layers;
	size_t n_layers;
	struct file_tree files;
};

/* Opens the image that the word means (see find.h); "base" is made when it is not there. Errors as
 * store_find() and file_tree.h, and -EBADMSG when a layer is not what its digests say. On -EBADMSG
 * *ret may be given all the same: then the layers before the bad one are in it, those that are
 * `verified`. */
int image_contents_open(const char *word, struct image_contents **ret, struct error *err);
/* Accepts NULL. */
void image_contents_free(struct image_contents *c);
