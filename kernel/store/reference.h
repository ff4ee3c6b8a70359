/* The full URL of an image, taken into its parts.
 *
 *   docker://registry.example:5000/team/web/shop:1.4@sha256:9f2c…
 *   scheme   host             port namespace repository tag digest
 *
 * Source: OCI distribution specification 1.1, "Pulling manifests" (repository, tag), OCI image
 * specification 1.1, descriptor.md (digest), and the reference grammar of the distribution project,
 * which docker, podman and skopeo share. */
#pragma once

#include "kernel/base/error.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	REFERENCE_NAME_MAX = 255, /* host, port and path together */
	REFERENCE_TAG_MAX = 128,
	REFERENCE_DIGEST_MAX = 7 + 128, /* "sha512:" and its digits */
};

enum reference_part {
	REFERENCE_SCHEME,
	REFERENCE_HOST,
	REFERENCE_PORT,
	REFERENCE_NAMESPACE, /* what stands before the last '/' of the path; may have more of them
	                      */
	REFERENCE_REPOSITORY,
	REFERENCE_TAG,
	REFERENCE_DIGEST,
	REFERENCE_PARTS
};

/* Plain data, to be copied; a part that is not there is "". */
struct reference {
	char scheme[16]; /* "docker", "https", "http" */
	char host[REFERENCE_NAME_MAX + 1];
	char port[6];
	char name_space[REFERENCE_NAME_MAX + 1];
	char repository[REFERENCE_NAME_MAX + 1];
	char tag[REFERENCE_TAG_MAX + 1];
	char digest[REFERENCE_DIGEST_MAX + 1];
};

/* Reads `text`. -EINVAL with a cause that names the part and what is allowed in it; *ret_at is then
 * where in the text the first bad character stands (may be NULL). */
int reference_parse(const char *text, struct reference *ret, size_t *ret_at, struct error *err);

/* A part, "" when it is not there. */
const char *reference_part(const struct reference *r, enum reference_part part);
/* "host", "tag", … */
const char *reference_part_name(enum reference_part part);

enum { REFERENCE_TEXT = 1152 }; /* bytes: each part at its longest */
/* The parts as one text again. */
void reference_format(const struct reference *r, char ret[REFERENCE_TEXT]);

/* What a short name leaves out, filled in as docker does: the registry docker.io, there the
 * namespace "library", and the tag "latest" when neither tag nor digest is given. ret_added says
 * for each part whether it was filled in. */
void reference_complete(
        const struct reference *r, struct reference *ret, bool ret_added[REFERENCE_PARTS]);
