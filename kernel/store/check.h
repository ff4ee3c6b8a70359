/* The parts of verify.h, one file each, for one another: they look at a layout, one document after
 * the other, and note what is wrong; they go on wherever there is something left to look at. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/store/digest.h"
#include "kernel/store/fault.h"

#include <jansson.h>
#include <stdint.h>

struct check {
	int dir;   /* of the layout, borrowed */
	int blobs; /* its blobs/; -1: there is none */
	bool all;  /* a layout of its own: whatever an index names has to be in it */
	bool top;  /* not further than the entries of index.json */
	struct faults *faults;
	json_t *seen; /* what has been looked at: keys "manifest DIGEST PLATFORM", "blob DIGEST" */
	size_t images, blobs_seen;
	uint64_t bytes;
};

/* One document, for the faults in it. */
struct document {
	struct check *check;
	const char *file; /* "blobs/sha256/…" */
	const char *role; /* "manifest" */
	json_t *json;     /* borrowed */
};

#define LAYOUT_SECTION     "image-layout.md, 'Content'"
#define VERSION_SECTION    "image-layout.md, 'oci-layout file'"
#define INDEX_SECTION      "image-layout.md, 'index.json file'"
#define BLOBS_SECTION      "image-layout.md, 'Blobs'"
#define DESCRIPTOR_SECTION "descriptor.md, 'Properties'"
#define DIGEST_SECTION     "descriptor.md, 'Digests'"
#define DATA_SECTION       "descriptor.md, 'Embedded Content'"
#define LIST_SECTION       "image-index.md, 'Image Index Property Descriptions'"
#define MANIFEST_SECTION   "manifest.md, 'Image Manifest Property Descriptions'"
#define CONFIG_SECTION     "config.md, 'Properties'"
#define LAYER_SECTION      "layer.md, 'Distributable Format'"
#define ENTRY_SECTION      "layer.md, 'Applying Changesets'"
#define WHITEOUT_SECTION   "layer.md, 'Whiteouts'"
#define TYPES_SECTION      "media-types.md"
#define ANNOTATION_SECTION "annotations.md, 'Rules'"
#define JSON_SECTION       "RFC 8259, 2"

/* Notes a fault at `at` ("" = the file as a whole). */
void check_fault(const struct document *d, enum fault_level level, const char *at,
        const char *section, const char *format, ...) __attribute__((format(printf, 5, 6)));
/* The same for what is not there. */
void check_missing(const struct document *d, const char *at, const char *section,
        const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Whether `key` is new in check->seen; it then is in it. */
bool check_first(struct check *c, const char *key);

/* --- check_read.c: files --- */

/* Opens a file of the layout that must be a regular one; a descriptor, or -errno with a fault. */
int check_open(const struct document *d, int dir, const char *path, const char *section);
/* Reads a document, of 4 MiB at most, and parses it; the caller's reference, in d->json as well.
 * NULL with a fault. With `digest` its bytes must have it. */
json_t *check_read_json(
        struct document *d, int dir, const char *path, const char *digest, const char *section);
/* Sums a blob's file. Done once for each. */
void check_blob(struct check *c, const char *digest);

/* --- check_members.c: parts of documents --- */

/* A member; its type is checked. NULL when there is none, or with a fault. `at` is the path of the
 * object, "" for the top. */
const char *check_text(const struct document *d, const json_t *o, const char *at, const char *key,
        bool required, const char *section);
/* An array of texts, or nothing. */
void check_texts(const struct document *d, const json_t *o, const char *at, const char *key,
        const char *section);
/* An object whose members are texts, or nothing. */
void check_text_map(const struct document *d, const json_t *o, const char *at, const char *key,
        const char *section);
/* schemaVersion, mediaType, annotations; what else there is under a name that differs from one of
 * `known` in case only. */
void check_top(const struct document *d, const char *const *types, const char *const *known,
        const char *section);
void check_case(const struct document *d, const json_t *o, const char *at, const char *const *known,
        const char *section);
/* Whether it is one of the texts, which end with a NULL. */
bool check_is_one(const char *text, const char *const *texts);
/* Whether it is a media type, RFC 6838, 4.2. */
bool check_is_media_type(const char *text);
/* Whether it is a digest that can be proved here; else a fault. */
bool check_digest(const struct document *d, const char *at, const char *text, const char *section);

/* --- check_descriptor.c --- */

enum { MAY_BE_MISSING = 1 };
/* Whether it is one whose blob is here, so that one can go on there: *ret is its digest (belongs to
 * the document). Its blob's bytes are not looked at. */
bool check_descriptor(const struct document *d, const json_t *descriptor, const char *at,
        unsigned flags, const char **ret_digest);

/* --- check_config.c, check_layer.c, check_image.c --- */

/* `platform` is what an index says of the image; may be NULL. */
void check_config(
        const struct document *d, size_t n_layers, const json_t *platform, const char *entry);
/* The bytes of a layer. `from` is the manifest that has it, at `at`; `diff_id` may be NULL. */
void check_layer(const struct document *from, const char *at, const char *digest,
        const char *media_type, const char *diff_id);
/* index.json, or the manifest or index that a descriptor names. */
void check_index(const struct document *d, bool top, int depth);
void check_image(const struct document *from, const json_t *descriptor, const char *at, int depth);
