/* Parts of a blob: the Range of a download, and the Content-Range of a chunk that is uploaded. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum range {
	RANGE_WHOLE, /* no range, or one of a kind that may be ignored */
	RANGE_PART,
	RANGE_BAD, /* nothing of it is there */
};

/* "bytes=500-1499", "bytes=500-", "bytes=-500" of `size` bytes (RFC 9110, 14.1.2 and 14.2). A range
 * that ends in front of its beginning is RANGE_BAD here, as the distribution specification's own
 * tests have it; several ranges at once are RANGE_WHOLE. `text` may be NULL. */
enum range range_parse(const char *text, uint64_t size, uint64_t *ret_offset, uint64_t *ret_length);

/* "0-511", the first and the last byte (OCI distribution specification 1.1, "Pushing a blob in
 * chunks"); "bytes 0-511/1024" of HTTP is understood as well. */
bool range_parse_chunk(const char *text, uint64_t *ret_first, uint64_t *ret_last);
