/* Variables and quotes in the words of a Containerfile: $NAME, ${NAME}, ${NAME:-word},
 * ${NAME:+word}, ${NAME:?word}, and the three without the colon, which take an empty value for one
 * that is set. Within '…' nothing is special; within "…" variables are. The quotes go.
 *
 * Source: "Environment replacement" of docker's Dockerfile reference. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/build/containerfile.h"

/* The value of the variable whose name is the first n bytes; NULL when it has none. */
typedef const char *expand_lookup(const void *data, const char *name, size_t n);

/* Appends what the word means to `out`. -EINVAL with the place. */
int expand(const struct containerfile *f, const struct piece *word, expand_lookup *lookup,
        const void *data, struct buf *out, struct error *err);
