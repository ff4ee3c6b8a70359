/* The files that a lesson brings along, by every form in which they are named. */
#include "shell/lesson/lesson_assets.h"
#include "shell/lesson/scenario.h"
#include "tests/unit/lesson_fixture.h"

/* Copies what one asset names into a new place; whether the file is then there. */
static bool brings(
        const struct fixture *f, const char *file, const char *target, const char *wanted)
{
	auto_free char *index = NULL;
	auto_buf said = BUF_INIT;
	struct scenario *s;
	struct error err = {0};
	struct stat st;
	auto_close to = -1;
	bool there;

	assert_true(asprintf(&index,
	                    "{\"details\":{\"assets\":{\"host01\":{\"file\":\"%s\",\"target\":"
	                    "\"%s\"}}}}",
	                    file, target) > 0);
	put(f, "index.json", index);
	put(f, "../lab/keep", "");
	assert_int_equal(scenario_load(f->folder, &s, &err), 0);
	to = openat(f->fd, "lab", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	lesson_assets_copy(s, to, &said);
	scenario_free(s);
	there = fstatat(to, wanted, &st, AT_SYMLINK_NOFOLLOW) == 0;
	if (there == (strstr(buf_text(&said), "is not put into the lab") != NULL))
		fail_msg("of %s it is said: %s", file, buf_text(&said));
	assert_int_equal(dir_remove_tree(f->fd, "lab"), 0);
	return there;
}

static void test_forms(void **state)
{
	const struct fixture *f = *state;

	put(f, "assets/a.txt", "a");
	put(f, "assets/.rc", "a");
	put(f, "assets/src/b.c", "b");
	put(f, "assets/src/.hidden", "b");
	put(f, "../outside/c.7z", "c");
	assert_true(brings(f, "a.txt", "~/", "a.txt"));
	assert_true(brings(f, "*", "/root", "src/b.c"));
	assert_true(brings(f, "./a.txt", "/root/x/", "x/a.txt"));
	assert_true(brings(f, "/a.txt", "/opt", "opt/a.txt"));
	assert_true(brings(f, "assets/a.txt", "~", "a.txt"));
	assert_true(brings(f, "src", "/root/p", "p/src/b.c"));
	assert_true(brings(f, "src/", "/root/p/", "p/src/b.c"));
	assert_true(brings(f, "src/*", ".files", ".files/b.c"));
	assert_true(brings(f, ".rc", "~/", ".rc"));
	assert_true(brings(f, "./.rc", "~/", ".rc"));
	assert_true(brings(f, "src/.hidden", "~/", ".hidden"));
	assert_false(brings(f, "../../outside/c.7z", "/tmp/c.7z", "tmp/c.7z"));
	assert_false(brings(f, "gone.txt", "~/", "gone.txt"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_forms, make_folder, remove_folder),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
