/* The lessons of a folder and their order: structure.json, pathways, folders within folders. */
#include "shell/lesson/scenario.h"
#include "tests/unit/lesson_fixture.h"

#include <errno.h>

static void test_lists(void **state)
{
	struct fixture *f = *state;
	struct arena arena = {0};
	struct error err = {0};
	const char **names;
	size_t n;

	put(f, "two/index.json", "{}");
	put(f, "one/index.json", "{}");
	put(f, "none/readme", "");
	assert_int_equal(scenario_list(f->folder, &arena, &names, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_string_equal(names[0], "one");
	put(f, "x-pathway.json", "{\"courses\":[{\"course_id\":\"two\"},{\"course_id\":\"one\"}]}");
	assert_int_equal(scenario_list(f->folder, &arena, &names, &n, &err), 0);
	assert_string_equal(names[0], "two");
	put(f, "structure.json",
	        "{\"items\":[{\"path\":\"one\"},{\"path\":\"none\"},"
	        "{\"path\":\"../out\"},{\"path\":\"two\"}]}");
	assert_int_equal(scenario_list(f->folder, &arena, &names, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_string_equal(names[0], "one");
	put(f, "group/structure.json", "{\"items\":[{\"path\":\"b\"},{\"path\":\"a\"}]}");
	put(f, "group/a/index.json", "{}");
	put(f, "group/b/index.json", "{}");
	put(f, "structure.json",
	        "{\"items\":[{\"path\":\"group\"},{\"title\":\"G\",\"items\":[{\"path\":\"two\"}]}]"
	        "}");
	assert_int_equal(scenario_list(f->folder, &arena, &names, &n, &err), 0);
	assert_int_equal(n, 3);
	assert_string_equal(names[0], "group/b");
	assert_string_equal(names[1], "group/a");
	assert_string_equal(names[2], "two");
	put(f, "structure.json", "{\n]");
	assert_int_equal(scenario_list(f->folder, &arena, &names, &n, &err), -EINVAL);
	assert_non_null(strstr(err.object, "structure.json:2:"));
	arena_release(&arena);
}

static void expect_list(const struct fixture *f, const char *const *expected)
{
	struct arena arena = {0};
	struct error err = {0};
	const char **names;
	size_t n, i = 0;

	assert_int_equal(scenario_list(f->folder, &arena, &names, &n, &err), 0);
	for (; i < n && expected[i]; i++)
		assert_string_equal(names[i], expected[i]);
	assert_int_equal(i, n);
	assert_null(expected[i]);
	arena_release(&arena);
}

static void test_lists_within_lists(void **state)
{
	const struct fixture *f = *state;

	/* A lesson may hold others, but not among what it brings along. */
	put(f, "a/index.json", "{}");
	put(f, "a/b/index.json", "{}");
	put(f, "a/assets/index.json", "{}");
	put(f, "c/d/index.json", "{}");
	expect_list(f, (const char *const[]){"a", "a/b", "c/d", NULL});
	/* Other folders of the course by "..", each lesson once and by its plain name; no further.
	 */
	put(f, "basics/structure.json",
	        "{\"items\":[{\"path\":\"../c/d\"},{\"path\":\"./../a//\"},"
	        "{\"path\":\"../../lesson/a\"},{\"path\":\"../a/../../..\"}]}");
	put(f, "structure.json", "{\"items\":[{\"path\":\"basics\"},{\"path\":\"c\"}]}");
	expect_list(f, (const char *const[]){"c/d", "a", NULL});
}

static void test_pathways(void **state)
{
	const struct fixture *f = *state;
	static const char *const files[] = {"q-pathway.json", "q.pathway.json", "pathway.json"};

	put(f, "p/one/index.json", "{}");
	put(f, "p/two/index.json", "{}");
	put(f, "three/index.json", "{}");
	put(f, "four/index.json", "{}");
	/* From the top, as training/ has it; links to elsewhere, and what is not there. */
	put(f, "a/x-pathway.json",
	        "{\"courses\":[{\"pathway_id\":\"me\",\"id\":\"p/two\",\"course_id\":\"two\"},"
	        "{\"external_link\":\"https://x\"},{\"course_id\":\"gone\"},"
	        "{\"id\":\"../../p/one\"}]}");
	expect_list(f, (const char *const[]){"p/two", "p/one", "four", "three", NULL});
	put(f, "a/x-pathway.json",
	        "{\"courses\":{\"pathway_id\":\"p\",\"course_id\":\"two\",\"id\":\"1\"},"
	        "\"scenarios\":[{\"id\":\"three\"}]}");
	expect_list(f, (const char *const[]){"p/two", "three", "four", "p/one", NULL});
	put(f, "a/x-pathway.json", "{}");
	for (size_t i = 0; i < 3; i++) {
		put(f, files[i], "{\"courses\":[{\"course_id\":\"three\"}]}");
		expect_list(f, (const char *const[]){"three", "four", "p/one", "p/two", NULL});
		put(f, files[i], "{}");
	}
}

#define scenario_test(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        scenario_test(test_lists),
	        scenario_test(test_lists_within_lists),
	        scenario_test(test_pathways),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
