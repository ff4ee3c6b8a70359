/* What `build` and `commit` take from outside. */
#pragma once

#include <stdint.h>

/* SOURCE_DATE_EPOCH (reproducible-builds.org/specs/source-date-epoch), INT64_MAX without it. Says
 * itself what is wrong with it; 0 or EXIT_USAGE. */
int build_epoch(const char *command, int64_t *ret);
