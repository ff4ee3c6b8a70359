/* What a program at rest may wake up for, on a clock of the test's. */
#include "shell/stage/budget.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { HOUR_MS = 3600 * 1000, EVENT_AND_LOOK = 2 };

/* How many looks of `us` there are, as soon as they are allowed, but one each `ms` at most; when
 * they are not allowed, one a second. */
static int looks(struct budget *b, int64_t from_ms, int64_t to_ms, int64_t ms, int64_t us)
{
	int64_t last = from_ms - 1000;
	int n = 0;

	for (int64_t now = from_ms; now < to_ms; now += ms) {
		budget_refill(b, now);
		if (!budget_allows(b, us) && now - last < 1000)
			continue;
		budget_spend(b, EVENT_AND_LOOK, us);
		last = now;
		n++;
	}
	return n;
}

static void many_in_a_row_after_calm(void **state)
{
	struct budget b;

	(void)state;
	budget_init(&b, 0);
	assert_int_equal(looks(&b, 0, 1000, 50, 2000), 20);
	budget_refill(&b, HOUR_MS); /* calm again */
	assert_int_equal(looks(&b, HOUR_MS, HOUR_MS + 1000, 50, 2000), 20);
}

static void changes_now_and_then_never_wait(void **state)
{
	struct budget b;

	(void)state;
	budget_init(&b, 0);
	assert_int_equal(looks(&b, 0, HOUR_MS, 2500, 3000), HOUR_MS / 2500);
}

static void a_busy_machine_is_looked_at_once_a_second(void **state)
{
	struct budget b;
	int n;

	(void)state;
	budget_init(&b, 0);
	n = looks(&b, 0, HOUR_MS, 1, 1000);
	assert_true(n >= 3600);
	assert_true(n <= 3600 + BUDGET_WAKES / EVENT_AND_LOOK + 1);
	/* and is quick again once it has been calm */
	assert_false(budget_allows(&b, 1000));
	budget_refill(&b, HOUR_MS + 10000);
	assert_true(budget_allows(&b, 1000));
}

static void what_costs_much_is_done_seldom(void **state)
{
	struct budget b;
	int64_t spent = 0;

	(void)state;
	budget_init(&b, 0);
	for (int64_t now = 0; now < HOUR_MS; now += 100) {
		budget_refill(&b, now);
		if (!budget_allows(&b, 50000))
			continue;
		budget_spend(&b, EVENT_AND_LOOK, 50000);
		spent += 50000;
	}
	assert_true(spent <= BUDGET_US + (int64_t)BUDGET_US_PER_SECOND * (HOUR_MS / 1000));
	assert_true(spent >= (int64_t)BUDGET_US_PER_SECOND * (HOUR_MS / 1000) / 2);
}

static void a_clock_that_stands_or_leaps_does_no_harm(void **state)
{
	struct budget b;

	(void)state;
	budget_init(&b, 1000);
	budget_spend(&b, BUDGET_WAKES, BUDGET_US);
	assert_false(budget_allows(&b, 0));
	budget_refill(&b, 1000);
	budget_refill(&b, 0);
	assert_false(budget_allows(&b, 0));
	budget_refill(&b, INT64_MAX);
	assert_true(budget_allows(&b, BUDGET_US));
	assert_int_equal(b.wakes, BUDGET_WAKES * 1000);
	/* One look may cost more than can be saved up. */
	assert_true(budget_allows(&b, INT64_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(many_in_a_row_after_calm),
	        cmocka_unit_test(changes_now_and_then_never_wait),
	        cmocka_unit_test(a_busy_machine_is_looked_at_once_a_second),
	        cmocka_unit_test(what_costs_much_is_done_seldom),
	        cmocka_unit_test(a_clock_that_stands_or_leaps_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
