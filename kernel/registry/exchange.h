/* One request and its answer, as the files that know what a registry is see them; http.c carries
 * them over the wire.
 *
 * An answer is made in two halves. exchange_begin() has seen the path and the headers: it decides
 * at once, or says with `take` and `end` what becomes of the body. */
#pragma once

#include "kernel/registry/reply.h"
#include "kernel/registry/route.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct MHD_Connection;
struct registry;

enum method {
	METHOD_GET,
	METHOD_HEAD,
	METHOD_PUT,
	METHOD_POST,
	METHOD_PATCH,
	METHOD_DELETE,
	METHOD_OTHER,
};

struct exchange {
	struct registry *registry; /* borrowed */
	enum method method;
	struct route route;
	bool has_length; /* the client said how long the body is */
	uint64_t length; /* bytes, then */
	struct reply reply;

	/* With the body, piece by piece, as long as reply.status is 0. */
	void (*take)(struct exchange *e, const void *bytes, size_t n);
	/* When all of it has come, unless the answer is made by then. */
	void (*end)(struct exchange *e);
	/* In any case, once: before the answer is sent, or when the client has gone. NULL: nothing
	 * to do. */
	void (*release)(struct exchange *e);
	void *data; /* theirs */

	/* http.c's own: */
	struct MHD_Connection *connection;
	char *uri; /* as it was asked for, for the log */
	bool begun;
	uint64_t received, sent; /* bytes of the bodies */
};

/* Routes the request (router.c). */
void exchange_begin(struct exchange *e, const char *path);

/* A header of the request, or a parameter behind the '?'; NULL when there is none. */
const char *exchange_header(const struct exchange *e, const char *name);
const char *exchange_parameter(const struct exchange *e, const char *name);
/* All parameters of that name, in order. */
void exchange_parameters(const struct exchange *e, const char *name,
        void (*each)(void *data, const char *value), void *data);

/* The answers to one kind of path each: base.c, blobs.c, … */
void answer_base(struct exchange *e);
void answer_catalog(struct exchange *e);
void answer_tags(struct exchange *e);
void answer_manifest(struct exchange *e);
void answer_blob(struct exchange *e);
void answer_uploads(struct exchange *e);
void answer_upload(struct exchange *e);
void answer_referrers(struct exchange *e);
void answer_token(struct exchange *e);
