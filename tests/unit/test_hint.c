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

static void expect(const struct scenario_page *page, const struct model *m, const char *wanted)
{
	const char *texts[8];
	size_t n = hint_list(page, m, texts, 8);
	char all[256] = "";

	for (size_t i = 0; i < n; i++) {
		strcat(all, texts[i]);
		strcat(all, ";");
	}
	assert_string_equal(all, wanted);
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
	expect(&page, m, "hand is missing;blue is missing;always;");
	m->containers = &hand;
	m->n_containers = 1;
	expect(&page, m, "hand is there;blue is missing;always;");
	assert_int_equal(hint_list(&page, m, (const char *[2]){0}, 2), 2);
	model_free(m);
}

static void test_without_a_model(void **state)
{
	struct scenario_hint hints[] = {
	        {.when = "!container.hand", .text = "looks"}, {.text = "blind"}};
	struct scenario_page page = page_with(hints, 2), none = page_with(hints, 1);

	(void)state;
	expect(&page, NULL, "blind;");
	expect(&none, NULL, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_conditions),
	        cmocka_unit_test(test_without_a_model),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
