/* "Did you mean": whether one word is most likely another one, mistyped. */
#pragma once

#include <stdbool.h>

/* One letter is wrong, missing, too many, or has changed places with its neighbour; in words of six
 * letters and more two may be so. */
bool similar(const char *written, const char *meant);
