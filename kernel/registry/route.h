/* What a path of the registry's HTTP interface asks for.
 *
 *   /v2/                             is this a registry?
 *   /v2/_catalog                     all repositories
 *   /v2/NAME/tags/list
 *   /v2/NAME/manifests/REFERENCE     a tag or a digest
 *   /v2/NAME/blobs/DIGEST
 *   /v2/NAME/blobs/uploads/          begins an upload
 *   /v2/NAME/blobs/uploads/ID        goes on with it
 *   /v2/NAME/referrers/DIGEST
 *   /token                           what a client with a password exchanges it for
 *
 * Source: OCI distribution specification 1.1, "Endpoints". */
#pragma once

#include "kernel/registry/fault.h"
#include "kernel/store/repository.h"

enum route_kind {
	ROUTE_BASE,
	ROUTE_CATALOG,
	ROUTE_TAGS,
	ROUTE_MANIFEST,
	ROUTE_BLOB,
	ROUTE_UPLOADS,
	ROUTE_UPLOAD,
	ROUTE_REFERRERS,
	ROUTE_TOKEN,
};

enum { ROUTE_REFERENCE_MAX = 255 };

/* All of it has been looked at: a name is a name, a digest is a digest. */
struct route {
	enum route_kind kind;
	char name[REPOSITORY_NAME_MAX + 1];      /* "" where there is none */
	char reference[ROUTE_REFERENCE_MAX + 1]; /* tag, digest or id of an upload */
};

/* FAULT_NONE, or what is wrong with the path; ret is filled as far as it was understood. */
enum fault route_parse(const char *path, struct route *ret);
/* Whether the reference is a digest and not a tag. */
bool route_by_digest(const struct route *r);
