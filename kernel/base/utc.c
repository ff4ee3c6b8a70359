#include "kernel/base/utc.h"

#include <stdio.h>

const char *utc_text(struct timespec t, char out[static UTC_SIZE])
{
	enum { DAY = 86400, FOUR_CENTURIES = 146097, TO_YEAR_0 = 719468 };
	long seconds = (long)(t.tv_sec % DAY), days = (long)(t.tv_sec / DAY);
	long era, day, year, month;

	if (seconds < 0) {
		seconds += DAY;
		days--;
	}
	/* Years that begin in March: the day that comes every four years is the last of one. */
	days += TO_YEAR_0;
	era = days / FOUR_CENTURIES;
	day = days % FOUR_CENTURIES;
	year = (day - day / 1460 + day / 36524 - day / (FOUR_CENTURIES - 1)) / 365;
	day -= 365 * year + year / 4 - year / 100;
	month = (5 * day + 2) / 153; /* 31 30 31 30 31, 31 30 31 30 31, 31 … */
	day -= (153 * month + 2) / 5;
	year += 400 * era + (month >= 10);
	month += month < 10 ? 3 : -9;
	snprintf(out, UTC_SIZE, "%04ld-%02ld-%02ldT%02ld:%02ld:%02ld.%09ldZ", year, month, day + 1,
	        seconds / 3600, seconds / 60 % 60, seconds % 60, t.tv_nsec);
	return out;
}
