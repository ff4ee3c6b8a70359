/* A manifest or an index out of a registry, by tag or by digest. */
#pragma once

#include "kernel/remote/document.h"
#include "kernel/remote/progress.h"
#include "kernel/remote/remote.h"

/* `word`: a tag or a digest, which the bytes then have to have. `expected` (may be NULL): what an
 * index said of it; size and media type have to be those. What the registry says is its digest has
 * to be true. -ENOENT: none of that name. -EBADMSG: a lie. -EFBIG: larger than 4 MiB. */
int fetch_document(struct remote *r, const char *word, const struct descriptor *expected,
        const struct progress *progress, struct document *ret, struct error *err);
