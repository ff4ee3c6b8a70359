/* Text from outside, shown: what is printable stays, what a terminal would act upon does not. */
#include "kernel/base/shown.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void expect(const char *text, const char *wanted)
{
	struct buf b = BUF_INIT;

	buf_add_shown(&b, text);
	assert_string_equal(buf_text(&b), wanted);
	buf_release(&b);
}

static void printable_stays(void **state)
{
	(void)state;
	expect("", "");
	expect("etc/motd 'a b' \\x", "etc/motd 'a b' \\x");
	expect("\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x90\xb3", "\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x90\xb3");
}

static void controls_do_not(void **state)
{
	(void)state;
	expect("a\033[31mb\n\x7f", "a\\x1b[31mb\\x0a\\x7f");
	/* CSI as one character of C1. */
	expect("a\xc2\x9b"
	       "31m",
	        "a\\xc2\\x9b31m");
	expect("\xe2\x80\xae"
	       "gpj.exe",
	        "\\u{202e}gpj.exe");
	expect("\xef\xbb\xbfx", "\\u{feff}x");
}

static void what_is_no_utf8_is_bytes(void **state)
{
	(void)state;
	expect("\xff", "\\xff");
	expect("\xe6\xbc", "\\xe6\\xbc");          /* cut off */
	expect("\xc0\xaf", "\\xc0\\xaf");          /* longer than need be */
	expect("\xed\xa0\x80", "\\xed\\xa0\\x80"); /* a surrogate */
	expect("\x9b"
	       "31m",
	        "\\x9b31m");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(printable_stays),
	        cmocka_unit_test(controls_do_not),
	        cmocka_unit_test(what_is_no_utf8_is_bytes),
	};
	return cmocka_run_group_tests_name("shown", tests, NULL, NULL);
}
