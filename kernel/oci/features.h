/* The features document of the OCI runtime specification, features.md. */
#pragma once

#include <jansson.h>

/* The caller's; NULL without memory. */
json_t *features(void);
