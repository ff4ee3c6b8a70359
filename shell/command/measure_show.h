/* What has been measured, as bars or as JSON. */
#pragma once

#include "render/bars.h"

struct measure_show_options {
	bool json;
	enum bars_unit unit;
};

/* Prints the measurements of these names in their order; n = 0: all, the oldest first. The exit
 * status. */
int measure_show(const struct measure_show_options *options, const char *const *names, size_t n);
/* "us", "ms", "s". */
bool measure_show_unit(const char *text, enum bars_unit *ret);
