/* Bars beside each other on one scale: what something took, drawn as text.
 *
 *   plain  ████████████┃▒▒····        0.52 ms   1.00
 *
 * A bar is full up to the median (┃); around it is the middle half of the values (▒), and a dotted
 * line goes on to the largest. Values are microseconds. */
#pragma once

#include "kernel/base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bar {
	const char *label; /* ASCII */
	uint64_t q1, median, q3, max;
	uint64_t cpu; /* a second number, only written */
	size_t runs;
};

enum bars_unit { BARS_UNIT_CHOOSE, BARS_UNIT_US, BARS_UNIT_MS, BARS_UNIT_S };

struct bars_options {
	int width; /* columns; less than BARS_WIDTH_MIN counts as that */
	bool ascii;
	enum bars_unit unit; /* one for all; CHOOSE = what fits the scale */
	bool pairs;          /* two by two, one value each: the ratio is to the first of the two */
	const char *second;  /* what the second number is; NULL = "cpu" */
};

enum { BARS_WIDTH_MIN = 40 };

/* Appends a line for the scale, one for each bar and a legend; the ratio is to the first. The scale
 * ends where the bars are worth looking at: a single value far out is cut and marked with '>'. */
void bars_write(
        const struct bar *bars, size_t n, const struct bars_options *options, struct buf *out);
