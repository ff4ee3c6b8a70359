/* JSON as people write it by hand, made into JSON (RFC 8259).
 *
 * For the index.json of lessons from elsewhere: comments, commas that are missing or too many, line
 * ends and quotes inside of texts, back-slashes of Windows paths, keys of the items of a list
 * (which are dropped). Only for text that a parser has refused: what is JSON already is not to come
 * here. */
#pragma once

#include "kernel/base/buf.h"

#include <stddef.h>

/* Appends the mended text; no promise that it can be parsed now. Lines stay lines, unless one ended
 * inside of a text. */
void json_mend(const char *text, size_t n, struct buf *out);
