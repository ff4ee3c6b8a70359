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

/* The same in a here-document: quotes are characters like others, and the escape character stands
 * for itself but before '$' and itself. */
int expand_document(const struct containerfile *f, const struct piece *text, expand_lookup *lookup,
        const void *data, struct buf *out, struct error *err);
