/* The curses backend on a terminal of its own: what it sends, how it decodes keys, and that the
 * terminal is as before afterwards, even when a handler of a fatal signal has to do it. */
#include "render/screen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

enum { DEADLINE = 10000 }; /* milliseconds until a silent child is a failure */

struct terminal {
	int master;
	pid_t child;
	struct termios before;
	char out[65536]; /* all that the child sent */
	size_t n;
};

/* Runs `body` on a new terminal of 40 x 10; its result is the exit status. */
static void start(struct terminal *t, const char *term, int (*body)(void))
{
	struct winsize size = {.ws_row = 10, .ws_col = 40};

	int slave;

	*t = (struct terminal){0};
	assert_int_equal(openpty(&t->master, &slave, NULL, NULL, &size), 0);
	assert_int_equal(tcgetattr(t->master, &t->before), 0); /* before the child changes them */
	t->child = fork();
	assert_true(t->child >= 0);
	if (t->child == 0) {
		close(t->master);
		if (login_tty(slave) < 0)
			_exit(99);
		setenv("TERM", term, 1);
		unsetenv("LINES");
		unsetenv("COLUMNS");
		setlocale(LC_ALL, "C.UTF-8");
		_exit(body());
	}
	close(slave);
}

/* Reads until `text` was sent (NULL: until the child closed its side). */
static void await(struct terminal *t, const char *text)
{
	while (!text || !strstr(t->out, text)) {
		struct pollfd p = {t->master, POLLIN, 0};
		ssize_t n;

		if (poll(&p, 1, DEADLINE) != 1)
			fail_msg("nothing more came, looking for '%s' in '%s'",
			        text ? text : "(end)", t->out);
		n = read(t->master, t->out + t->n, sizeof t->out - 1 - t->n);
		if (n <= 0) {
			if (text)
				fail_msg("ended without '%s': '%s'", text, t->out);
			return; /* EIO: the other side is closed, pty(7) */
		}
		t->n += (size_t)n;
	}
}

static int finish(struct terminal *t)
{
	struct termios after;
	int status;

	await(t, NULL);
	assert_int_equal(waitpid(t->child, &status, 0), t->child);
	if (tcgetattr(t->master, &after) == 0) {
		assert_int_equal(after.c_lflag, t->before.c_lflag);
		assert_int_equal(after.c_iflag, t->before.c_iflag);
		assert_int_equal(after.c_oflag, t->before.c_oflag);
	}
	close(t->master);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void draw_something(struct screen *s)
{
	const struct screen_cell cell = {.text = "Z",
	        .foreground = {.kind = SCREEN_RGB, .r = 255},
	        .background = {.kind = SCREEN_INDEXED, .index = 4},
	        .bold = true};
	const struct screen_cell wide = {.text = "日"}, hostile = {.text = "\033"};
	struct scene scene;
	struct canvas c;

	scene_init(&scene, 20, 4);
	scene_add_box(&scene,
	        &(struct scene_box){0, 0, 20, 4, "box", SCENE_CONTAINER, MARK_CHANGED, "", 0});
	if (canvas_init(&c, 20, 4) == 0) {
		canvas_draw(&c, &scene, screen_is_ascii(s));
		screen_put_canvas(s, 0, 0, 4, 20, &c);
		screen_put_canvas(s, 8, 35, 4, 20, &c); /* over the edges */
		canvas_release(&c);
	}
	scene_release(&scene);
	screen_put_cell(s, 5, 0, &cell);
	screen_put_cell(s, 5, 39, &wide); /* no room: a blank */
	screen_put_cell(s, 6, 0, &hostile);
	screen_put_cell(s, 99, 99, &cell);
	screen_put_cell(s, -1, 0, &cell);
	screen_put_text(s, 7, 0, 8, "a long line", SCENE_PLAIN, MARK_NONE);
	screen_put_cursor(s, 7, 3);
	screen_flush(s);
}

static int body_draw(void)
{
	struct screen *s;

	if (screen_open(THEME_DARK, &s, NULL) < 0)
		return 1;
	draw_something(s);
	screen_close(s);
	return 0;
}

static void test_draws_and_restores(void **state)
{
	struct terminal t;

	(void)state;
	unsetenv("NO_COLOR");
	start(&t, "xterm-256color", body_draw);
	assert_int_equal(finish(&t), 0);
	assert_non_null(strstr(t.out, "◆box"));
	assert_non_null(strstr(t.out, "a long …"));
	assert_non_null(strstr(t.out, "38;5;196")); /* RGB red as one of 256 */
	assert_non_null(strstr(t.out, "\033[?1049l"));
	assert_null(strstr(t.out, "日"));
}

static void test_no_color(void **state)
{
	struct terminal t;

	(void)state;
	setenv("NO_COLOR", "1", 1);
	start(&t, "xterm-256color", body_draw);
	unsetenv("NO_COLOR");
	assert_int_equal(finish(&t), 0);
	assert_non_null(strstr(t.out, "◆box"));
	assert_null(strstr(t.out, "38;5"));
	for (int colour = 0; colour < 8; colour++) {
		char sgr[16];
		snprintf(sgr, sizeof sgr, "\033[3%dm", colour);
		assert_null(strstr(t.out, sgr));
	}
}

static void test_few_colours(void **state)
{
	struct terminal t;

	(void)state;
	start(&t, "xterm", body_draw); /* eight */
	assert_int_equal(finish(&t), 0);
	assert_null(strstr(t.out, "38;5"));
	assert_non_null(strstr(t.out, "\033[31m"));
}

static int body_ascii(void)
{
	setlocale(LC_ALL, "C");
	return body_draw();
}

static void test_ascii(void **state)
{
	struct terminal t;

	(void)state;
	start(&t, "xterm-256color", body_ascii);
	assert_int_equal(finish(&t), 0);
	for (size_t i = 0; i < t.n; i++)
		assert_true((unsigned char)t.out[i] < 128);
	assert_non_null(strstr(t.out, "*box"));
}

static int body_refused(void)
{
	struct screen *s;
	struct error err = {0};

	return screen_open(THEME_DARK, &s, &err) == -EOPNOTSUPP && *err.cause && *err.advice ? 0
	                                                                                     : 1;
}

static void test_refused(void **state)
{
	static const char *const terms[] = {"dumb", "", "no-such-terminal"};
	struct terminal t;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		start(&t, terms[i], body_refused);
		assert_int_equal(finish(&t), 0);
		assert_int_equal(t.n, 0); /* nothing was sent to it */
	}
}

static struct screen *crashing; /* what a program's handler would know */

static void on_crash(int signal)
{
	screen_restore(crashing);
	_exit(64 + signal);
}

static int body_crash(void)
{
	if (screen_open(THEME_DARK, &crashing, NULL) < 0)
		return 1;
	signal(SIGSEGV, on_crash);
	draw_something(crashing);
	raise(SIGSEGV);
	return 2;
}

static void test_crash(void **state)
{
	struct terminal t;

	(void)state;
	start(&t, "xterm-256color", body_crash);
	assert_int_equal(finish(&t), 64 + SIGSEGV);
	assert_non_null(strstr(t.out, "\033[?1049l"));
	assert_non_null(strstr(t.out, "\033[?2004l"));
}

/* Says each key as a line on the screen's row 0 until "q". */
static int body_keys(void)
{
	struct screen *s;
	struct screen_key key;
	char text[40];

	if (screen_open(THEME_DARK, &s, NULL) < 0)
		return 1;
	screen_put_text(s, 0, 0, 30, "ready", SCENE_PLAIN, MARK_NONE);
	screen_flush(s);
	for (;;) {
		struct pollfd p = {STDIN_FILENO, POLLIN, 0};

		poll(&p, 1, DEADLINE);
		while (screen_read_key(s, &key)) {
			if (key.kind == KEY_KIND_CHARACTER && key.character == 'q') {
				screen_close(s);
				return 0;
			}
			snprintf(text, sizeof text, "<%d,%x,%d,%d%d%d>", key.kind,
			        (unsigned)key.character, key.number, key.shift, key.alt,
			        key.control);
			screen_fill(s, 0, 0, 1, 40);
			screen_put_text(s, 0, 0, 30, text, SCENE_PLAIN, MARK_NONE);
			screen_redraw(s);
			screen_flush(s);
		}
	}
}

static void test_keys(void **state)
{
	static const struct {
		const char *bytes;
		enum screen_key_kind kind;
		unsigned character;
		int number;
		const char *modifiers; /* shift, alt, control */
	} keys[] = {
	        {"a", KEY_KIND_CHARACTER, 'a', 0, "000"},
	        {"é", KEY_KIND_CHARACTER, 0xE9, 0, "000"},
	        {"日", KEY_KIND_CHARACTER, 0x65E5, 0, "000"},
	        {"\x03", KEY_KIND_CHARACTER, 3, 0, "000"}, /* Ctrl-C is a key, not a signal */
	        {"\x1a", KEY_KIND_CHARACTER, 26, 0, "000"},
	        {"\r", KEY_KIND_ENTER, '\r', 0, "000"},
	        {"\t", KEY_KIND_TAB, '\t', 0, "000"},
	        {"\x7f", KEY_KIND_BACKSPACE, 0, 0, "000"},
	        {"\033OA", KEY_KIND_UP, 0, 0, "000"},
	        {"\033[1;5C", KEY_KIND_RIGHT, 0, 0, "001"},
	        {"\033[1;2D", KEY_KIND_LEFT, 0, 0, "100"},
	        {"\033[5~", KEY_KIND_PAGE_UP, 0, 0, "000"},
	        {"\033[3~", KEY_KIND_DELETE, 0, 0, "000"},
	        {"\033[Z", KEY_KIND_BACKTAB, 0, 0, "100"},
	        {"\033OQ", KEY_KIND_FUNCTION, 0, 2, "000"},
	        {"\033[24;2~", KEY_KIND_FUNCTION, 0, 12, "100"},
	        {"\033x", KEY_KIND_CHARACTER, 'x', 0, "010"},
	        {"\033", KEY_KIND_ESCAPE, 0, 0, "000"},
	        {"\033[200~", KEY_KIND_PASTE_BEGIN, 0, 0, "000"},
	        {"\033[201~", KEY_KIND_PASTE_END, 0, 0, "000"},
	};
	struct terminal t;
	char expected[64];

	(void)state;
	start(&t, "xterm-256color", body_keys);
	await(&t, "ready");
	assert_non_null(strstr(t.out, "\033[?2004h"));
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		t.n = 0;
		memset(t.out, 0, sizeof t.out);
		snprintf(expected, sizeof expected, "<%d,%x,%d,%s>", keys[i].kind,
		        keys[i].character, keys[i].number, keys[i].modifiers);
		assert_int_equal(write(t.master, keys[i].bytes, strlen(keys[i].bytes)),
		        (ssize_t)strlen(keys[i].bytes));
		await(&t, expected);
	}
	t.n = 0;
	memset(t.out, 0, sizeof t.out);
	assert_int_equal(write(t.master, "q", 1), 1);
	assert_int_equal(finish(&t), 0);
	assert_non_null(strstr(t.out, "\033[?2004l"));
}

static int body_resize(void)
{
	struct winsize size = {.ws_row = 20, .ws_col = 60};
	struct screen *s;
	int rows, columns;

	if (screen_open(THEME_DARK, &s, NULL) < 0)
		return 1;
	screen_size(s, &rows, &columns);
	if (rows != 10 || columns != 40 || screen_resize(s))
		return 2;
	ioctl(STDOUT_FILENO, TIOCSWINSZ, &size);
	if (!screen_resize(s))
		return 3;
	screen_size(s, &rows, &columns);
	if (rows != 20 || columns != 60)
		return 4;
	screen_put_text(s, 19, 50, 10, "corner", SCENE_PLAIN, MARK_NONE);
	if (screen_style(s, SCENE_PLAIN).rgb != theme_style(THEME_DARK, SCENE_PLAIN, MARK_NONE).rgb)
		return 5;
	screen_set_theme(s, THEME_LIGHT); /* text for a light ground is dark */
	if (screen_style(s, SCENE_PLAIN).rgb !=
	        theme_style(THEME_LIGHT, SCENE_PLAIN, MARK_NONE).rgb)
		return 6;
	screen_flush(s);
	screen_close(s);
	return 0;
}

static void test_resize(void **state)
{
	struct terminal t;

	(void)state;
	start(&t, "xterm-256color", body_resize);
	assert_int_equal(finish(&t), 0);
	assert_non_null(strstr(t.out, "corner"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_draws_and_restores),
	        cmocka_unit_test(test_no_color),
	        cmocka_unit_test(test_few_colours),
	        cmocka_unit_test(test_ascii),
	        cmocka_unit_test(test_refused),
	        cmocka_unit_test(test_crash),
	        cmocka_unit_test(test_keys),
	        cmocka_unit_test(test_resize),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
