/* Waiting with an end: a moment on the clock that no time zone and no suspend moves backwards. */
#pragma once

#include <stdint.h>
#include <time.h>

typedef int64_t deadline_ms; /* CLOCK_MONOTONIC, milliseconds */

static inline deadline_ms deadline_in(int ms)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + ms;
}

/* Milliseconds left, 0 when it has passed: what poll(2) wants as its timeout. */
static inline int deadline_left(deadline_ms end)
{
	int64_t left = end - deadline_in(0);

	return left > 0 ? (int)left : 0;
}
