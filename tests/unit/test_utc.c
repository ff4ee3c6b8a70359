/* Dates, against the C library's. */
#include "kernel/base/utc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void as_the_library(time_t seconds)
{
	char ours[UTC_SIZE], theirs[UTC_SIZE];
	struct tm tm;

	assert_non_null(gmtime_r(&seconds, &tm));
	assert_true(strftime(theirs, sizeof theirs, "%Y-%m-%dT%H:%M:%S.000000007Z", &tm) > 0);
	utc_text((struct timespec){.tv_sec = seconds, .tv_nsec = 7}, ours);
	assert_string_equal(ours, theirs);
}

static void test_every_day_of_six_centuries(void **state)
{
	(void)state;
	/* 1800 to 2400: each hour of the day comes by. */
	for (time_t t = -5364662400; t < 13569465600; t += 86400 + 3671)
		as_the_library(t);
}

static void test_ends_of_years(void **state)
{
	static const char *const leap = "2000-02-29T23:59:59.999999999Z";
	char text[UTC_SIZE];

	(void)state;
	assert_string_equal(utc_text((struct timespec){951868799, 999999999}, text), leap);
	assert_string_equal(
	        utc_text((struct timespec){0, 0}, text), "1970-01-01T00:00:00.000000000Z");
	for (long year = 0; year < 400; year++)
		for (int day = -2; day <= 60; day++)
			as_the_library(946684800 + year * 31556952 + day * 86400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_every_day_of_six_centuries),
	        cmocka_unit_test(test_ends_of_years),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
