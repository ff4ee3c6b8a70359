/* The config.json that `spec` writes. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

/* A container that runs sh in the directory rootfs, read-only, as root or as the calling user. The
 * caller's; NULL without memory. */
json_t *default_config(bool rootless);
