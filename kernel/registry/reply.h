/* The answer to one request, before it is sent. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"
#include "kernel/registry/fault.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

enum { REPLY_HEADERS = 12 };

struct reply {
	int status; /* of HTTP; 0 = not decided yet */
	struct {
		const char *name; /* a literal */
		char *value;      /* owned */
	} headers[REPLY_HEADERS];
	size_t n_headers;
	struct buf body;
	int file; /* in place of `body`, when >= 0: `length` bytes of it from `offset`; owned */
	uint64_t offset, length;
};

void reply_init(struct reply *r);
void reply_release(struct reply *r);

/* Control characters in the value become '?': what a client sent must not make a second header. */
void reply_header(struct reply *r, const char *name, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* Takes `json` over. */
void reply_json(struct reply *r, int status, const char *media_type, json_t *json);

/* {"errors":[{"code", "message", "detail"}]}; `detail` may be NULL. */
void reply_fault(struct reply *r, enum fault fault, const char *detail);
/* One more error in the same answer, about one digest. */
void reply_fault_digest(struct reply *r, enum fault fault, const char *digest);
/* What an error of ours means to a client. */
void reply_error(struct reply *r, const struct error *err);
