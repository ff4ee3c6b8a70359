/* What is in an archive of images: its files, already blobs of the store, and its documents. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/store/layout.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image_archive_file {
	char *path; /* as the archive has it, without "./" in front */
	char *link; /* for a link what it leads to, as such a path; else NULL */
	char digest[DIGEST_TEXT];
	uint64_t size;
};

struct image_archive {
	struct image_archive_file *files;
	size_t n, cap;
	json_t *documents; /* path to text, of the few documents at the top */
};

/* A path of the archive without "./" in front and with "X/.." taken out, the caller's; NULL when it
 * leads out, or is absolute. */
char *image_archive_path(const char *path);

struct archive;
/* A tar, plain or compressed in the usual ways: not all that libarchive knows, for some it starts
 * programs. */
void image_archive_support(struct archive *tar);
/* After so many bytes of files: whether they are not too many for what was read. A small archive
 * that holds far more is there to fill the disk, see layer_stream.h. -EFBIG. */
int image_archive_honest(struct archive *tar, uint64_t bytes, struct error *err);

/* Reads a tar, plain or compressed, from the descriptor. Files below blobs/ must have the sum that
 * they are named after. -EBADMSG. */
int image_archive_read(
        int fd, const struct layout *l, struct image_archive *ret, struct error *err);
void image_archive_release(struct image_archive *c);

bool image_archive_has(const struct image_archive *c, const char *document);
/* A document, parsed; the caller's reference. NULL with an error when it is missing or no JSON. */
json_t *image_archive_document(const struct image_archive *c, const char *name, struct error *err);
/* The file of that path, through links; NULL with an error when there is none. */
const struct image_archive_file *image_archive_file(
        const struct image_archive *c, const char *path, struct error *err);
