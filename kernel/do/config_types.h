/* Whether what config.json has is of the type that config.md gives it. A text where a truth value
 * belongs would otherwise be "false", and nobody would be told. */
#pragma once

#include "kernel/base/error.h"

#include <jansson.h>

/* -EINVAL names the member. What is missing or null is fine here, and what we do not know. */
int config_check_types(const json_t *config, struct error *err);
