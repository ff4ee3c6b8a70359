/* Slips of the finger. */
#pragma once

#include <stdbool.h>

/* One letter too many, too few, wrong, or two in the wrong order; not the same word. */
bool near_is(const char *a, const char *b);
