/* The theme "large", for a projector: what is to be read from the last row stands alone.
 *
 * A terminal has one size of letters, so room is what a drawing can give: it is laid out in half
 * the rows, which leaves the details out, and its lines then stand an empty row apart. On SVG,
 * which has sizes, the letters are half as large again (svg.c). Everywhere in bold, and in the
 * colours of high contrast (theme.c). */
#pragma once

#include "render/scene.h"

/* The rows to lay out for, of those that there are. Below LARGE_ROWS_LEAST there is no room to give
 * and all rows are used. */
enum { LARGE_ROWS_LEAST = 34 };
int large_rows(int rows);
/* Moves a scene of large_rows(rows) rows apart, to fill the `rows`. */
void large_spread(struct scene *s, int rows);
