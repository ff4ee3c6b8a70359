/* What a registry reads from a client's request: paths, ranges, names. */
#include "kernel/registry/range.h"
#include "kernel/registry/route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define SUM "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void paths_are_taken_apart(void **state)
{
	static const struct {
		const char *path;
		enum route_kind kind;
		const char *name, *reference;
	} good[] = {
	        {"/v2", ROUTE_BASE, "", ""},
	        {"/v2/", ROUTE_BASE, "", ""},
	        {"/token", ROUTE_TOKEN, "", ""},
	        {"/v2/_catalog", ROUTE_CATALOG, "", ""},
	        {"/v2/base/tags/list", ROUTE_TAGS, "base", "list"},
	        {"/v2/base/manifests/1.0_a-b", ROUTE_MANIFEST, "base", "1.0_a-b"},
	        {"/v2/a/b.c/d__e/f--g/manifests/sha256:" SUM, ROUTE_MANIFEST, "a/b.c/d__e/f--g",
	                "sha256:" SUM},
	        {"/v2/base/manifests/sha512:" SUM SUM, ROUTE_MANIFEST, "base", "sha512:" SUM SUM},
	        {"/v2/base/blobs/sha256:" SUM, ROUTE_BLOB, "base", "sha256:" SUM},
	        {"/v2/base/blobs/uploads/", ROUTE_UPLOADS, "base", ""},
	        {"/v2/base/blobs/uploads", ROUTE_UPLOADS, "base", "uploads"},
	        {"/v2/base/blobs/uploads/0123", ROUTE_UPLOAD, "base", "0123"},
	        {"/v2/base/referrers/sha256:" SUM, ROUTE_REFERRERS, "base", "sha256:" SUM},
	        /* words of ours in a name */
	        {"/v2/a/blobs/manifests/tags/list", ROUTE_TAGS, "a/blobs/manifests", "list"},
	        {"/v2/blobs/uploads/blobs/uploads/", ROUTE_UPLOADS, "blobs/uploads", ""},
	};
	struct route r;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_int_equal(route_parse(good[i].path, &r), FAULT_NONE);
		assert_int_equal(r.kind, good[i].kind);
		assert_string_equal(r.name, good[i].name);
		assert_string_equal(r.reference, good[i].reference);
	}
}

static void bad_paths_are_refused(void **state)
{
	static const struct {
		const char *path;
		enum fault fault;
	} bad[] = {
	        {"", FAULT_PATH},
	        {"/", FAULT_PATH},
	        {"/v1/", FAULT_PATH},
	        {"/v2/base", FAULT_PATH},
	        {"/v2/base/tags/", FAULT_PATH},
	        {"/v2//tags/list", FAULT_NAME_INVALID},
	        {"/v2/tags/list", FAULT_PATH},
	        {"/v2/Base/tags/list", FAULT_NAME_INVALID},
	        {"/v2/../../etc/manifests/passwd", FAULT_NAME_INVALID},
	        {"/v2/a/../b/tags/list", FAULT_NAME_INVALID},
	        {"/v2/_blobs/tags/list", FAULT_NAME_INVALID},
	        {"/v2/a/_tags/tags/list", FAULT_NAME_INVALID},
	        {"/v2/a./tags/list", FAULT_NAME_INVALID},
	        {"/v2/a___b/tags/list", FAULT_NAME_INVALID},
	        {"/v2/a..b/tags/list", FAULT_NAME_INVALID},
	        {"/v2/base/manifests/", FAULT_TAG_INVALID},
	        {"/v2/base/manifests/.hidden", FAULT_TAG_INVALID},
	        {"/v2/base/manifests/..", FAULT_TAG_INVALID},
	        {"/v2/base/manifests/-a", FAULT_TAG_INVALID},
	        {"/v2/base/manifests/sha256:baddigeststring", FAULT_DIGEST_INVALID},
	        {"/v2/base/manifests/md5:" SUM, FAULT_DIGEST_INVALID},
	        {"/v2/base/blobs/latest", FAULT_DIGEST_INVALID},
	        {"/v2/base/blobs/sha256:" SUM "0", FAULT_DIGEST_INVALID},
	        {"/v2/base/blobs/sha512:" SUM, FAULT_DIGEST_INVALID},
	        {"/v2/base/referrers/latest", FAULT_DIGEST_INVALID},
	};
	char path[1024] = "/v2/";
	struct route r;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(route_parse(bad[i].path, &r), bad[i].fault);
	memset(path + 4, 'a', 255);
	strcpy(path + 4 + 255, "/tags/list");
	assert_int_equal(route_parse(path, &r), FAULT_NONE);
	memset(path + 4, 'a', 256);
	strcpy(path + 4 + 256, "/tags/list");
	assert_int_equal(route_parse(path, &r), FAULT_NAME_INVALID);
	memset(path, 0, sizeof path);
	strcpy(path, "/v2/a/manifests/");
	memset(path + strlen(path), 'a', 129);
	assert_int_equal(route_parse(path, &r), FAULT_TAG_INVALID);
	path[strlen("/v2/a/manifests/") + 128] = '\0';
	assert_int_equal(route_parse(path, &r), FAULT_NONE);
}

static void parts_of_a_blob(void **state)
{
	static const struct {
		const char *text;
		enum range range;
		uint64_t offset, length;
	} parts[] = {
	        {NULL, RANGE_WHOLE, 0, 0},
	        {"lines=1-2", RANGE_WHOLE, 0, 0},
	        {"bytes=0-1,3-4", RANGE_WHOLE, 0, 0},
	        {"bytes=500-1499", RANGE_PART, 500, 1000},
	        {"bytes=500-", RANGE_PART, 500, 1548},
	        {"bytes=-500", RANGE_PART, 1548, 500},
	        {"bytes=-5000", RANGE_PART, 0, 2048},
	        {"bytes=2000-5000", RANGE_PART, 2000, 48},
	        {"bytes=0-0", RANGE_PART, 0, 1},
	        {"bytes=2047-", RANGE_PART, 2047, 1},
	        {"bytes=2048-", RANGE_BAD, 0, 0},
	        {"bytes=5000-10000", RANGE_BAD, 0, 0},
	        {"bytes=500-0", RANGE_BAD, 0, 0},
	        {"bytes=-0", RANGE_BAD, 0, 0},
	        {"bytes=-", RANGE_BAD, 0, 0},
	        {"bytes=a-b", RANGE_BAD, 0, 0},
	        {"bytes=1-2x", RANGE_BAD, 0, 0},
	        {"bytes=99999999999999999999-", RANGE_BAD, 0, 0},
	        {"bytes=0-18446744073709551615", RANGE_PART, 0, 2048},
	};

	(void)state;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		uint64_t offset = 0, length = 0;
		assert_int_equal(
		        range_parse(parts[i].text, 2048, &offset, &length), parts[i].range);
		assert_int_equal(offset, parts[i].offset);
		assert_int_equal(length, parts[i].length);
	}
}

static void nothing_has_no_parts(void **state)
{
	uint64_t offset, length;

	(void)state;
	assert_int_equal(range_parse("bytes=0-", 0, &offset, &length), RANGE_BAD);
	assert_int_equal(range_parse("bytes=-1", 0, &offset, &length), RANGE_BAD);
}

static void chunks(void **state)
{
	static const char *const bad[] = {"", "-", "0-", "-5", "5-0", "a-b", "0-5x", "0-5/x",
	        "bytes=0-5", "0 - 5", "99999999999999999999-99999999999999999999"};
	uint64_t first, last;

	(void)state;
	assert_true(range_parse_chunk("512-1023", &first, &last));
	assert_int_equal(first, 512);
	assert_int_equal(last, 1023);
	assert_true(range_parse_chunk("bytes 0-0/7", &first, &last));
	assert_int_equal(last, 0);
	assert_true(range_parse_chunk("bytes 0-9/*", &first, &last));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(range_parse_chunk(bad[i], &first, &last));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(paths_are_taken_apart),
	        cmocka_unit_test(bad_paths_are_refused),
	        cmocka_unit_test(parts_of_a_blob),
	        cmocka_unit_test(nothing_has_no_parts),
	        cmocka_unit_test(chunks),
	};
	return cmocka_run_group_tests_name("registry", tests, NULL, NULL);
}
