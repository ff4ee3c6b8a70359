/* Progress over sessions, beside other sessions, and over a damaged file; and which lesson is
 * meant. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "shell/lesson/lesson_find.h"
#include "shell/lesson/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char directory[64];

static int setup(void **state)
{
	(void)state;
	snprintf(directory, sizeof directory, "/tmp/cutaway-progress-XXXXXX");
	if (!mkdtemp(directory))
		return -1;
	return setenv("XDG_STATE_HOME", directory, 1) || setenv("CUTAWAY_LESSONS", directory, 1) ||
	       setenv("CUTAWAY_NOW", "86400", 1);
}

static int teardown(void **state)
{
	(void)state;
	return dir_remove_tree(AT_FDCWD, directory);
}

static void put(const char *name, const char *text)
{
	auto_free char *path = NULL, *parent = NULL;

	assert_true(asprintf(&path, "%s/%s", directory, name) > 0);
	parent = strdup(path);
	*strrchr(parent, '/') = '\0';
	assert_int_equal(dir_make(parent, 0755), 0);
	assert_int_equal(file_replace_at(AT_FDCWD, path, text, strlen(text), 0644), 0);
}

static struct progress *load(struct buf *message)
{
	struct progress *p = NULL;
	struct error err = {0};

	assert_int_equal(progress_load(&p, message, &err), 0);
	return p;
}

static void save(struct progress *p)
{
	struct error err = {0};

	assert_int_equal(progress_save(p, &err), 0);
	progress_free(p);
}

static void test_kept_between_sessions(void **state)
{
	struct progress *p = load(NULL);

	(void)state;
	assert_null(progress_last(p));
	assert_int_equal(progress_page(p, "one"), 0);
	progress_open(p, "one", 3, 10);
	progress_pass(p, "one", 2);
	progress_pass(p, "one", 2);
	progress_fail(p, "one", 3);
	progress_fail(p, "one", 3);
	progress_used(p, "one", 3, PROGRESS_HINT);
	progress_used(p, "one", 3, PROGRESS_HINT);
	progress_used(p, "one", 2, PROGRESS_SOLUTION);
	progress_guess(p, "one", 2, false);
	progress_guess(p, "one", 2, true); /* only the first counts */
	progress_guess(p, "one", 3, true);
	save(p);
	p = load(NULL);
	assert_string_equal(progress_last(p), "one");
	assert_int_equal(progress_page(p, "one"), 3);
	assert_true(progress_passed(p, "one", 2));
	assert_false(progress_passed(p, "one", 3));
	assert_int_equal(progress_count(p, "one"), 1);
	assert_int_equal(progress_attempts(p, "one", 3), 2);
	assert_int_equal(progress_uses(p, "one", 3, PROGRESS_HINT), 2);
	assert_int_equal(progress_uses(p, "one", 3, PROGRESS_SOLUTION), 0);
	assert_int_equal(progress_uses(p, "one", 2, PROGRESS_SOLUTION), 1);
	assert_int_equal(progress_guessed(p, "one", 1), -1);
	assert_int_equal(progress_guessed(p, "one", 2), 0);
	assert_int_equal(progress_guessed(p, "one", 3), 1);
	assert_int_equal(progress_time(p, "one", 2), 86400);
	assert_int_equal(progress_time(p, "one", 3), 0);
	progress_forget(p, "one");
	save(p);
	p = load(NULL);
	assert_null(progress_last(p));
	assert_int_equal(progress_count(p, "one"), 0);
	progress_free(p);
}

static void test_two_sessions(void **state)
{
	struct progress *a = load(NULL), *b = load(NULL);

	(void)state;
	progress_pass(a, "one", 1);
	progress_pass(b, "two", 1);
	save(a);
	save(b);
	a = load(NULL);
	assert_true(progress_passed(a, "one", 1));
	assert_true(progress_passed(a, "two", 1));
	progress_free(a);
}

static void test_damaged_file(void **state)
{
	static const char *const damaged[] = {"", "{", "[]", "{\"lessons\": 3}", "\xff\xfe"};
	auto_free char *aside = NULL;

	(void)state;
	assert_true(asprintf(&aside, "%s/cutaway/progress.json.damaged", directory) > 0);
	for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
		auto_buf message = BUF_INIT, kept = BUF_INIT;
		struct progress *p;

		put("cutaway/progress.json", damaged[i]);
		p = load(&message);
		assert_non_null(
		        strstr(buf_text(&message), "progress.json is damaged; it was renamed"));
		assert_int_equal(file_read_at(AT_FDCWD, aside, 100, &kept), 0);
		assert_string_equal(buf_text(&kept), damaged[i]);
		progress_pass(p, "one", 1);
		save(p);
	}
}

static void test_wrong_types_inside(void **state)
{
	struct progress *p;

	(void)state;
	put("cutaway/progress.json", "{\"last\": 1, \"lessons\": {\"one\": {\"page\": -5, "
	                             "\"passed\": \"x\", \"attempts\": []},"
	                             "\"two\": 7}}");
	p = load(NULL);
	assert_null(progress_last(p));
	assert_int_equal(progress_page(p, "one"), 0);
	assert_false(progress_passed(p, "one", 1));
	progress_pass(p, "one", 1);
	progress_fail(p, "one", 1);
	progress_pass(p, "two", 1);
	progress_open(p, "two", 1, 3);
	assert_true(progress_passed(p, "one", 1));
	assert_int_equal(progress_attempts(p, "one", 1), 1);
	assert_int_equal(progress_page(p, "two"), 1);
	save(p);
}

static void expect_found(const char *what, int code, const char *end)
{
	auto_free char *folder = NULL;
	struct error err = {0};

	assert_int_equal(lesson_find(what, &folder, &err), code);
	if (code == 0)
		assert_string_equal(strrchr(folder, '/'), end);
	else
		assert_non_null(strstr(err.cause, end));
}

static void test_finding(void **state)
{
	struct lesson_list l;
	struct error err = {0};
	auto_free char *path = NULL;

	(void)state;
	put("aa/index.json", "{\"title\": \"Containers are Linux\"}");
	put("bb/index.json", "{\"title\": \"Containers in groups\", \"time\": \"5 minutes\"}");
	put("cc/index.json", "{ broken");
	expect_found("aa", 0, "/aa");
	expect_found("2", 0, "/bb");
	expect_found("containers IN", 0, "/bb");
	expect_found("Containers are Linux", 0, "/aa");
	expect_found("containers", -EINVAL,
	        "it may be 'Containers are Linux' or 'Containers in groups'");
	expect_found("zz", -ENOENT, "there is none");
	expect_found("", -ENOENT, "there is none");
	expect_found("9", -ENOENT, "there is none");
	assert_true(asprintf(&path, "%s/bb", directory) > 0);
	expect_found(path, 0, "/bb");
	assert_int_equal(lesson_list_read(&l, &err), 0);
	assert_int_equal(l.n, 3);
	assert_string_equal(l.entries[1].time, "5 minutes");
	assert_int_equal(l.entries[1].pages, 2);
	assert_null(l.entries[1].problem);
	assert_non_null(strstr(l.entries[2].problem, "cc/index.json:1:"));
	lesson_list_release(&l);
	setenv("CUTAWAY_LESSONS", "/nowhere", 1);
	assert_int_equal(lesson_list_read(&l, &err), -ENOENT);
	assert_string_equal(err.object, "/nowhere");
	setenv("CUTAWAY_LESSONS", directory, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_kept_between_sessions, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_two_sessions, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_damaged_file, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_wrong_types_inside, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_finding, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
