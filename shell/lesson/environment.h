/* What a lesson or a page needs of the machine, tried with the probes of `cutaway doctor`. */
#pragma once

#include "kernel/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* The first of the needs that is not there now, NULL when all are. A name that no probe has counts
 * as missing. */
const char *environment_missing(const char *const *needs, size_t n);

/* Appends a line for each need that is missing, with what blocks it and how to open it. Returns how
 * many are missing. */
size_t environment_tell(const char *const *needs, size_t n, struct buf *out);

/* Whether a probe of that name exists. */
bool environment_is_name(const char *need);
