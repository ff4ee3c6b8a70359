/* The options of mounts that this program knows, for `features`. */
#pragma once

#include <stddef.h>

/* The i-th word; NULL after the last. */
const char *mount_word(size_t i);
