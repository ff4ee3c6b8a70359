#include "kernel/base/cleanup.h"
#include "render/backend.h"
#include "render/canvas.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

/* Draws one scene on a canvas of this size and compares the rows. */
static void expect(struct scene *s, int width, int height, bool ascii, const char *rows)
{
	struct canvas c;
	auto_buf out = BUF_INIT;

	assert_int_equal(canvas_init(&c, width, height), 0);
	canvas_draw(&c, s, ascii);
	text_write(&c, THEME_NONE, &out);
	assert_string_equal(buf_text(&out), rows);
	canvas_release(&c);
	scene_release(s);
}

static void test_box(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s, 8, 3);
	scene_add_box(&s, &(struct scene_box){0, 0, 8, 3, "ab", SCENE_PLAIN, MARK_NONE, "", 0});
	expect(&s, 8, 3, false, "╭ ab ──╮\n│      │\n╰──────╯\n");
	scene_init(&s, 8, 3);
	scene_add_box(&s, &(struct scene_box){0, 0, 8, 3, "ab", SCENE_PLAIN, MARK_CHANGED, "", 0});
	expect(&s, 8, 3, true, "+*ab --+\n|      |\n+------+\n");
	scene_init(&s, 8, 3);
	scene_add_box(&s, &(struct scene_box){0, 0, 8, 3, "ab", SCENE_PLAIN, MARK_GHOST, "", 0});
	expect(&s, 8, 3, false, "╭◇ab ┄┄╮\n┆      ┆\n╰┄┄┄┄┄┄╯\n");
	scene_init(&s, 8, 3);
	scene_add_box(&s, &(struct scene_box){0, 0, 8, 3, "ab", SCENE_PLAIN, MARK_GHOST, "", 0});
	expect(&s, 8, 3, true, ".?ab ...\n:      :\n........\n");
}

static void test_title_is_cut(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s, 8, 2);
	scene_add_box(
	        &s, &(struct scene_box){0, 0, 8, 2, "abcdefgh", SCENE_PLAIN, MARK_NONE, "", 0});
	expect(&s, 8, 2, false, "╭ abc… ╮\n╰──────╯\n");
}

static void test_outside_is_left_out(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s, 4, 2);
	scene_add_box(&s, &(struct scene_box){1, 0, 4, 2, "", SCENE_PLAIN, MARK_NONE, "", 0});
	scene_add_box(&s, &(struct scene_box){-1, 0, 3, 2, "", SCENE_PLAIN, MARK_NONE, "", 0});
	scene_add_text(&s, &(struct scene_text){2, 0, 9, "abcdef", SCENE_PLAIN, MARK_NONE});
	scene_add_text(&s, &(struct scene_text){4, 0, 9, "x", SCENE_PLAIN, MARK_NONE});
	scene_add_text(&s, &(struct scene_text){0, 2, 9, "x", SCENE_PLAIN, MARK_NONE});
	assert_int_equal(s.n_boxes, 0);
	assert_int_equal(s.n_texts, 1);
	expect(&s, 4, 2, false, "  a…\n\n");
}

static void test_smaller_canvas(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s, 20, 5);
	scene_add_box(&s, &(struct scene_box){0, 0, 20, 5, "abc", SCENE_PLAIN, MARK_NONE, "", 0});
	scene_add_text(&s, &(struct scene_text){2, 1, 10, "日本", SCENE_PLAIN, MARK_NONE});
	expect(&s, 5, 2, false, "╭ abc\n│ 日\n");
}

static void test_wide_text(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s, 6, 4);
	scene_add_text(&s, &(struct scene_text){0, 0, 6, "日本語", SCENE_PLAIN, MARK_NONE});
	scene_add_text(&s, &(struct scene_text){0, 1, 5, "日本語", SCENE_PLAIN, MARK_NONE});
	scene_add_text(&s, &(struct scene_text){0, 2, 4, "日本語", SCENE_PLAIN, MARK_NONE});
	scene_add_text(&s, &(struct scene_text){0, 3, 1, "日", SCENE_PLAIN, MARK_NONE});
	expect(&s, 6, 4, false, "日本語\n日本…\n日…\n…\n");
	scene_init(&s, 6, 1);
	scene_add_text(&s, &(struct scene_text){0, 0, 6, "日本", SCENE_PLAIN, MARK_NONE});
	scene_add_text(&s, &(struct scene_text){1, 0, 1, "x", SCENE_PLAIN, MARK_NONE});
	expect(&s, 6, 1, false, " x本\n"); /* the half that was left is a blank */
}

static void test_combining(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s, 3, 1);
	scene_add_text(&s, &(struct scene_text){0, 0, 3, "e\u0301x", SCENE_PLAIN, MARK_NONE});
	scene_add_text(&s, &(struct scene_text){2, 0, 1, "y", SCENE_PLAIN, MARK_NONE});
	expect(&s, 3, 1, false, "e\u0301xy\n");
}

static void test_lines_join(void **state)
{
	struct scene s;
	const struct scene_point across[] = {{2, 1}, {6, 1}}, down[] = {{4, 0}, {4, 2}};

	(void)state;
	scene_init(&s, 8, 3);
	scene_add_box(&s, &(struct scene_box){0, 0, 3, 3, "", SCENE_PLAIN, MARK_NONE, "", 0});
	scene_add_edge(
	        &s, &(struct scene_edge){across, 2, true, false, SCENE_PLAIN, MARK_NONE, ""});
	scene_add_edge(&s, &(struct scene_edge){down, 2, false, false, SCENE_PLAIN, MARK_NONE, ""});
	expect(&s, 8, 3, false, "╭─╮ │\n│ ├─┼─▶\n╰─╯ ╵\n");
	scene_init(&s, 8, 3);
	scene_add_box(&s, &(struct scene_box){0, 0, 3, 3, "", SCENE_PLAIN, MARK_NONE, "", 0});
	scene_add_edge(
	        &s, &(struct scene_edge){across, 2, true, false, SCENE_PLAIN, MARK_NONE, ""});
	expect(&s, 8, 3, true, "+-+\n| +--->\n+-+\n");
}

static void test_inner_box_covers(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s, 6, 4);
	scene_add_box(&s, &(struct scene_box){1, 1, 4, 2, "", SCENE_PLAIN, MARK_NONE, "", 1});
	scene_add_box(&s, &(struct scene_box){0, 0, 6, 4, "", SCENE_PLAIN, MARK_NONE, "", 0});
	expect(&s, 6, 4, false, "╭────╮\n│╭──╮│\n│╰──╯│\n╰────╯\n");
}

static void test_meter(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s, 4, 4);
	scene_add_meter(&s, &(struct scene_meter){0, 0, 4, 0.5, SCENE_CGROUP});
	scene_add_meter(&s, &(struct scene_meter){0, 1, 4, 0.001, SCENE_CGROUP});
	scene_add_meter(&s, &(struct scene_meter){0, 2, 4, 7, SCENE_CGROUP});
	scene_add_meter(&s, &(struct scene_meter){0, 3, 4, 0, SCENE_CGROUP});
	expect(&s, 4, 4, false, "██░░\n█░░░\n████\n░░░░\n");
}

static void test_colours(void **state)
{
	struct scene s;
	struct canvas c;
	auto_buf out = BUF_INIT;

	(void)state;
	scene_init(&s, 3, 1);
	scene_add_text(&s, &(struct scene_text){0, 0, 3, "a", SCENE_PLAIN, MARK_CHANGED});
	assert_int_equal(canvas_init(&c, 3, 1), 0);
	canvas_draw(&c, &s, false);
	text_write(&c, THEME_DARK, &out);
	assert_string_equal(buf_text(&out), "\033[0;1;92m◆a\033[0m\n");
	buf_reset(&out);
	text_write(&c, THEME_MONO, &out);
	assert_string_equal(buf_text(&out), "\033[0;1m◆a\033[0m\n");
	canvas_release(&c);
	scene_release(&s);
}

static void test_svg_escapes(void **state)
{
	struct scene s;
	auto_buf out = BUF_INIT;

	(void)state;
	scene_init(&s, 30, 3);
	s.title = "a < b & \"c\"";
	scene_add_box(
	        &s, &(struct scene_box){0, 0, 30, 3, "</svg>", SCENE_PLAIN, MARK_GHOST, "<id>", 0});
	scene_add_text(&s, &(struct scene_text){2, 1, 20, "<script>", SCENE_PLAIN, MARK_NONE});
	svg_write(&s, THEME_DARK, &out);
	assert_non_null(strstr(buf_text(&out), "<title id=\"title\">a &lt; b &amp; &quot;c&quot;"));
	assert_non_null(strstr(buf_text(&out), "&lt;script&gt;"));
	assert_null(strstr(buf_text(&out), "<script>"));
	assert_ptr_equal(
	        strstr(buf_text(&out), "</svg>"), buf_text(&out) + out.len - strlen("</svg>\n"));
	scene_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_box),
	        cmocka_unit_test(test_title_is_cut),
	        cmocka_unit_test(test_outside_is_left_out),
	        cmocka_unit_test(test_smaller_canvas),
	        cmocka_unit_test(test_wide_text),
	        cmocka_unit_test(test_combining),
	        cmocka_unit_test(test_lines_join),
	        cmocka_unit_test(test_inner_box_covers),
	        cmocka_unit_test(test_meter),
	        cmocka_unit_test(test_colours),
	        cmocka_unit_test(test_svg_escapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
