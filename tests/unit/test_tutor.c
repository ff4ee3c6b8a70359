/* Which lines are the tutor's, and which go to bash. */
#include "shell/tutor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_words(void **state)
{
	struct tutor_call call;

	(void)state;
	assert_true(tutor_parse("next", &call));
	assert_int_equal(call.entry->word, TUTOR_NEXT);
	assert_string_equal(call.argument, "");
	assert_true(tutor_parse("  hint \t ", &call));
	assert_int_equal(call.entry->word, TUTOR_HINT);
	assert_true(tutor_parse("view  container hand ", &call));
	assert_int_equal(call.entry->word, TUTOR_VIEW);
	assert_string_equal(call.argument, "container hand");
	assert_true(tutor_parse("solution run", &call));
	assert_string_equal(call.argument, "run");
	for (size_t i = 0; tutor_words[i].name; i++) {
		assert_true(tutor_parse(tutor_words[i].name, &call));
		assert_ptr_equal(call.entry, &tutor_words[i]);
		assert_true(tutor_words[i].summary[0] && tutor_words[i].details[0]);
	}
}

static void test_left_to_bash(void **state)
{
	static const char *const lines[] = {"", "   ", "ls", "next door", "next=5", "next;",
	        "help | less", "help > file", "./next", "nextt", "view $x", "hint &",
	        "command reset", "'next'", "help \"cd\"", "check 'a = b'", NULL};
	struct tutor_call call;
	char big[4096];

	(void)state;
	for (size_t i = 0; lines[i]; i++)
		if (tutor_parse(lines[i], &call))
			fail_msg("'%s' was taken from bash", lines[i]);
	memset(big, 'a', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_false(tutor_parse(big, &call));
	memcpy(big, "view ", 5);
	assert_false(tutor_parse(big, &call));
}

static void test_suggestions(void **state)
{
	(void)state;
	assert_string_equal(tutor_suggest("hnit"), "hint");
	assert_string_equal(tutor_suggest("hin"), "hint");
	assert_string_equal(tutor_suggest("nextt"), "next");
	assert_string_equal(tutor_suggest("bakc"), "back");
	assert_string_equal(tutor_suggest("chekc"), "check");
	assert_string_equal(tutor_suggest("sulution"), "solution");
	assert_null(tutor_suggest("next"));
	assert_null(tutor_suggest(""));
	assert_null(tutor_suggest("ls"));
	assert_null(tutor_suggest("docker"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_words),
	        cmocka_unit_test(test_left_to_bash),
	        cmocka_unit_test(test_suggestions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
