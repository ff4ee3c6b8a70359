/* What a record must not keep: values of what is called a password, a token, a key and the like,
 * and of environment variables. Masked is "…". */
#pragma once

#include "kernel/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether a field of this name is one whose value is nobody's business. */
bool mask_is_secret(const char *name, size_t n);
/* Appends the target of a request (RFC 9112 section 3.2), values of secret fields of its query
 * masked, and who somebody is ("user:password@"). */
void mask_target(struct buf *out, const char *target, size_t n);
/* Appends JSON, one document or several, in its shortest form. False, and nothing is appended, for
 * what is none: of that nobody can say where its secrets are. */
bool mask_json(struct buf *out, const char *bytes, size_t n);
/* Appends bytes in quotes as C writes them, behind each "=" or ":" masked. */
void mask_bytes(struct buf *out, const char *bytes, size_t n);
