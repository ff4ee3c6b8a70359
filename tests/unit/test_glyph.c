#include "render/glyph.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void expect_code(const char *text, uint32_t code, size_t bytes)
{
	uint32_t got;

	assert_int_equal(glyph_decode(text, &got), bytes);
	assert_int_equal(got, code);
}

static void test_decode(void **state)
{
	(void)state;
	expect_code("a", 'a', 1);
	expect_code("é", 0xE9, 2);
	expect_code("─", 0x2500, 3);
	expect_code("\xF0\x9F\x90\xB3", 0x1F433, 4);
	expect_code("\xF4\x8F\xBF\xBF", 0x10FFFF, 4);
	expect_code("\xFF", GLYPH_REPLACEMENT, 1);
	expect_code("\x80", GLYPH_REPLACEMENT, 1);
	expect_code("\xC3", GLYPH_REPLACEMENT, 1); /* cut short by the end */
	expect_code("\xE2\x94", GLYPH_REPLACEMENT, 1);
	expect_code("\xC0\xAF", GLYPH_REPLACEMENT, 1); /* overlong slash */
	expect_code("\xE0\x80\xAF", GLYPH_REPLACEMENT, 1);
	expect_code("\xED\xA0\x80", GLYPH_REPLACEMENT, 1);     /* surrogate */
	expect_code("\xF4\x90\x80\x80", GLYPH_REPLACEMENT, 1); /* above U+10FFFF */
}

static void test_round_trip(void **state)
{
	char utf8[5];
	uint32_t code;

	(void)state;
	for (uint32_t c = 1; c < 0x110000; c += c < 0x3000 ? 1 : 97) {
		if (c >= 0xD800 && c < 0xE000)
			continue;
		size_t n = glyph_encode(c, utf8);
		assert_int_equal(glyph_decode(utf8, &code), n);
		assert_int_equal(code, c);
	}
}

static void test_width(void **state)
{
	(void)state;
	assert_int_equal(text_width("abc"), 3);
	assert_int_equal(text_width("日本"), 4);
	assert_int_equal(text_width("e\u0301"), 1);
	assert_int_equal(text_width("\u0301"), 1); /* nothing to stand on */
	assert_int_equal(text_width("╭─╮◆◇→✓✗"), 8);
	assert_int_equal(text_width("\xF0\x9F\x90\xB3"), 2);
	assert_int_equal(text_fit("日本", 3), 3);
	assert_int_equal(text_fit("abc", 0), 0);
	assert_int_equal(text_fit("e\u0301x", 1), 3);
}

static void test_long_grapheme_is_bounded(void **state)
{
	char text[2 + 100 * 2 + 2] = "e", out[GLYPH_MAX];
	int width;

	(void)state;
	for (int i = 0; i < 100; i++)
		strcat(text, "\u0301");
	strcat(text, "x");
	assert_int_equal(glyph_next(text, out, &width), 201);
	assert_int_equal(width, 1);
	assert_true(strlen(out) < GLYPH_MAX);
}

static void expect_clean(const char *text, const char *clean)
{
	struct arena a = {0};

	assert_string_equal(text_clean(&a, text, 20), clean);
	arena_release(&a);
}

static void test_clean(void **state)
{
	(void)state;
	expect_clean("sleep 1000", "sleep 1000");
	expect_clean("\x1b[31mred", "\\x1b[31mred");
	expect_clean("a\nb\tc\x7f", "a\\x0ab\\x09c\\x7f");
	expect_clean("\xC2\x9B"
	             "31m",
	        "\\x9b31m"); /* CSI as one character of C1 */
	expect_clean("\xff", "\uFFFD");
	expect_clean("\u202Eevil", "\\u{202e}evil"); /* turns the direction of reading */
	expect_clean("123456789012345678901", "12345678901234567890…");
}

static void test_ascii(void **state)
{
	(void)state;
	assert_int_equal(glyph_ascii('a'), 'a');
	assert_int_equal(glyph_ascii(0x2192), '>');
	assert_int_equal(glyph_ascii(0x25C6), '*');
	assert_int_equal(glyph_ascii(0x65E5), '?');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_decode),
	        cmocka_unit_test(test_round_trip),
	        cmocka_unit_test(test_width),
	        cmocka_unit_test(test_long_grapheme_is_bounded),
	        cmocka_unit_test(test_clean),
	        cmocka_unit_test(test_ascii),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
