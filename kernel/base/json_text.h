/* A JSON document as text. */
#pragma once

#include "kernel/base/buf.h"

#include <jansson.h>

/* Appends it, with a line end behind; `flags` as of json_dumps(). Releases `root`; NULL is what
 * json_pack() returns without memory. 0, or -ENOMEM with nothing appended or `out` failed. */
int json_text_add(json_t *root, size_t flags, struct buf *out);
/* Appends a string in quotes, as json_dumps() writes it; it must be UTF-8. For what is written so
 * often that a document would take longer to build than to write. */
void json_text_add_string(struct buf *out, const char *text);
