/* The 256 colours of a terminal (xterm: 16, a cube of 6 x 6 x 6, 24 greys) and the way down to 16.
 */
#pragma once

#include <stdint.h>

/* The number (16 to 255) of the colour nearest to this one. */
int palette_nearest(uint8_t r, uint8_t g, uint8_t b);
/* The number (0 to 15) of the colour nearest to number `n` (0 to 255). */
int palette_reduce(int n);
