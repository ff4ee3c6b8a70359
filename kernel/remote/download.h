/* Blobs out of a registry, several at once, each into its hidden file (see partial.h) and proved by
 * size and digest. What an earlier try left is gone on with by range; what breaks off is tried
 * again; what the store has already, whole, is not fetched. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/remote/progress.h"
#include "kernel/remote/remote.h"
#include "kernel/store/layout.h"
#include "kernel/store/partial.h"

/* Fetches all items: name, digest and size are given, the rest is filled in. ret_partials[i] is the
 * caller's, also after a failure; NULL: it was there. -EBADMSG: not what was announced. -ENOSPC. */
int download(struct remote *r, const struct layout *l, struct transfer_item *items, size_t n,
        struct partial **ret_partials, const struct progress *progress, struct error *err);
