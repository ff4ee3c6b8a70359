/* Dividing a length among neighbours: columns of a row, rows of a page. */
#pragma once

#include <stddef.h>

struct spread {
	int least, liked, most; /* what it needs, what looks good, what it can use */
	int got;                /* the answer: 0 = left out, else least to most */
};

/* Gives each its `least`, from the first to the last as long as `total` lasts (the others get 0);
 * then shares what is left so that each has the like part of what it likes, then of what it can
 * use. `gap` cells lie between two neighbours that got something. Returns how many got something.
 */
size_t spread_divide(struct spread *parts, size_t n, int total, int gap);
