/* Lesson folders as people write them, and as an attacker would. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "shell/lesson/markdown.h"
#include "shell/lesson/scenario.h"
#include "shell/lesson/scenario_json.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

/* A folder of its own for each test: DIRECTORY/lesson. */
struct fixture {
	char directory[64], folder[80];
};

static int make_folder(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	snprintf(f->directory, sizeof f->directory, "/tmp/cutaway-scenario-XXXXXX");
	if (!mkdtemp(f->directory))
		return -1;
	snprintf(f->folder, sizeof f->folder, "%s/lesson", f->directory);
	*state = f;
	return mkdir(f->folder, 0755);
}

static int remove_folder(void **state)
{
	struct fixture *f = *state;
	int r = dir_remove_tree(AT_FDCWD, f->directory);

	free(f);
	return r;
}

static void put(const struct fixture *f, const char *name, const char *text)
{
	auto_free char *path = NULL, *slash = NULL;

	assert_true(asprintf(&path, "%s/%s", f->folder, name) > 0);
	slash = strdup(path);
	*strrchr(slash, '/') = '\0';
	assert_int_equal(dir_make(slash, 0755), 0);
	assert_int_equal(file_replace_at(AT_FDCWD, path, text, strlen(text), 0644), 0);
}

static void expect_failure(const struct fixture *f, int code, const char *object, const char *cause)
{
	struct scenario *s = NULL;
	struct error err = {0};
	auto_buf text = BUF_INIT;

	assert_int_equal(scenario_load(f->folder, &s, &err), -code);
	error_format(&err, &text);
	if (!strstr(err.object, object) || !strstr(err.cause, cause))
		fail_msg("the error is: %s", buf_text(&text));
}

static void test_whole_lesson(void **state)
{
	const struct fixture *f = *state;
	struct scenario *s;
	struct error err = {0};

	put(f, "index.json",
	        "{\"title\":\"T\",\"description\":\"D\",\"time\":\"10 "
	        "minutes\",\"difficulty\":\"easy\","
	        "\"details\":{\"intro\":{\"text\":\"intro.md\",\"background\":\"bg.sh\"},\"steps\":"
	        "["
	        "{\"title\":\"One\",\"text\":\"1/text.md\",\"verify\":\"1/verify.sh\","
	        "\"foreground\":\"fg.sh\",\"cutaway\":{\"view\":\"container\",\"subject\":\"hand\","
	        "\"needs\":[\"root\"],\"solution\":\"1/"
	        "solution.sh\",\"predict\":{\"question\":\"Q\","
	        "\"choices\":[\"a\",\"b\"],\"answer\":1,\"because\":\"B\"},"
	        "\"hints\":[{\"when\":\"!container.x\",\"text\":\"H\"},\"plain\"]}}],"
	        "\"finish\":{\"text\":\"finish.md\"},\"assets\":{\"host01\":[{\"file\":\"a.tar\","
	        "\"target\":\"~/\",\"chmod\":\"+x\"}]}},"
	        "\"cutaway\":{\"needs\":[\"overlay\"],\"view\":\"host\"}}");
	put(f, "intro.md", "# Hello\n");
	put(f, "1/text.md", "Run `ls`{{exec}}\n");
	put(f, "1/verify.sh", "true\r\nfalse\r\n");
	put(f, "1/solution.sh", "ls\n");
	put(f, "fg.sh", "clear\n");
	put(f, "bg.sh", "sleep 1\n");
	put(f, "finish.md", "bye\n");
	assert_int_equal(scenario_load(f->folder, &s, &err), 0);
	assert_string_equal(s->name, "lesson");
	assert_string_equal(s->time, "10 minutes");
	assert_int_equal(s->n_pages, 3);
	assert_string_equal(s->pages[0].title, "T");
	assert_string_equal(s->pages[0].background.text, "sleep 1\n");
	assert_string_equal(s->pages[0].view, "host");
	assert_string_equal(s->pages[1].view, "container");
	assert_string_equal(s->pages[1].subject, "hand");
	assert_string_equal(s->pages[1].verify.text, "true\nfalse\n");
	assert_string_equal(s->pages[1].foreground.path, "fg.sh");
	assert_string_equal(s->pages[1].solution.text, "ls\n");
	assert_int_equal(s->pages[1].n_needs, 2);
	assert_string_equal(s->pages[1].needs[0], "overlay");
	assert_string_equal(s->pages[1].predict.choices[s->pages[1].predict.answer], "b");
	assert_int_equal(s->pages[1].n_hints, 2);
	assert_null(s->pages[1].hints[1].when);
	assert_int_equal(s->pages[1].n_blocks, 1);
	assert_string_equal(s->pages[1].blocks[0].text, "ls");
	assert_string_equal(s->assets[0].mode, "+x");
	assert_int_equal(s->pages[2].kind, PAGE_FINISH);
	scenario_free(s);
}

static void test_sloppy_lesson(void **state)
{
	const struct fixture *f = *state;
	struct scenario *s;
	struct error err = {0};

	/* A byte order mark, no intro, no titles, a number as time, Katacoda's older names. */
	put(f, "index.json",
	        "\xef\xbb\xbf{\"description\":\"About\",\"time\":5,\"unknown\":[],\"steps\":["
	        "{\"text\":\"a.md\",\"code\":\"run.sh\",\"courseData\":\"data.sh\","
	        "\"cutaway\":{\"view\":\"container  hand\"}}]}");
	put(f, "a.md", "\xef\xbb\xbf## A *title* here\r\n\r\ntext\r\n");
	put(f, "run.sh", "");
	put(f, "data.sh", "x");
	assert_int_equal(scenario_load(f->folder, &s, &err), 0);
	assert_string_equal(s->title, "lesson");
	assert_string_equal(s->time, "5");
	assert_string_equal(s->pages[0].markdown, "About");
	assert_string_equal(s->pages[1].title, "A *title* here");
	assert_string_equal(s->pages[1].foreground.path, "run.sh");
	assert_string_equal(s->pages[1].background.text, "x");
	assert_string_equal(s->pages[1].view, "container");
	assert_string_equal(s->pages[1].subject, "hand");
	assert_string_equal(s->pages[2].markdown, "");
	scenario_free(s);
}

static void test_bad_json(void **state)
{
	const struct fixture *f = *state;
	auto_buf deep = BUF_INIT;

	expect_failure(f, ENOENT, "/lesson/index.json", "No such file");
	put(f, "index.json", "{\n  \"title\": \"x\",\n  oops\n}");
	expect_failure(f, EINVAL, "/lesson/index.json:3:6", "expected near 'oops'");
	put(f, "index.json", "[]");
	expect_failure(f, EINVAL, "/lesson/index.json:1:1", "not an object");
	put(f, "index.json", "");
	expect_failure(f, EINVAL, "/lesson/index.json:1:", "");
	put(f, "index.json", "{\"title\": \"\xff\"}");
	expect_failure(f, EINVAL, "/lesson/index.json:1:", "decode byte 0xff");
	put(f, "index.json", "{\"title\": []}");
	expect_failure(f, EINVAL, "/lesson", "\"title\" is not a text");
	put(f, "index.json", "{\"details\": {\"steps\": {}}}");
	expect_failure(f, EINVAL, "/lesson", "\"steps\" is not a list");
	for (int i = 0; i < 100000; i++)
		buf_addc(&deep, '[');
	put(f, "index.json", buf_text(&deep));
	expect_failure(f, EINVAL, "/lesson/index.json:1:", "depth");
}

static void test_paths_stay_inside(void **state)
{
	const struct fixture *f = *state;
	auto_free char *link = NULL, *linked = NULL, *pipe = NULL;
	const char *const outside[] = {
	        "../../etc/passwd", "/etc/passwd", "a/../../outside", "link", "linked/passwd"};

	assert_true(asprintf(&link, "%s/link", f->folder) > 0);
	assert_true(asprintf(&pipe, "%s/pipe", f->folder) > 0);
	assert_int_equal(symlink("/etc/passwd", link), 0);
	assert_true(asprintf(&linked, "%s/linked", f->folder) > 0);
	assert_int_equal(symlink("/etc", linked), 0);
	put(f, "a/b", "");
	for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
		auto_free char *index = NULL;
		assert_true(asprintf(&index, "{\"steps\":[{\"text\":\"%s\"}]}", outside[i]) > 0);
		put(f, "index.json", index);
		expect_failure(f, EXDEV, outside[i], "leads out of the lesson's folder");
	}
	put(f, "index.json", "{\"steps\":[{\"verify\":\"../x.sh\"}]}");
	expect_failure(f, EXDEV, "../x.sh", "leads out");
	put(f, "index.json", "{\"steps\":[{\"text\":\"gone.md\"}]}");
	expect_failure(f, ENOENT, "/lesson/gone.md", "No such file");
	put(f, "index.json", "{\"steps\":[{\"text\":\"a\"}]}");
	expect_failure(f, EISDIR, "/lesson/a", "");
	assert_int_equal(mkfifo(pipe, 0644), 0);
	put(f, "index.json", "{\"steps\":[{\"text\":\"pipe\"}]}");
	expect_failure(f, EINVAL, "/lesson/pipe", "not a regular file");
}

static void test_links_that_stay_inside(void **state)
{
	const struct fixture *f = *state;
	auto_free char *link = NULL;
	struct scenario *s;
	struct error err = {0};

	assert_true(asprintf(&link, "%s/a/link.md", f->folder) > 0);
	put(f, "b/text.md", "inside");
	put(f, "a/x", "");
	assert_int_equal(symlink("../b/text.md", link), 0);
	put(f, "index.json", "{\"steps\":[{\"text\":\"a/link.md\"}]}");
	assert_int_equal(scenario_load(f->folder, &s, &err), 0);
	assert_string_equal(s->pages[1].markdown, "inside");
	scenario_free(s);
}

static void test_sizes_are_bounded(void **state)
{
	const struct fixture *f = *state;
	auto_free char *big = NULL, *index = NULL;
	const char *const indexes[] = {
	        "{\"steps\":[{\"text\":\"big\"}]}", "{\"steps\":[{\"verify\":\"big\"}]}"};

	assert_true(asprintf(&big, "%s/big", f->folder) > 0);
	put(f, "big", "x");
	assert_int_equal(truncate(big, 100 << 20), 0);
	for (size_t i = 0; i < 2; i++) {
		put(f, "index.json", indexes[i]);
		expect_failure(f, EFBIG, "/lesson/big", "it has 104857600 bytes; at most");
	}
	assert_true(asprintf(&index, "%s/index.json", f->folder) > 0);
	assert_int_equal(truncate(index, 100 << 20), 0);
	expect_failure(f, EFBIG, "/lesson/index.json", "at most");
}

static void test_titles_are_clean(void **state)
{
	const struct fixture *f = *state;
	struct scenario *s;
	struct error err = {0};

	put(f, "index.json",
	        "{\"title\":\"a\\u001b[31mb\\nc\",\"steps\":[{\"text\":\"a.md\","
	        "\"cutaway\":{\"hints\":[{\"text\":\"\\u001b]0;x\\u0007h\"}]}}]}");
	put(f, "a.md", "# t\033[2J\n");
	assert_int_equal(scenario_load(f->folder, &s, &err), 0);
	assert_string_equal(s->title, "ab c");
	assert_string_equal(s->pages[1].title, "t");
	assert_string_equal(s->pages[1].hints[0].text, "h");
	scenario_free(s);
}

static void test_json_lines(void **state)
{
	const char *json =
	        "{\n \"a\": \"}{[\\\"\",\n \"b\": [1,\n  {\"c\": [\n   \"x\", \"y\"]}\n ],\n"
	        " \"d\": 1\n}";

	(void)state;
	assert_int_equal(scenario_json_line(json, "a"), 2);
	assert_int_equal(scenario_json_line(json, "b"), 3);
	assert_int_equal(scenario_json_line(json, "b[1]"), 4);
	assert_int_equal(scenario_json_line(json, "b[1].c[1]"), 5);
	assert_int_equal(scenario_json_line(json, "d"), 7);
	assert_int_equal(scenario_json_line(json, "b[1].nothing.here"), 4);
	assert_int_equal(scenario_json_line(json, "zzz"), 1);
}

static void test_lists(void **state)
{
	struct fixture *f = *state;
	struct arena arena = {0};
	struct error err = {0};
	const char **names;
	size_t n;

	put(f, "two/index.json", "{}");
	put(f, "one/index.json", "{}");
	put(f, "none/readme", "");
	assert_int_equal(scenario_list(f->folder, &arena, &names, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_string_equal(names[0], "one");
	put(f, "x-pathway.json", "{\"courses\":[{\"course_id\":\"two\"},{\"course_id\":\"one\"}]}");
	assert_int_equal(scenario_list(f->folder, &arena, &names, &n, &err), 0);
	assert_string_equal(names[0], "two");
	put(f, "structure.json",
	        "{\"items\":[{\"path\":\"one\"},{\"path\":\"none\"},"
	        "{\"path\":\"../out\"},{\"path\":\"two\"}]}");
	assert_int_equal(scenario_list(f->folder, &arena, &names, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_string_equal(names[0], "one");
	put(f, "structure.json", "{\n]");
	assert_int_equal(scenario_list(f->folder, &arena, &names, &n, &err), -EINVAL);
	assert_non_null(strstr(err.object, "structure.json:2:"));
	arena_release(&arena);
}

#define scenario_test(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        scenario_test(test_whole_lesson),
	        scenario_test(test_sloppy_lesson),
	        scenario_test(test_bad_json),
	        scenario_test(test_paths_stay_inside),
	        scenario_test(test_links_that_stay_inside),
	        scenario_test(test_sizes_are_bounded),
	        scenario_test(test_titles_are_clean),
	        scenario_test(test_json_lines),
	        scenario_test(test_lists),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
