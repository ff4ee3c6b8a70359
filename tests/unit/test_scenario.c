/* Lesson folders as people write them, and as an attacker would. */
#include "shell/lesson/markdown.h"
#include "shell/lesson/scenario.h"
#include "shell/lesson/scenario_json.h"
#include "tests/unit/lesson_fixture.h"

#include <errno.h>

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

/* The lesson opens, and says what of it cannot be read. */
static void expect_problem(const struct fixture *f, int code, const char *file, const char *cause)
{
	struct scenario *s = NULL;
	struct error err = {0};

	assert_int_equal(scenario_load(f->folder, &s, &err), 0);
	assert_int_equal(s->n_problems, 1);
	assert_int_equal(s->problems[0].code, code);
	assert_string_equal(s->problems[0].file, file);
	if (!strstr(s->problems[0].text, cause))
		fail_msg("the problem is: %s", s->problems[0].text);
	scenario_free(s);
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
	assert_string_equal(s->pages[1].title, "A title here");
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
	put(f, "index.json", "{\"title\": {}}");
	expect_problem(f, EINVAL, "index.json", "\"title\" is not a text");
	put(f, "index.json", "{\"details\": {\"steps\": {}}}");
	expect_problem(f, EINVAL, "index.json", "\"steps\" is not a list");
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
		expect_problem(f, EXDEV, outside[i], "leads out of the lesson's folder");
	}
	put(f, "index.json", "{\"steps\":[{\"verify\":\"../x.sh\"}]}");
	expect_problem(f, EXDEV, "../x.sh", "leads out");
	put(f, "index.json", "{\"steps\":[{\"text\":\"gone.md\"}]}");
	expect_problem(f, ENOENT, "gone.md", "No such file");
	put(f, "index.json", "{\"steps\":[{\"text\":\"a\"}]}");
	expect_problem(f, EISDIR, "a", "");
	assert_int_equal(mkfifo(pipe, 0644), 0);
	put(f, "index.json", "{\"steps\":[{\"text\":\"pipe\"}]}");
	expect_problem(f, EINVAL, "pipe", "not a regular file");
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
		expect_problem(f, EFBIG, "big", "it has 104857600 bytes; at most");
	}
	assert_true(asprintf(&index, "%s/index.json", f->folder) > 0);
	assert_int_equal(truncate(index, 100 << 20), 0);
	expect_failure(f, EFBIG, "/lesson/index.json", "at most");
}

/* A title reads as the page does: without tags, its entities decoded, on one line. */
static void test_titles_are_text(void **state)
{
	static const struct {
		const char *written, *first, *read;
	} cases[] = {
	        {"<kbd>q</kbd> &amp; <br>quit", NULL, "q &  quit"},
	        {"&#8212; &rarr; &copy &nosuch;", NULL, "— → &copy &nosuch;"},
	        {"1. *args and __init__ `a &lt; <b>` <name>", NULL,
	                "1. *args and __init__ `a &lt; <b>` <name>"},
	        {"    # [x]: y &#27;[31m", NULL, "# [x]: y"},
	        {"<br>", NULL, "<br>"}, /* better than nothing */
	        {NULL, "# Press <kbd>q</kbd><br/>now &mdash; *well* `x<y>`\n",
	                "Press q now — well `x<y>`"},
	        {NULL, "# a | b \\| c \\* {#anchor}\n", "a | b | c * {#anchor}"},
	        {NULL, "Under\nlined\n=====\n", "Under lined"},
	        {NULL, "# `ls`{{exec}} it\n", "`ls` it"},
	        {NULL, "No heading\n\n# Here\n", ""},
	};
	const struct fixture *f = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		auto_buf index = BUF_INIT;
		struct error err = {0};
		struct scenario *s;

		buf_add(&index, "{\"steps\":[{\"text\":\"a.md\"");
		if (cases[i].written)
			buf_addf(&index, ",\"title\":\"%s\"", cases[i].written);
		buf_add(&index, "}]}");
		put(f, "index.json", buf_text(&index));
		put(f, "a.md", cases[i].first ? cases[i].first : "text\n");
		assert_int_equal(scenario_load(f->folder, &s, &err), 0);
		assert_string_equal(s->pages[1].title, cases[i].read);
		scenario_free(s);
	}
}

static void test_titles_are_clean(void **state)
{
	const struct fixture *f = *state;
	struct scenario *s;
	struct error err = {0};

	put(f, "index.json",
	        "{\"title\":\"a\\u001b[31mb\\nc\",\"steps\":[{\"text\":\"a.md\","
	        "\"cutaway\":{\"hints\":[{\"text\":\"\\u001b]0;x\\u0007h\"},\"\\u001b[31mi\"]}}]}");
	put(f, "a.md", "# t\033[2J\n");
	assert_int_equal(scenario_load(f->folder, &s, &err), 0);
	assert_string_equal(s->title, "ab c");
	assert_string_equal(s->pages[1].title, "t");
	assert_string_equal(s->pages[1].hints[0].text, "h");
	assert_string_equal(s->pages[1].hints[1].text, "i");
	scenario_free(s);
}

/* Each of these opens, and the step says "here" and runs "ls". */
static void test_forms_of_index(void **state)
{
	const struct fixture *f = *state;
	static const char *const forms[] = {
	        "{\"details\":{\"steps\":[{\"text\":\"a.md\"}]}}",
	        "{\"steps\":[{\"text\":\"a.md\"}],\"details\":{}}",
	        "{\"details\":{\"steps\":[\"a.md\"]}}",
	        "{\"details\":[{\"steps\":[{\"text\":\"a.md\"}]}]}",
	        "{\"details\":{\"steps\":{\"text\":\"a.md\"}}}",
	        "{\"details\":{\"steps\":{\"one\":{\"text\":\"a.md\"}}}}",
	        "{\"details\":{\"steps\":[{\"text\":[\"a.md\"]}]}}",
	        "{\"details\":{\"steps\":[{\"text\":\"here `ls`{{exec}}\"}]}}",
	        "{\"details\":{\"steps\":[{\"text\":\"./a.md\"}]}}",
	        "{\"details\":{\"steps\":[{\"text\":\"/a.md\"}]}}",
	        "{\"details\":{\"steps\":[{\"text\":\" A.MD \"}]}}",
	        "{\"details\":{\"steps\":[{\"text\":\"one\\\\text.md\"}]}}",
	        "{\"details\":{\"steps\":[{\"text\":\"ONE\\text.md\"}]}}", /* JSON: a tab */
	        "{\"details\":{\"steps\":[{\"text\":\"one\\step.md\"}]}}", /* no JSON */
	        "{ // a comment\n/* one\nmore */\"details\":{\"steps\":[{\"text\":\"a.md\",},],},}",
	        "{\"title\":\"x\"\n\"details\":{\"steps\":[{\"text\":\"a.md\"} \"gone.md x\"]}}",
	        "{\"title\":\"two\nlines and a \"quote\" in it\",\"steps\":[\"a.md\"]} and more",
	        "{'steps':['a.md']}",
	        "{\"title\":\"caf\xe9\",\"steps\":[\"a.md\"]}",
	        "{\"title\":3.5,\"description\":[\"a\",\"b\"],\"time\":null,\"steps\":[\"a.md\"]}",
	};

	put(f, "a.md", "here `ls`{{exec}}\n");
	put(f, "one/text.md", "here `ls`{{exec}}\n");
	put(f, "one/step.md", "here `ls`{{exec}}\n");
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct scenario *s;
		struct error err = {0};

		put(f, "index.json", forms[i]);
		if (scenario_load(f->folder, &s, &err) < 0)
			fail_msg("does not open: %s: %s", forms[i], err.cause);
		if (s->n_pages < 3 || s->pages[1].n_blocks != 1 ||
		        strcmp(s->pages[1].blocks[0].text, "ls") ||
		        !strstr(s->pages[1].markdown, "here"))
			fail_msg("is not read: %s", forms[i]);
		scenario_free(s);
	}
}

/* What is not JSON, or hides a part of itself, opens with a sentence that says so. */
static void test_remarks(void **state)
{
	const struct fixture *f = *state;
	static const struct {
		const char *index, *remark;
	} cases[] = {
	        {"{\"steps\":[\"a.md\"]}", ""},
	        {"\xef\xbb\xbf \r\n{\"steps\":\t[\"a.md\"]}\r\n", ""},
	        {"{\n\"steps\":[\n{\"text\":\"a.md\",\n},]}", "index.json:4: "},
	        {"{\"title\":\"x\"\n \"steps\":[\"a.md\"]}", "index.json:2: "},
	        {"{\"steps\":[],\n\"steps\":[\"a.md\"]}", "stands twice the last counts"},
	};

	put(f, "a.md", "here\n");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct scenario *s;
		struct error err = {0};

		put(f, "index.json", cases[i].index);
		assert_int_equal(scenario_load(f->folder, &s, &err), 0);
		assert_string_equal(s->pages[1].markdown, "here\n");
		assert_int_equal(s->n_problems, 0);
		if (*cases[i].remark ? !strstr(s->remark, cases[i].remark) : *s->remark)
			fail_msg("of %s it is said: %s", cases[i].index, s->remark);
		scenario_free(s);
	}
}

/* Pages with names of their own, one of them in a list whose items have keys, which no JSON has. */
static void test_pages_by_name(void **state)
{
	const struct fixture *f = *state;
	struct scenario *s;
	struct error err = {0};

	put(f, "index.json",
	        "{\"details\":{\"intro\":{\"text\":\"i.md\"},\"before\":{\"text\":\"a.md\"},"
	        "\"set up\":[\"one\":{\"text\":\"b.md\",},\n\"two\" : {\"text\":\"c.md\"}],"
	        "\"assets\":{\"host01\":[{\"file\":\"x\",\"target\":\"~/\"}]},"
	        "\"backend\":{\"imageid\":\"ubuntu\"},"
	        "\"finish\":{\"text\":\"f.md\"}}}");
	put(f, "i.md", "i");
	put(f, "a.md", "a");
	put(f, "b.md", "b");
	put(f, "c.md", "c");
	put(f, "f.md", "f");
	assert_int_equal(scenario_load(f->folder, &s, &err), 0);
	assert_int_equal(s->n_pages, 5);
	for (size_t i = 0; i < 5; i++) {
		const char text[] = {"iabcf"[i], '\0'};
		assert_string_equal(s->pages[i].markdown, text);
	}
	assert_string_equal(s->machine, "ubuntu"); /* below details, too */
	assert_int_equal(s->n_assets, 1);
	assert_int_equal(s->n_problems, 1);
	assert_non_null(strstr(s->problems[0].text, "no \"steps\""));
	scenario_free(s);
}

/* A page has one check: that others are named is told, each of them. */
static void test_several_scripts(void **state)
{
	const struct fixture *f = *state;
	struct scenario *s;
	struct error err = {0};

	put(f, "index.json", "{\"steps\":[{\"verify\":[\"a.sh\",\"b.sh\"],\"code\":[\"a.sh\"]}]}");
	put(f, "a.sh", "true");
	put(f, "b.sh", "false");
	assert_int_equal(scenario_load(f->folder, &s, &err), 0);
	assert_string_equal(s->pages[1].verify.path, "a.sh");
	assert_string_equal(s->pages[1].foreground.path, "a.sh");
	assert_int_equal(s->n_problems, 1);
	assert_non_null(strstr(s->problems[0].text, "\"verify\" names several"));
	assert_non_null(strstr(s->problems[0].text, "b.sh"));
	scenario_free(s);
}

static void test_missing_parts(void **state)
{
	const struct fixture *f = *state;
	struct scenario *s;
	struct error err = {0};

	put(f, "index.json",
	        "{\"details\":{\"intro\":{\"text\":\"no.md\",\"credits\":\"By N.\"},\"steps\":["
	        "{\"text\":\"a.md\",\"verify\":\"no.sh\",\"answer\":\"an.md\",\"hint\":\"h.sh\"},"
	        "null,"
	        "{\"title\":\"t\",\"hint\":\"Try `ls`\"}]},"
	        "\"backend\":{\"imageid\":\"ubuntu\"}}");
	put(f, "a.md", "a");
	put(f, "an.md", "do it");
	put(f, "h.sh", "echo look");
	assert_int_equal(scenario_load(f->folder, &s, &err), 0);
	assert_int_equal(s->n_pages, 5);
	assert_int_equal(s->n_problems, 2);
	assert_non_null(strstr(s->pages[0].markdown, "cannot be read: `no.md`"));
	assert_non_null(strstr(s->pages[0].markdown, "By N."));
	assert_null(s->pages[1].verify.path);
	assert_string_equal(s->pages[1].answer, "do it");
	assert_string_equal(s->pages[1].hint.text, "echo look");
	assert_string_equal(s->pages[3].hint_text, "Try `ls`");
	assert_string_equal(s->machine, "ubuntu");
	scenario_free(s);
}

static void test_encodings(void **state)
{
	const struct fixture *f = *state;
	struct scenario *s;
	struct error err = {0};

	put(f, "index.json", "{\"steps\":[\"latin.md\",\"mac.md\",\"wide.md\"]}");
	put(f, "latin.md", "caf\xe9 \x93quoted\x94 \xc3\xa9\r\n");
	put(f, "mac.md", "one\rtwo");
	assert_int_equal(scenario_load(f->folder, &s, &err), 0);
	assert_string_equal(s->pages[1].markdown, "café “quoted” é\n");
	assert_string_equal(s->pages[2].markdown, "one\ntwo");
	scenario_free(s);
	put_bytes(f, "wide.md", "\xff\xfe#\0 \0\xe9\0\x3d\xd8\x00\xde", 12);
	assert_int_equal(scenario_load(f->folder, &s, &err), 0);
	assert_string_equal(s->pages[3].markdown, "# é😀");
	assert_int_equal(s->n_problems, 0);
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
	        scenario_test(test_titles_are_text),
	        scenario_test(test_forms_of_index),
	        scenario_test(test_remarks),
	        scenario_test(test_pages_by_name),
	        scenario_test(test_several_scripts),
	        scenario_test(test_missing_parts),
	        scenario_test(test_encodings),
	        scenario_test(test_json_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
