/* The terminal: cells, colours, cursor and keys, through curses. The only room that knows curses.
 *
 * The locale is the program's (setlocale in main). Colours are left out when the terminal has none
 * or when NO_COLOR is set and not empty; lines become ASCII where the locale has no UTF-8. Rows and
 * columns count from 0 at the upper left; what lies outside the screen is cut, never an error. */
#pragma once

#include "kernel/base/error.h"
#include "render/canvas.h"
#include "render/theme.h"

struct screen;

/* Takes over the terminal on stdin and stdout. -ENOTTY when they are no terminal, -EOPNOTSUPP when
 * TERM names one that cannot place a cursor (dumb, unknown). One screen at a time. */
int screen_open(enum theme theme, struct screen **ret, struct error *err);
/* Restores the terminal and frees; NULL is fine. */
void screen_close(struct screen *s);
/* Restores the terminal with nothing but write(2) and tcsetattr(3), so that a handler of a fatal
 * signal may call it (signal-safety(7)). Does not free; call nothing of `s` afterwards. */
void screen_restore(const struct screen *s);

void screen_size(const struct screen *s, int *ret_rows, int *ret_columns);
/* Asks the terminal for its size anew (after SIGWINCH) and clears. True when it changed. */
bool screen_resize(struct screen *s);
bool screen_is_ascii(const struct screen *s);
/* Asks the terminal for the mouse: KEY_KIND_MOUSE, where it has one; or no more. While it is asked
 * for, selecting text takes the terminal's own key for it (mostly Shift). */
void screen_mouse(struct screen *s, bool on);
void screen_set_theme(struct screen *s, enum theme theme);

/* Drawing goes to memory; screen_flush() sends what differs from what the terminal shows. */
void screen_clear(struct screen *s); /* all blank, the terminal itself is not touched */
void screen_fill(struct screen *s, int y, int x, int height, int width); /* blanks a rectangle */
/* The upper left part of the canvas, cut to height x width. */
void screen_put_canvas(
        struct screen *s, int y, int x, int height, int width, const struct canvas *c);
/* One line of clean text (render/glyph.h), cut to `width` with an ellipsis. Returns cells used. */
int screen_put_text(struct screen *s, int y, int x, int width, const char *text,
        enum scene_role role, enum scene_mark mark);
/* What a role looks like here: the theme's colours, or weight alone where there are none. */
struct style screen_style(const struct screen *s, enum scene_role role);
/* The same with a look of the caller's: bars, headings, links. */
int screen_put_styled(
        struct screen *s, int y, int x, int width, const char *text, const struct style *style);

/* A colour of a terminal emulator's cell. */
struct screen_color {
	enum { SCREEN_DEFAULT, SCREEN_INDEXED, SCREEN_RGB } kind;
	uint8_t index;   /* 0-255 */
	uint8_t r, g, b; /* reduced to what the terminal has */
};

struct screen_cell {
	char text[24]; /* one grapheme, UTF-8; "" = blank */
	struct screen_color foreground, background;
	bool bold, underline, reverse, italic, dim, blink;
};

/* One cell as it is (control characters become blanks). A wide one takes two columns and is blank
 * where only one is left. */
void screen_put_cell(struct screen *s, int y, int x, const struct screen_cell *cell);

void screen_put_cursor(struct screen *s, int y, int x); /* shown there after the next flush */
void screen_hide_cursor(struct screen *s);
void screen_flush(struct screen *s);
void screen_redraw(struct screen *s); /* the next flush sends everything (Ctrl-L) */
void screen_bell(struct screen *s);

enum screen_key_kind {
	KEY_KIND_CHARACTER, /* `character`; Ctrl-A is 1 and so on */
	KEY_KIND_ENTER,
	KEY_KIND_TAB,
	KEY_KIND_BACKTAB,
	KEY_KIND_BACKSPACE,
	KEY_KIND_ESCAPE,
	KEY_KIND_UP,
	KEY_KIND_DOWN,
	KEY_KIND_LEFT,
	KEY_KIND_RIGHT,
	KEY_KIND_HOME,
	KEY_KIND_END,
	KEY_KIND_INSERT,
	KEY_KIND_DELETE,
	KEY_KIND_PAGE_UP,
	KEY_KIND_PAGE_DOWN,
	KEY_KIND_FUNCTION, /* `number` = 1 to 12 */
	KEY_KIND_RESIZE,
	KEY_KIND_PASTE_BEGIN, /* what follows is pasted, not typed, until … */
	KEY_KIND_PASTE_END,
	KEY_KIND_MOUSE, /* at `row`, `column`; `number` = 1 pressed, 4 wheel up, 5 wheel down */
};

struct screen_key {
	enum screen_key_kind kind;
	uint32_t character; /* code point */
	int number;
	int row, column;          /* of the mouse */
	bool shift, alt, control; /* of named keys; `alt` of characters too */
};

/* The next key, never waiting (poll stdin for that). False when there is none. */
bool screen_read_key(struct screen *s, struct screen_key *ret);
