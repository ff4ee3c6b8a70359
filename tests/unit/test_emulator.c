/* The terminal in memory: cells, keys, modes, what is kept, and every change of size. */
#include "shell/stage/emulator.h"
#include "shell/stage/modes.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct emulator *make(int rows, int columns)
{
	struct emulator *e;

	assert_int_equal(emulator_new(rows, columns, &e), 0);
	return e;
}

static void put(struct emulator *e, const char *text)
{
	emulator_write(e, text, strlen(text));
}

/* A row as text, blanks at the end cut. */
static const char *row(const struct emulator *e, int y, int columns, int back)
{
	static char text[4096];
	struct screen_cell c;
	size_t n;

	text[0] = '\0';
	for (int x = 0; x < columns; x++) {
		emulator_cell(e, y, x, back, &c);
		strcat(text, c.text[0] ? c.text : " ");
	}
	for (n = strlen(text); n && text[n - 1] == ' '; n--)
		text[n - 1] = '\0';
	return text;
}

static void test_text_and_colours(void **state)
{
	struct emulator *e = make(4, 20);
	struct screen_cell c;
	int y, x;

	(void)state;
	put(e, "a\xc3\xa4"
	       "e\xcc\x81"
	       "\xe6\xbc\xa2z\r\n\033[1;31mred\033[0;48;2;1;2;3mB\033[0m");
	emulator_cell(e, 0, 1, 0, &c);
	assert_string_equal(c.text, "\xc3\xa4");
	emulator_cell(e, 0, 2, 0, &c);
	assert_string_equal(c.text, "e\xcc\x81");
	emulator_cell(e, 0, 3, 0, &c);
	assert_string_equal(c.text, "\xe6\xbc\xa2");
	emulator_cell(e, 0, 4, 0, &c);
	assert_string_equal(c.text, "");
	emulator_cell(e, 0, 5, 0, &c);
	assert_string_equal(c.text, "z");
	emulator_cell(e, 1, 0, 0, &c);
	assert_true(c.bold);
	assert_int_equal(c.foreground.kind, SCREEN_INDEXED);
	assert_int_equal(c.foreground.index, 1);
	assert_int_equal(c.background.kind, SCREEN_DEFAULT);
	emulator_cell(e, 1, 3, 0, &c);
	assert_int_equal(c.background.kind, SCREEN_RGB);
	assert_int_equal(c.background.b, 3);
	assert_true(emulator_cursor(e, &y, &x));
	assert_int_equal(y, 1);
	assert_int_equal(x, 4);
	put(e, "\033[?25l");
	assert_false(emulator_cursor(e, &y, &x));
	assert_false(emulator_bell(e));
	put(e, "\a");
	assert_true(emulator_bell(e));
	assert_false(emulator_bell(e));
	emulator_free(e);
}

static void test_lines_back(void **state)
{
	struct emulator *e = make(3, 10);
	char line[32];

	(void)state;
	for (int i = 0; i < 2500; i++) {
		snprintf(line, sizeof(line), "%sline %d", i ? "\r\n" : "", i);
		put(e, line);
	}
	assert_string_equal(row(e, 2, 10, 0), "line 2499");
	assert_string_equal(row(e, 0, 10, 5), "line 2492");
	assert_int_equal(emulator_lines_back(e), 2000);
	assert_string_equal(row(e, 0, 10, 2000), "line 497");
	assert_string_equal(row(e, 0, 10, 2001), "");
	put(e, "\033[?1049h");
	assert_int_equal(emulator_lines_back(e), 0);
	emulator_free(e);
}

static void test_resize_keeps_text(void **state)
{
	struct emulator *e = make(5, 20);
	int y, x;

	(void)state;
	put(e, "one\r\n\033[32mtwo \xe6\xbc\xa2\xe6\xbc\xa2!\033[0m\r\n$ ls");
	assert_int_equal(emulator_resize(e, 8, 30), 0);
	assert_string_equal(row(e, 0, 30, 0), "one");
	assert_string_equal(row(e, 2, 30, 0), "$ ls");
	emulator_cursor(e, &y, &x);
	assert_int_equal(y, 2);
	assert_int_equal(x, 4);
	assert_int_equal(emulator_resize(e, 2, 20), 0);
	assert_string_equal(row(e, 1, 20, 0), "$ ls");
	assert_int_equal(emulator_lines_back(e), 1);
	assert_string_equal(row(e, 0, 20, 1), "one");
	put(e, " -l");
	assert_string_equal(row(e, 1, 20, 0), "$ ls -l");
	emulator_free(e);
}

/* libvterm 0.1.4 crashed in vterm_set_size on screens like these. */
static void test_resize_storm(void **state)
{
	struct emulator *e = make(24, 80);

	(void)state;
	for (int i = 0; i < 400; i++) {
		put(e, i % 7 == 3 ? "\033[?1049h\033[5;10r"
		                  : "text \xe6\xbc\xa2\xe6\xbc\xa2 \033[7mmore\033[0m\r\n");
		if (i % 7 == 5)
			put(e, "\033[?1049l");
		assert_int_equal(emulator_resize(e, (i * 37) % 60, (i * 53) % 170), 0);
		put(e, "\033[999;999Hx\033[H");
	}
	assert_int_equal(emulator_resize(e, -5, 0), 0);
	put(e, "xyz\r\n");
	emulator_free(e);
}

static void test_tiny(void **state)
{
	struct emulator *e = make(1, 1);

	(void)state;
	put(e, "\033#6\xe6\xbc\xa2\xe6\xbc\xa2\033#3\xe6\xbc\xa2\r\n\033[?1049h\xe6\xbc\xa2\033[5;"
	       "2r\n\n\033[1L");
	assert_int_equal(emulator_resize(e, 0, 0), 0);
	put(e, "\033#6\xe6\xbc\xa2");
	emulator_free(e);
}

static void test_full_screen_and_back(void **state)
{
	struct emulator *e = make(4, 20);

	(void)state;
	put(e, "shell line\r\n$ ");
	put(e, "vi\033[?10"); /* the sequence may come in pieces */
	put(e, "49h\033[2J\033[Hfull screen");
	assert_string_equal(row(e, 0, 20, 0), "full screen");
	assert_int_equal(emulator_resize(e, 6, 40), 0);
	put(e, "\033[Hpainted anew");
	assert_string_equal(row(e, 0, 40, 0), "painted anew");
	put(e, "\033[?1049l");
	assert_string_equal(row(e, 0, 40, 0), "shell line");
	assert_string_equal(row(e, 1, 40, 0), "$ vi");
	emulator_free(e);
}

static void key(struct emulator *e, struct screen_key k, const char *want)
{
	struct buf *out = emulator_output(e);

	buf_reset(out);
	emulator_key(e, &k);
	assert_string_equal(buf_text(out), want);
	buf_reset(out);
}

static void test_keys(void **state)
{
	struct emulator *e = make(4, 20);

	(void)state;
	key(e, (struct screen_key){.kind = KEY_KIND_CHARACTER, .character = 'a'}, "a");
	key(e, (struct screen_key){.kind = KEY_KIND_CHARACTER, .character = 0xe4}, "\xc3\xa4");
	key(e, (struct screen_key){.kind = KEY_KIND_CHARACTER, .character = 3}, "\003");
	key(e, (struct screen_key){.kind = KEY_KIND_CHARACTER, .character = 'b', .alt = true},
	        "\033b");
	key(e, (struct screen_key){.kind = KEY_KIND_ENTER}, "\r");
	key(e, (struct screen_key){.kind = KEY_KIND_TAB}, "\t");
	key(e, (struct screen_key){.kind = KEY_KIND_BACKTAB}, "\033[Z");
	key(e, (struct screen_key){.kind = KEY_KIND_BACKSPACE}, "\177");
	key(e, (struct screen_key){.kind = KEY_KIND_ESCAPE}, "\033");
	key(e, (struct screen_key){.kind = KEY_KIND_UP}, "\033[A");
	key(e, (struct screen_key){.kind = KEY_KIND_RIGHT, .control = true}, "\033[1;5C");
	key(e, (struct screen_key){.kind = KEY_KIND_DELETE}, "\033[3~");
	key(e, (struct screen_key){.kind = KEY_KIND_FUNCTION, .number = 1}, "\033OP");
	put(e, "\033[?1h");
	key(e, (struct screen_key){.kind = KEY_KIND_UP}, "\033OA");
	assert_int_equal(emulator_resize(e, 9, 33), 0); /* modes outlive a change of size */
	key(e, (struct screen_key){.kind = KEY_KIND_UP}, "\033OA");
	put(e, "\033[6n");
	assert_string_equal(buf_text(emulator_output(e)), "\033[1;1R");
	emulator_free(e);
}

static void paste(struct emulator *e, const char *want)
{
	struct buf *out = emulator_output(e);

	buf_reset(out);
	emulator_paste(e, true);
	emulator_key(e, &(struct screen_key){.kind = KEY_KIND_CHARACTER, .character = 'a'});
	emulator_key(e, &(struct screen_key){.kind = KEY_KIND_ENTER});
	emulator_paste(e, false);
	assert_string_equal(buf_text(out), want);
	buf_reset(out);
}

static void test_paste(void **state)
{
	struct emulator *e = make(4, 20);

	(void)state;
	paste(e, "a\r"); /* a program that did not ask sees keys */
	put(e, "\033[?2004h");
	paste(e, "\033[200~a\r\033[201~");
	assert_int_equal(emulator_resize(e, 9, 33), 0);
	paste(e, "\033[200~a\r\033[201~");
	put(e, "\033[?2004l");
	paste(e, "a\r");
	emulator_free(e);
}

/* A program is told of the mouse when it asked, as it asked, also after a change of size. */
static void test_mouse(void **state)
{
	struct emulator *e;
	struct buf *out;

	(void)state;
	assert_int_equal(emulator_new(24, 80, &e), 0);
	out = emulator_output(e);
	assert_false(emulator_wants_mouse(e));
	emulator_mouse(e, 2, 4, 1);
	assert_int_equal(out->len, 0);
	emulator_write(e, "\033[?1000h", 8);
	assert_true(emulator_wants_mouse(e));
	emulator_mouse(e, 2, 4, 1);
	assert_string_equal(buf_text(out), "\033[M %#\033[M#%#");
	buf_reset(out);
	emulator_write(e, "\033[?1006h", 8);
	assert_int_equal(emulator_resize(e, 30, 100), 0);
	assert_true(emulator_wants_mouse(e));
	emulator_mouse(e, 2, 4, 1);
	assert_string_equal(buf_text(out), "\033[<0;5;3M\033[<0;5;3m");
	buf_reset(out);
	emulator_mouse(e, 2, 4, 5);
	assert_string_equal(buf_text(out), "\033[<65;5;3M");
	emulator_write(e, "\033[?1000l", 8);
	assert_false(emulator_wants_mouse(e));
	emulator_free(e);
}

static void test_modes(void **state)
{
	struct modes m = {0};
	struct buf out = BUF_INIT;
	const char *text =
	        "x\033[?25l\033[?1;2004h\033[?999999999999999h\033[1;31m\033[?1h\033[?1l";

	(void)state;
	for (const char *p = text; *p; p++)
		modes_feed(&m, *p);
	assert_false(modes_cursor_visible(&m));
	assert_false(modes_full_screen(&m));
	modes_replay(&m, &out);
	assert_string_equal(buf_text(&out), "\033[?2004h\033[?25l");
	for (const char *p = "\033[?1;2;3;4;5;6;7;8;9;10;47h\033[?1049h"; *p; p++)
		modes_feed(&m, *p);
	assert_true(modes_full_screen(&m));
	for (const char *p = "\033c"; *p; p++)
		modes_feed(&m, *p);
	assert_false(modes_full_screen(&m));
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_text_and_colours),
	        cmocka_unit_test(test_lines_back),
	        cmocka_unit_test(test_resize_keeps_text),
	        cmocka_unit_test(test_resize_storm),
	        cmocka_unit_test(test_tiny),
	        cmocka_unit_test(test_full_screen_and_back),
	        cmocka_unit_test(test_keys),
	        cmocka_unit_test(test_paste),
	        cmocka_unit_test(test_mouse),
	        cmocka_unit_test(test_modes),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
