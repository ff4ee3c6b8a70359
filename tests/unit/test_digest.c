/* Digests of both algorithms, and blobs that have them for names. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/store/blob.h"
#include "kernel/store/digest.h"
#include "kernel/store/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* "abc", FIPS 180-4 */
#define ABC_256 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define ABC_512                                                                                    \
	"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"                         \
	"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"

static void sums_are_those_of_the_standard(void **state)
{
	char digest[DIGEST_TEXT], path[DIGEST_TEXT];

	(void)state;
	assert_int_equal(digest_of(DIGEST_SHA256, "abc", 3, digest), 0);
	assert_string_equal(digest, "sha256:" ABC_256);
	digest_path(digest, path);
	assert_string_equal(path, "sha256/" ABC_256);
	assert_int_equal(digest_of(DIGEST_SHA512, "abc", 3, digest), 0);
	assert_string_equal(digest, "sha512:" ABC_512);
	assert_string_equal(digest_hex(digest), ABC_512);
	assert_int_equal(digest_algorithm(digest), DIGEST_SHA512);
}

static void only_digests_are_valid(void **state)
{
	static const char *const bad[] = {"", "sha256", "sha256:", "sha256:" ABC_512,
	        "sha512:" ABC_256, "sha512:" ABC_512 "0", "sha256:" ABC_256 "/", "md5:" ABC_256,
	        "SHA256:" ABC_256, "sha256-" ABC_256, "sha256:../../../../../../../../etc/passwd",
	        "sha256:BA7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	        "sha256:ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"};

	(void)state;
	assert_true(digest_valid("sha256:" ABC_256));
	assert_true(digest_valid("sha512:" ABC_512));
	assert_false(digest_valid(NULL));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(digest_valid(bad[i]));
}

struct place {
	char path[64];
	struct layout layout;
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	strcpy(p->path, "/tmp/test-digest-XXXXXX");
	assert_non_null(mkdtemp(p->path));
	assert_int_equal(layout_open(p->path, &p->layout, NULL), 0);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	layout_release(&p->layout);
	assert_int_equal(dir_remove_tree(AT_FDCWD, p->path), 0);
	free(p);
	return 0;
}

static int write_abc(const struct layout *l, enum digest_algorithm algorithm, const char *wanted,
        char ret[DIGEST_TEXT])
{
	struct blob_writer *w = NULL;
	int r = blob_writer_new(l, algorithm, &w, NULL);

	if (r == 0)
		r = blob_add(w, "abc", 3, NULL);
	if (r == 0)
		r = blob_finish(w, wanted, ret, NULL);
	blob_writer_free(w);
	return r;
}

static void a_blob_has_the_name_that_was_wanted(void **state)
{
	struct place *p = *state;
	char digest[DIGEST_TEXT];
	auto_buf text = BUF_INIT;

	assert_int_equal(write_abc(&p->layout, DIGEST_SHA512, NULL, digest), 0);
	assert_string_equal(digest, "sha512:" ABC_512);
	assert_int_equal(layout_get(&p->layout, digest, &text, NULL), 0);
	assert_string_equal(buf_text(&text), "abc");
	/* Begun with one sum, wanted with the other. */
	assert_int_equal(write_abc(&p->layout, DIGEST_SHA512, "sha256:" ABC_256, digest), 0);
	assert_string_equal(digest, "sha256:" ABC_256);
	assert_int_equal(write_abc(&p->layout, DIGEST_SHA256, "sha512:" ABC_512, digest), 0);
	assert_int_equal(faccessat(p->layout.blobs, "sha256/" ABC_256, F_OK, 0), 0);
	assert_int_equal(faccessat(p->layout.blobs, "sha512/" ABC_512, F_OK, 0), 0);
}

static void a_wrong_sum_leaves_nothing(void **state)
{
	static const char zeros[] =
	        "sha256:"
	        "0000000000000000000000000000000000000000000000000000000000000000";
	struct place *p = *state;
	char digest[DIGEST_TEXT];

	assert_int_equal(write_abc(&p->layout, DIGEST_SHA256, zeros, digest), -EBADMSG);
	assert_int_equal(write_abc(&p->layout, DIGEST_SHA512, zeros, digest), -EBADMSG);
	/* rmdir(2) takes empty directories only. */
	assert_int_equal(unlinkat(p->layout.blobs, "sha256", AT_REMOVEDIR), 0);
}

static void a_changed_blob_is_noticed(void **state)
{
	struct place *p = *state;
	char digest[DIGEST_TEXT];
	auto_buf text = BUF_INIT;

	assert_int_equal(write_abc(&p->layout, DIGEST_SHA512, NULL, digest), 0);
	assert_int_equal(file_replace_at(p->layout.blobs, "sha512/" ABC_512, "abd", 3, 0644), 0);
	assert_int_equal(layout_get(&p->layout, digest, &text, NULL), -EBADMSG);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(sums_are_those_of_the_standard),
	        T(only_digests_are_valid),
	        T(a_blob_has_the_name_that_was_wanted),
	        T(a_wrong_sum_leaves_nothing),
	        T(a_changed_blob_is_noticed),
	};
	return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
