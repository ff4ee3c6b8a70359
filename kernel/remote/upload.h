/* Blobs of the store into a registry, several at once. What the registry has is not sent; what it
 * has in another repository that we know of is mounted from there (OCI distribution specification
 * 1.1, "Pushing blobs"). Each is summed as it is sent: one that was changed here is not passed on.
 */
#pragma once

#include "kernel/base/error.h"
#include "kernel/remote/progress.h"
#include "kernel/remote/remote.h"
#include "kernel/store/layout.h"

#include <jansson.h>

/* Sends all items: name, digest and size are given, the rest is filled in. `elsewhere`: digest to
 * the repository of the same registry that has it. -EBADMSG: the blob here is not what its digest
 * says. */
int upload(struct remote *r, const struct layout *l, struct transfer_item *items, size_t n,
        const json_t *elsewhere, const struct progress *progress, struct error *err);
