/* Why curses at all: it knows the terminal, sends only what changed, and decodes keys. Drawing is
 * kept in its standard window; a pad of one cell reads the keys, since reading from a window would
 * send that window first, curs_getch(3X). */
#define NCURSES_WIDECHAR 1
#include "render/screen.h"

#include "render/glyph.h"
#include "render/palette.h"
#include "render/screen_look.h"
#include "render/terminfo.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

/* Codes of our own for define_key(3X), above all that curses gives out. */
enum { CODE_PASTE_BEGIN = 0x4000, CODE_PASTE_END };

struct screen {
	SCREEN *terminal;
	WINDOW *keys;
	struct screen_look look;
	int rows, columns;
	bool cursor_shown;
	int cursor_y, cursor_x;
	struct termios saved;   /* as found */
	char restore_text[256]; /* what brings the terminal back, for screen_restore() */
};

static void start_colours(struct screen *s)
{
	const char *no_color = getenv("NO_COLOR"); /* https://no-color.org */

	s->look.colours = 0;
	if ((no_color && *no_color) || !has_colors() || start_color() != OK ||
	        use_default_colors() != OK)
		return;
	s->look.colours = COLORS >= 256 ? 256 : COLORS >= 16 ? 16 : COLORS >= 8 ? 8 : 0;
}

/* What curses has no word for. It keeps a buffer of its own beside that of stdout. */
static void tell(const char *sequence)
{
	fputs(sequence, stdout);
	fflush(stdout);
}

int screen_open(enum theme theme, struct screen **ret, struct error *err)
{
	struct screen *s;
	int r = terminfo_check(err);

	if (r < 0)
		return r;
	s = calloc(1, sizeof *s);
	if (!s)
		return error_set(err, ENOMEM, "open terminal", "screen", NULL);
	s->look.theme = theme;
	s->look.ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	if (tcgetattr(STDIN_FILENO, &s->saved) == 0)
		s->terminal = newterm(NULL, stdout, stdin);
	if (s->terminal)
		s->keys = newpad(1, 1);
	if (!s->keys) {
		screen_close(s);
		return error_set(
		        err, EIO, "open terminal", getenv("TERM"), "curses could not be started");
	}
	terminfo_restore_text(s->restore_text, sizeof s->restore_text);
	raw();
	noecho();
	nonl();
	set_escdelay(25);
	keypad(s->keys, TRUE);
	nodelay(s->keys, TRUE);
	leaveok(stdscr, FALSE);
	define_key(TERMINFO_PASTE_BEGINS, CODE_PASTE_BEGIN);
	define_key(TERMINFO_PASTE_ENDS, CODE_PASTE_END);
	tell(TERMINFO_PASTE_ON);
	start_colours(s);
	getmaxyx(stdscr, s->rows, s->columns);
	screen_hide_cursor(s);
	*ret = s;
	return 0;
}

void screen_close(struct screen *s)
{
	if (!s)
		return;
	if (s->keys)
		delwin(s->keys);
	if (s->terminal) {
		curs_set(1);
		mousemask(0, NULL);
		tell(TERMINFO_PASTE_OFF);
		endwin();
		delscreen(s->terminal);
		tcsetattr(STDIN_FILENO, TCSADRAIN, &s->saved);
	}
	free(s);
}

void screen_restore(const struct screen *s)
{
	const char *text = s->restore_text;
	size_t left = strlen(text); /* safe in a handler: signal-safety(7) */

	while (left) {
		ssize_t n = write(STDOUT_FILENO, text, left);
		if (n <= 0)
			break;
		text += n;
		left -= (size_t)n;
	}
	tcsetattr(STDIN_FILENO, TCSANOW, &s->saved);
}

void screen_size(const struct screen *s, int *ret_rows, int *ret_columns)
{
	*ret_rows = s->rows;
	*ret_columns = s->columns;
}

bool screen_resize(struct screen *s)
{
	struct winsize size;
	bool changed;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col)
		resize_term(size.ws_row, size.ws_col); /* resizeterm() would send a key anew */
	changed = s->rows != LINES || s->columns != COLS;
	s->rows = LINES;
	s->columns = COLS;
	if (changed) {
		erase();
		clearok(stdscr, TRUE);
	}
	return changed;
}

const struct screen_look *screen_look(const struct screen *s)
{
	return &s->look;
}

bool screen_is_ascii(const struct screen *s)
{
	return s->look.ascii;
}

void screen_mouse(struct screen *s, bool on)
{
	(void)s;
	mousemask(on ? BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED : 0, NULL);
	mouseinterval(0); /* no waiting for a click to become a double one */
}

void screen_set_theme(struct screen *s, enum theme theme)
{
	s->look.theme = theme;
}

void screen_clear(struct screen *s)
{
	(void)s;
	erase();
}

/* The number that this terminal has for a colour, -1 for its own. *bold is set where a bright
 * colour needs it (terminals of 8 colours). */
static int colour_number(const struct screen *s, const struct screen_color *c, bool *bold)
{
	int n;

	if (c->kind == SCREEN_DEFAULT || !s->look.colours)
		return -1;
	if (c->kind == SCREEN_RGB)
		n = palette_nearest(c->r, c->g, c->b);
	else
		n = c->index;
	if (s->look.colours < 256 && n >= 16)
		n = palette_reduce(n);
	if (s->look.colours == 8 && n >= 8) {
		*bold = true;
		n -= 8;
	}
	return n;
}

/* One grapheme as curses wants it. */
static void wide_text(const struct screen *s, const char *text, wchar_t out[CCHARW_MAX + 1])
{
	size_t n = 0;
	uint32_t code;

	while (*text && n < CCHARW_MAX) {
		text += glyph_decode(text, &code);
		if (code < 0x20 || (code >= 0x7F && code < 0xA0))
			code = ' ';
		if (s->look.ascii && code >= 0x80)
			code = (uint32_t)glyph_ascii(code);
		if (n == 0 && wcwidth((wchar_t)code) <= 0)
			code = '?'; /* unknown to this libc: curses would refuse it */
		if (n > 0 && (s->look.ascii || wcwidth((wchar_t)code) != 0))
			break;
		out[n++] = (wchar_t)code;
	}
	if (!n)
		out[n++] = L' ';
	out[n] = L'\0';
}

void screen_put_cell(struct screen *s, int y, int x, const struct screen_cell *cell)
{
	wchar_t text[CCHARW_MAX + 1];
	bool bold = cell->bold, background_bold = false;
	attr_t attributes = A_NORMAL;
	cchar_t c;
	int foreground, background, pair = 0;

	if (y < 0 || x < 0 || y >= s->rows || x >= s->columns)
		return;
	foreground = colour_number(s, &cell->foreground, &bold);
	background = colour_number(s, &cell->background, &background_bold);
	/* On a projector nobody knows what the terminal's own colours become: white on black. */
	if (s->look.colours && s->look.theme == THEME_LARGE) {
		foreground = foreground < 0 ? COLOR_WHITE : foreground;
		background = background < 0 ? COLOR_BLACK : background;
	}
	if (s->look.colours && (foreground >= 0 || background >= 0))
		pair = alloc_pair(foreground, background);
	attributes |= bold ? A_BOLD : 0;
	attributes |= cell->underline ? A_UNDERLINE : 0;
	attributes |= cell->reverse ? A_REVERSE : 0;
	attributes |= cell->italic ? A_ITALIC : 0;
	attributes |= cell->dim ? A_DIM : 0;
	attributes |= cell->blink ? A_BLINK : 0;
	wide_text(s, cell->text, text);
	if (x + 1 == s->columns && wcwidth(text[0]) == 2)
		wcscpy(text, L" ");
	if (pair < 0)
		pair = 0; /* the terminal has no pair left: its own colours */
	if (setcchar(&c, text, attributes, 0, &pair) == OK)
		mvadd_wch(y, x, &c);
}

void screen_fill(struct screen *s, int y, int x, int height, int width)
{
	const struct screen_cell blank = {.text = " "};

	for (int row = y < 0 ? 0 : y; row < y + height && row < s->rows; row++)
		for (int column = x < 0 ? 0 : x; column < x + width && column < s->columns;
		        column++)
			screen_put_cell(s, row, column, &blank);
}

void screen_put_cursor(struct screen *s, int y, int x)
{
	if (y < 0 || x < 0 || y >= s->rows || x >= s->columns) {
		screen_hide_cursor(s);
		return;
	}
	s->cursor_y = y;
	s->cursor_x = x;
	if (!s->cursor_shown)
		curs_set(1);
	s->cursor_shown = true;
}

void screen_hide_cursor(struct screen *s)
{
	curs_set(0);
	s->cursor_shown = false;
}

void screen_flush(struct screen *s)
{
	if (s->cursor_shown)
		move(s->cursor_y, s->cursor_x);
	refresh();
}

void screen_redraw(struct screen *s)
{
	(void)s;
	clearok(stdscr, TRUE);
}

void screen_bell(struct screen *s)
{
	(void)s;
	beep();
}

struct named_key {
	int code;             /* of curses, 0 = none */
	const char *extended; /* of xterm's terminfo, before the number of the modifier */
	enum screen_key_kind kind;
	bool shift;
};

static const struct named_key named_keys[] = {
        {KEY_UP, "kUP", KEY_KIND_UP, false},
        {KEY_DOWN, "kDN", KEY_KIND_DOWN, false},
        {KEY_LEFT, "kLFT", KEY_KIND_LEFT, false},
        {KEY_RIGHT, "kRIT", KEY_KIND_RIGHT, false},
        {KEY_HOME, "kHOM", KEY_KIND_HOME, false},
        {KEY_END, "kEND", KEY_KIND_END, false},
        {KEY_IC, "kIC", KEY_KIND_INSERT, false},
        {KEY_DC, "kDC", KEY_KIND_DELETE, false},
        {KEY_PPAGE, "kPRV", KEY_KIND_PAGE_UP, false},
        {KEY_NPAGE, "kNXT", KEY_KIND_PAGE_DOWN, false},
        {KEY_SR, NULL, KEY_KIND_UP, true},
        {KEY_SF, NULL, KEY_KIND_DOWN, true},
        {KEY_SLEFT, NULL, KEY_KIND_LEFT, true},
        {KEY_SRIGHT, NULL, KEY_KIND_RIGHT, true},
        {KEY_SHOME, NULL, KEY_KIND_HOME, true},
        {KEY_SEND, NULL, KEY_KIND_END, true},
        {KEY_SIC, NULL, KEY_KIND_INSERT, true},
        {KEY_SDC, NULL, KEY_KIND_DELETE, true},
        {KEY_SPREVIOUS, NULL, KEY_KIND_PAGE_UP, true},
        {KEY_SNEXT, NULL, KEY_KIND_PAGE_DOWN, true},
        {KEY_BTAB, NULL, KEY_KIND_BACKTAB, true},
        {KEY_ENTER, NULL, KEY_KIND_ENTER, false},
        {KEY_BACKSPACE, NULL, KEY_KIND_BACKSPACE, false},
        {KEY_RESIZE, NULL, KEY_KIND_RESIZE, false},
        {CODE_PASTE_BEGIN, NULL, KEY_KIND_PASTE_BEGIN, false},
        {CODE_PASTE_END, NULL, KEY_KIND_PASTE_END, false},
};

/* Modifiers are one less than the number, as bits: 1 shift, 2 alt, 4 control (xterm, PC-style
 * function keys). */
static void set_modifiers(struct screen_key *key, int bits)
{
	key->shift = bits & 1;
	key->alt = bits & 2;
	key->control = bits & 4;
}

/* False for what nobody asked for: a release, a button without a meaning. */
static bool decode_mouse(struct screen_key *key)
{
	MEVENT event;

	if (getmouse(&event) != OK)
		return false;
	key->kind = KEY_KIND_MOUSE;
	key->row = event.y;
	key->column = event.x;
	key->number = event.bstate & BUTTON1_PRESSED   ? 1
	              : event.bstate & BUTTON4_PRESSED ? 4
	              : event.bstate & BUTTON5_PRESSED ? 5
	                                               : 0;
	return key->number != 0;
}

static bool decode_named(int code, struct screen_key *key)
{
	const char *name;

	for (size_t i = 0; i < sizeof named_keys / sizeof *named_keys; i++) {
		if (named_keys[i].code == code) {
			key->kind = named_keys[i].kind;
			key->shift = named_keys[i].shift;
			return true;
		}
	}
	if (code == KEY_MOUSE)
		return decode_mouse(key);
	if (code > KEY_F0 && code <= KEY_F0 + 60) {
		/* xterm numbers F1 with shift, control, both, alt as F13, F25, F37, F49 */
		static const int bits[] = {0, 1, 4, 5, 2};
		key->kind = KEY_KIND_FUNCTION;
		key->number = (code - KEY_F0 - 1) % 12 + 1;
		set_modifiers(key, bits[(code - KEY_F0 - 1) / 12]);
		return true;
	}
	name = keyname(code);
	for (size_t i = 0; name && i < sizeof named_keys / sizeof *named_keys; i++) {
		const char *prefix = named_keys[i].extended;
		size_t n = prefix ? strlen(prefix) : 0;
		if (n && !strncmp(name, prefix, n) && name[n] >= '2' && name[n] <= '8' &&
		        !name[n + 1]) {
			key->kind = named_keys[i].kind;
			set_modifiers(key, name[n] - '1');
			return true;
		}
	}
	return false;
}

static void decode_character(wint_t code, struct screen_key *key)
{
	key->character = (uint32_t)code;
	key->kind = code == '\r' || code == '\n' ? KEY_KIND_ENTER
	            : code == '\t'               ? KEY_KIND_TAB
	            : code == 0x7F               ? KEY_KIND_BACKSPACE
	                                         : KEY_KIND_CHARACTER;
}

bool screen_read_key(struct screen *s, struct screen_key *ret)
{
	wint_t code;
	int r = wget_wch(s->keys, &code);

	*ret = (struct screen_key){0};
	while (r == KEY_CODE_YES && !decode_named((int)code, ret))
		r = wget_wch(s->keys, &code); /* a key that nobody asked for: the next one */
	if (r == ERR)
		return false;
	if (r == KEY_CODE_YES)
		return true;
	if (code != 27) {
		decode_character(code, ret);
		return true;
	}
	/* Alt sends an escape before the character; a person is never that quick. */
	r = wget_wch(s->keys, &code);
	if (r == KEY_CODE_YES && decode_named((int)code, ret)) {
		ret->alt = true;
	} else if (r == OK && code != 27) {
		decode_character(code, ret);
		ret->alt = true;
	} else {
		ret->kind = KEY_KIND_ESCAPE;
		if (r == OK)
			unget_wch((wchar_t)code);
	}
	return true;
}
