/* Words of a learner compared with ours, and the glossary that is asked with them. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "shell/lesson/glossary.h"
#include "shell/lesson/words.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_same(void **state)
{
	static const char *const same[][2] = {{"digest", "Digest"}, {"a digest", "the digests."},
	        {"copy-up", "Copy up"}, {"no_new_privs", "no new privs"}, {"caches", "cache"},
	        {"capabilities", "capability"}, {"process", "processes"}, {"indexes", "index"},
	        {"'tag'", "tag"}, {"  image   index ", "image index"}};
	static const char *const other[][2] = {{"tag", "tar"}, {"", ""}, {"uts", "ut"},
	        {"a", "the"}, {"image index", "index image"}, {"1.4", "14"}};

	(void)state;
	for (size_t i = 0; i < sizeof same / sizeof *same; i++)
		assert_true(words_same(same[i][0], same[i][1]));
	for (size_t i = 0; i < sizeof other / sizeof *other; i++)
		assert_false(words_same(other[i][0], other[i][1]));
}

static void test_near(void **state)
{
	static const char *const near[][2] = {{"digest", "diggest"}, {"layer", "lyaer"},
	        {"layer", "layr"}, {"repository", "repositroy"}, {"repository", "reposotary"},
	        {"manifest", "manifset"}};
	static const char *const far[][2] = {{"tag", "tar"}, {"runc", "crun"},
	        {"layer", "later on"}, {"digest", "diggesst"}, {"repository", "registry"},
	        {"image", "index"}, {"", "a"}};
	char longest[300];

	(void)state;
	for (size_t i = 0; i < sizeof near / sizeof *near; i++)
		assert_true(words_near(near[i][0], near[i][1]));
	for (size_t i = 0; i < sizeof far / sizeof *far; i++)
		assert_false(words_near(far[i][0], far[i][1]));
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_true(words_same(longest, longest));
	memset(longest, ' ', sizeof longest - 1);
	for (size_t i = 0; i < sizeof longest - 1; i += 2)
		longest[i] = 'x';
	assert_false(words_near(longest, longest)); /* too long to be looked at */
}

static void test_fold(void **state)
{
	auto_buf out = BUF_INIT;

	(void)state;
	words_fold("one two three four", 12, 2, &out);
	assert_string_equal(buf_text(&out), "  one two\n  three four\n");
	buf_reset(&out);
	words_fold("abcdefghijklmnop", 10, 0, &out);
	assert_string_equal(buf_text(&out), "abcdefghij\nklmnop\n");
	buf_reset(&out);
	words_fold("äöüäöüäöüä äöü\nnext", 10, 0, &out);
	assert_string_equal(buf_text(&out), "äöüäöüäöüä\näöü\nnext\n");
}

static const char text[] =
        "{\"terms\": [{\"term\": \"tag\", \"means\": \"A word.\", \"source\": \"s\"},"
        "{\"term\": \"freezer\", \"also\": [\"pause\"], \"means\": \"Stops\\u001b[2J.\"},"
        "{\"term\": \"pause\", \"means\": \"Waits.\"}, 7,"
        "{\"term\": \"image index\", \"means\": \"A list.\"}], \"emphasis\": [\"Without it\"]}";

static void test_glossary(void **state)
{
	char folder[] = "/tmp/cutaway-glossary-XXXXXX";
	auto_buf out = BUF_INIT;
	auto_free char *path = NULL;
	struct glossary g = {0};
	const struct glossary_term *near[2];

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(glossary_read(folder, &g, NULL), -ENOENT);
	assert_true(asprintf(&path, "%s/glossary.json", folder) > 0);
	assert_int_equal(file_replace_at(AT_FDCWD, path, "[", 1, 0600), 0);
	assert_int_equal(glossary_read(folder, &g, NULL), -EINVAL);
	assert_int_equal(file_replace_at(AT_FDCWD, path, text, strlen(text), 0600), 0);
	assert_int_equal(glossary_read(folder, &g, NULL), 0);
	assert_string_equal(glossary_find(&g, "Tags")->means, "A word.");
	assert_string_equal(glossary_find(&g, "pause")->means, "Waits.");
	assert_null(strchr(glossary_find(&g, "freezer")->means, '\033'));
	assert_null(glossary_find(&g, "tar"));
	assert_null(glossary_find(&g, ""));
	assert_true(glossary_is_emphasis(&g, "without it"));
	assert_false(glossary_is_emphasis(&g, "tag"));
	assert_int_equal(glossary_near(&g, "indx", near, 2), 0);
	assert_int_equal(glossary_near(&g, "index", near, 2), 1);
	assert_string_equal(near[0]->term, "image index");
	assert_true(glossary_answer(&g, "the tag", 80, &out));
	assert_string_equal(buf_text(&out), "tag\n  A word.\n  Source: s\n");
	buf_reset(&out);
	assert_false(glossary_answer(&g, "frezer", 80, &out));
	assert_string_equal(
	        buf_text(&out), "The glossary has no 'frezer'. Did you mean 'freezer'?\n");
	glossary_release(&g);
	assert_int_equal(dir_remove_tree(AT_FDCWD, folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_same),
	        cmocka_unit_test(test_near),
	        cmocka_unit_test(test_fold),
	        cmocka_unit_test(test_glossary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
