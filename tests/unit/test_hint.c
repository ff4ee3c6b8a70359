/* Hints look at the machine: here at models made by hand. */
#include "shell/lesson/hint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct scenario_page page_with(struct scenario_hint *hints, size_t n)
{
	return (struct scenario_page){.hints = hints, .n_hints = n};
}

static void test_conditions(void **state)
{
	struct scenario_hint hints[] = {
	        {.text = "always"},
	        {.when = "container.hand", .text = "hand is there"},
	        {.when = "!container.hand", .text = "hand is missing"},
	        {.when = "!container.blue", .text = "blue is missing"},
	        {.when = "this is no ( condition", .text = "never"},
	};
	struct scenario_page page = page_with(hints, sizeof hints / sizeof *hints);
	struct model_container hand = {.name = "hand",
	        .image = "base",
	        .command = "sleep",
	        .status = CONTAINER_RUNNING,
	        .hostname = "",
	        .uid_map = "",
	        .gid_map = "",
	        .cgroup = -1,
	        .upper = "",
	        .exit_code = -1};
	struct model *m = model_new();

	(void)state;
	assert_non_null(m);
	assert_string_equal(hint_choose(&page, m, 0), "hand is missing");
	assert_string_equal(hint_choose(&page, m, 1), "blue is missing");
	assert_string_equal(hint_choose(&page, m, 2), "always");
	assert_string_equal(hint_choose(&page, m, 3), "hand is missing");
	m->containers = &hand;
	m->n_containers = 1;
	assert_string_equal(hint_choose(&page, m, 0), "hand is there");
	assert_string_equal(hint_choose(&page, m, 1), "blue is missing");
	model_free(m);
}

static void test_without_a_model(void **state)
{
	struct scenario_hint hints[] = {
	        {.when = "!container.hand", .text = "looks"}, {.text = "blind"}};
	struct scenario_page page = page_with(hints, 2), none = page_with(hints, 1);

	(void)state;
	assert_string_equal(hint_choose(&page, NULL, 0), "blind");
	assert_string_equal(hint_choose(&page, NULL, 1), "blind");
	assert_null(hint_choose(&none, NULL, 0));
	none.n_hints = 0;
	assert_null(hint_choose(&none, NULL, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_conditions),
	        cmocka_unit_test(test_without_a_model),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
