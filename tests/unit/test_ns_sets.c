/* Sets of namespaces: each is there once, whatever the order and however many. */
#include "kernel/observe/ns_sets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void each_once(void **state)
{
	enum { SETS = 1000 };
	struct ns_sets s = {0};
	uint64_t ns[NS_COUNT] = {0};

	(void)state;
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < SETS; i++) {
			ns[NS_PID] = (uint64_t)i % 10;
			ns[NS_NET] = (uint64_t)i / 10;
			assert_int_equal(ns_sets_add(&s, ns), i);
			assert_int_equal(ns_sets_add(&s, ns), i);
		}
	assert_int_equal(s.n, SETS);
	assert_int_equal(s.all[123].ns[NS_PID], 3);
	assert_int_equal(s.all[123].ns[NS_NET], 12);
	ns_sets_clear(&s);
	assert_int_equal(ns_sets_add(&s, ns), 0);
	assert_int_equal(s.n, 1);
	ns_sets_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_once)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
