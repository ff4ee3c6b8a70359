/* A string of JSON as we write it is what jansson writes. */
#include "kernel/base/json_text.h"

#include "kernel/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void same(const char *text)
{
	json_t *string = json_string(text);
	auto_free char *theirs = json_dumps(string, JSON_ENCODE_ANY);
	auto_buf ours = BUF_INIT;

	assert_non_null(theirs);
	json_text_add_string(&ours, text);
	assert_string_equal(buf_text(&ours), theirs);
	json_decref(string);
}

static void test_every_byte(void **state)
{
	(void)state;
	same("");
	for (char c = 1; c > 0; c++) {
		const char text[] = {'a', c, 'b', c, c, 0};
		same(text);
	}
	same("“déjà” … \xf0\x9f\x93\xa6");
}

static void test_random(void **state)
{
	static const char *const pieces[] = {
	        "\"", "\\", "\n", "\t", "\x01", "\x1f", "\x7f", "é", "plain", "/", "\\n", "…", " "};
	uint32_t random = 7;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		auto_buf text = BUF_INIT;
		for (int i = 0; i < 8; i++) {
			random = random * 1103515245 + 12345;
			buf_add(&text, pieces[(random >> 16) % (sizeof pieces / sizeof *pieces)]);
		}
		same(buf_text(&text));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_every_byte),
	        cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
