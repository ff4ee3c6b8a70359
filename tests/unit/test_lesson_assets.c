/* The files that a lesson brings along, by every form in which they are named. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "shell/lesson/lesson_assets.h"
#include "shell/lesson/scenario.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	char directory[64];
	int fd;
};

static int make_folder(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	snprintf(f->directory, sizeof f->directory, "/tmp/cutaway-assets-XXXXXX");
	if (!mkdtemp(f->directory))
		return -1;
	f->fd = open(f->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = f;
	return f->fd < 0 ? -1 : 0;
}

static int remove_folder(void **state)
{
	struct fixture *f = *state;
	int r = dir_remove_tree(AT_FDCWD, f->directory);

	close(f->fd);
	free(f);
	return r;
}

static void put(const struct fixture *f, const char *name, const char *text)
{
	auto_free char *path = NULL, *slash = NULL;

	assert_true(asprintf(&path, "%s/%s", f->directory, name) > 0);
	slash = strdup(path);
	*strrchr(slash, '/') = '\0';
	assert_int_equal(dir_make(slash, 0755), 0);
	assert_int_equal(file_replace_at(AT_FDCWD, path, text, strlen(text), 0644), 0);
}

/* Copies what one asset names into a new place; whether the file is then there. */
static bool brings(
        const struct fixture *f, const char *file, const char *target, const char *wanted)
{
	auto_free char *index = NULL, *lesson = NULL;
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
	put(f, "lesson/index.json", index);
	put(f, "lab/keep", "");
	assert_true(asprintf(&lesson, "%s/lesson", f->directory) > 0);
	assert_int_equal(scenario_load(lesson, &s, &err), 0);
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

	put(f, "lesson/assets/a.txt", "a");
	put(f, "lesson/assets/.rc", "a");
	put(f, "lesson/assets/src/b.c", "b");
	put(f, "lesson/assets/src/.hidden", "b");
	put(f, "outside/c.7z", "c");
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
