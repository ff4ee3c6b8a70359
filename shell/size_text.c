#include "shell/size_text.h"

#include <stdio.h>

void size_text(uint64_t bytes, char ret[SIZE_TEXT])
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 1000 && unit + 1 < sizeof units / sizeof units[0]) {
		value /= 1000;
		unit++;
	}
	snprintf(ret, SIZE_TEXT, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
}
