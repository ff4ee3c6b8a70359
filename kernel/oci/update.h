/* Other limits for a container that is there: `update`, as engines ask for it. */
#pragma once

#include "kernel/base/error.h"

#include <jansson.h>

/* `changes` is an object like linux.resources. What is not in it, or is 0 or "", stays as it is.
 * The limits are in force when this returns, for all processes of the container; the configuration
 * that was written down of it has them too. After an error some may be set and others not. */
int update(const char *root, const char *id, const json_t *changes, struct error *err);
