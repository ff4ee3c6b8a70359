/* The full URL of an image: what is read, what is refused and where. */
#include "kernel/store/reference.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SUM   "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SUM8  "01234567"
#define LONG8 "abcdefgh"
#define LONG  LONG8 LONG8 LONG8 LONG8 LONG8 LONG8 LONG8 LONG8 /* 64 */

static void test_read(void **state)
{
	static const struct {
		const char *text;
		const char *parts[REFERENCE_PARTS];
	} table[] = {
	        {"base", {"", "", "", "", "base", "", ""}},
	        {"a/b", {"", "", "", "a", "b", "", ""}},
	        {"localhost/b", {"", "localhost", "", "", "b", "", ""}},
	        {"Team/b", {"", "Team", "", "", "b", "", ""}},
	        {"quay.io/a/b/c:1", {"", "quay.io", "", "a/b", "c", "1", ""}},
	        {"r:5000/web", {"", "r", "5000", "", "web", "", ""}},
	        {"web:5000", {"", "", "", "", "web", "5000", ""}},
	        {"[::1]:5000/web", {"", "[::1]", "5000", "", "web", "", ""}},
	        {"docker://r.example/web@sha256:" SUM,
	                {"docker", "r.example", "", "", "web", "", "sha256:" SUM}},
	        {"https://r.example:65535/a_b/c__d/e--f.g:T_1.2-3@sha512:" SUM SUM,
	                {"https", "r.example", "65535", "a_b/c__d", "e--f.g", "T_1.2-3",
	                        "sha512:" SUM SUM}},
	        {"a:" LONG LONG, {"", "", "", "", "a", LONG LONG, ""}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct reference r;
		char again[REFERENCE_TEXT];
		assert_int_equal(reference_parse(table[i].text, &r, NULL, NULL), 0);
		for (int p = 0; p < REFERENCE_PARTS; p++)
			assert_string_equal(reference_part(&r, p), table[i].parts[p]);
		reference_format(&r, again);
		assert_string_equal(again, table[i].text);
	}
}

static void test_refuse(void **state)
{
	static const struct {
		const char *text;
		size_t at;
		const char *part;
	} table[] = {
	        {"", 0, "repository"},
	        {"Base", 0, "repository"},
	        {"baSe", 2, "repository"},
	        {"a//b", 2, "namespace"},
	        {"/b", 0, "namespace"},
	        {"a/", 2, "repository"},
	        {"a/B/c", 2, "namespace"},
	        {"a..b", 2, "repository"},
	        {"a___b", 3, "repository"},
	        {"a-", 1, "repository"},
	        {"-a", 0, "repository"},
	        {"a b", 1, "repository"},
	        {"a\xc3\xa4", 1, "repository"},
	        {"a:", 2, "tag"},
	        {"a:-x", 2, "tag"},
	        {"a:x/y", 2, "port"},
	        {"a:x:y", 3, "tag"},
	        {"a:" LONG LONG "x", 2 + 128, "tag"},
	        {"r:/a", 2, "port"},
	        {"r:0/a", 2, "port"},
	        {"r:65536/a", 2, "port"},
	        {"r:123456/a", 2, "port"},
	        {"r.:5/a", 2, "host"},
	        {"-r.x/a", 0, "host"},
	        {"r-.x/a", 1, "host"},
	        {"r.x_y/a", 3, "host"},
	        {"[::1/a", 4, "host"},
	        {"[]/a", 1, "host"},
	        {"ftp://r.x/a", 0, "scheme"},
	        {"docker://a", 10, "host"},
	        {"a@", 2, "digest"},
	        {"a@md5:" SUM, 2, "digest"},
	        {"a@sha256:" SUM8, 17, "digest"},
	        {"a@sha256:" SUM "0", 9 + 64, "digest"},
	        {"a@sha256:G", 9, "digest"},
	        {LONG "/" LONG "/" LONG "/" LONG, 0, "repository"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct reference r = {.tag = "untouched"};
		struct error err = {0};
		size_t at = 12345;
		char wanted[64];
		assert_int_equal(reference_parse(table[i].text, &r, &at, &err), -EINVAL);
		if (at != table[i].at)
			fail_msg("'%s': at %zu, wanted %zu", table[i].text, at, table[i].at);
		snprintf(wanted, sizeof wanted, "the %s", table[i].part);
		if (!strstr(err.cause, wanted))
			fail_msg("'%s': %s", table[i].text, err.cause);
		assert_string_equal(r.tag, "untouched");
	}
}

static void test_complete(void **state)
{
	static const struct {
		const char *text, *full;
		bool host, name_space, tag;
	} table[] = {
	        {"debian", "docker.io/library/debian:latest", true, true, true},
	        {"debian:12", "docker.io/library/debian:12", true, true, false},
	        {"anna/web", "docker.io/anna/web:latest", true, false, true},
	        {"quay.io/web", "quay.io/web:latest", false, false, true},
	        {"docker.io/web:1", "docker.io/library/web:1", false, true, false},
	        {"web@sha256:" SUM, "docker.io/library/web@sha256:" SUM, true, true, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct reference r, full;
		bool added[REFERENCE_PARTS];
		char text[REFERENCE_TEXT];
		assert_int_equal(reference_parse(table[i].text, &r, NULL, NULL), 0);
		reference_complete(&r, &full, added);
		reference_format(&full, text);
		assert_string_equal(text, table[i].full);
		assert_int_equal(added[REFERENCE_HOST], table[i].host);
		assert_int_equal(added[REFERENCE_NAMESPACE], table[i].name_space);
		assert_int_equal(added[REFERENCE_TAG], table[i].tag);
		assert_false(added[REFERENCE_PORT] || added[REFERENCE_DIGEST]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_read),
	        cmocka_unit_test(test_refuse),
	        cmocka_unit_test(test_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
