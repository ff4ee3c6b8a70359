#include "shell/stage/emulator.h"

#include "render/glyph.h"
#include "shell/stage/modes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vterm.h>

/* A wide character must fit into a line, also into one of double width ("ESC # 6"), which has half
 * the columns: libvterm writes beyond its cells else. */
enum { LINES_BACK = 2000, COLUMNS_LEAST = 4 };

struct old_line {
	struct screen_cell *cells;
	int n;
};

/* What a screen shows, taken aside. */
struct snapshot {
	struct screen_cell *cells; /* rows * columns; NULL = none */
	int rows, columns;
	int row, column; /* of the cursor */
};

struct emulator {
	VTerm *vt;
	VTermScreen *screen;
	int rows, columns;
	VTermPos cursor;
	bool bell;
	struct modes modes;      /* private modes that programs have set */
	struct snapshot primary; /* the shell's screen while a full-screen program has another */
	struct old_line old[LINES_BACK]; /* a ring: the newest is old[(first + n_old - 1)] */
	int first, n_old;
	struct buf out;
};

/* ---- cells ---------------------------------------------------------------------------------- */

static void add_utf8(char *text, size_t size, uint32_t c)
{
	size_t n = strlen(text);
	char bytes[5] = "";

	if (c < 0x80) {
		bytes[0] = (char)c;
	} else if (c < 0x800) {
		bytes[0] = (char)(0xc0 | c >> 6);
		bytes[1] = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		bytes[0] = (char)(0xe0 | c >> 12);
		bytes[1] = (char)(0x80 | (c >> 6 & 0x3f));
		bytes[2] = (char)(0x80 | (c & 0x3f));
	} else {
		bytes[0] = (char)(0xf0 | (c >> 18 & 7));
		bytes[1] = (char)(0x80 | (c >> 12 & 0x3f));
		bytes[2] = (char)(0x80 | (c >> 6 & 0x3f));
		bytes[3] = (char)(0x80 | (c & 0x3f));
	}
	if (n + strlen(bytes) < size)
		strcpy(text + n, bytes);
}

static struct screen_color color_from(const VTermColor *c, bool is_default)
{
	struct screen_color out = {.kind = SCREEN_DEFAULT};

	if (is_default)
		return out;
	if (VTERM_COLOR_IS_INDEXED(c)) {
		out.kind = SCREEN_INDEXED;
		out.index = c->indexed.idx;
	} else {
		out.kind = SCREEN_RGB;
		out.r = c->rgb.red;
		out.g = c->rgb.green;
		out.b = c->rgb.blue;
	}
	return out;
}

/* The right half of a wide character is told by chars[0] = -1: a blank for us. */
static void cell_from(const VTermScreenCell *from, struct screen_cell *ret)
{
	*ret = (struct screen_cell){
	        .foreground = color_from(&from->fg, VTERM_COLOR_IS_DEFAULT_FG(&from->fg)),
	        .background = color_from(&from->bg, VTERM_COLOR_IS_DEFAULT_BG(&from->bg)),
	        .bold = from->attrs.bold,
	        .underline = from->attrs.underline != VTERM_UNDERLINE_OFF,
	        .reverse = from->attrs.reverse,
	        .italic = from->attrs.italic,
	        .blink = from->attrs.blink,
	};
	if (from->chars[0] == (uint32_t)-1)
		return;
	for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && from->chars[i]; i++)
		add_utf8(ret->text, sizeof(ret->text), from->chars[i]);
}

static bool cell_is_blank(const struct screen_cell *c)
{
	return (!c->text[0] || !strcmp(c->text, " ")) && c->background.kind == SCREEN_DEFAULT &&
	       !c->reverse && !c->underline;
}

static int used_columns(const struct screen_cell *cells, int n)
{
	while (n && cell_is_blank(&cells[n - 1]))
		n--;
	return n;
}

/* ---- what libvterm tells -------------------------------------------------------------------- */

static int on_move(VTermPos pos, VTermPos old, int visible, void *user)
{
	struct emulator *e = user;

	(void)old;
	(void)visible;
	e->cursor = pos;
	return 1;
}

static int on_bell(void *user)
{
	((struct emulator *)user)->bell = true;
	return 1;
}

static int on_line_gone(int n, const VTermScreenCell *cells, void *user)
{
	struct emulator *e = user;
	struct old_line *slot = &e->old[(e->first + e->n_old) % LINES_BACK];
	struct screen_cell *kept = calloc((size_t)n + 1, sizeof(*kept));

	if (!kept)
		return 0;
	for (int i = 0; i < n; i++)
		cell_from(&cells[i], &kept[i]);
	if (e->n_old == LINES_BACK) {
		free(slot->cells);
		e->first = (e->first + 1) % LINES_BACK;
	} else {
		e->n_old++;
	}
	slot->n = used_columns(kept, n);
	slot->cells = realloc(kept, ((size_t)slot->n + 1) * sizeof(*kept));
	if (!slot->cells)
		slot->cells = kept; /* shrinking failed: the longer one is as good */
	return 1;
}

static void on_output(const char *bytes, size_t n, void *user)
{
	buf_add_bytes(&((struct emulator *)user)->out, bytes, n);
}

static const VTermScreenCallbacks callbacks = {
        .movecursor = on_move,
        .bell = on_bell,
        .sb_pushline = on_line_gone,
};

static VTerm *open_vterm(struct emulator *e, int rows, int columns)
{
	VTerm *vt = vterm_new(rows, columns);

	if (!vt)
		return NULL;
	vterm_set_utf8(vt, 1);
	vterm_output_set_callback(vt, on_output, e);
	e->screen = vterm_obtain_screen(vt);
	vterm_screen_enable_altscreen(e->screen, 1);
	vterm_screen_set_callbacks(e->screen, &callbacks, e);
	vterm_screen_reset(e->screen, 1);
	return vt;
}

/* ---- life ----------------------------------------------------------------------------------- */

int emulator_new(int rows, int columns, struct emulator **ret)
{
	struct emulator *e = calloc(1, sizeof(*e));

	if (!e)
		return -ENOMEM;
	e->rows = rows < 1 ? 1 : rows;
	e->columns = columns < COLUMNS_LEAST ? COLUMNS_LEAST : columns;
	if (!(e->vt = open_vterm(e, e->rows, e->columns))) {
		free(e);
		return -ENOMEM;
	}
	*ret = e;
	return 0;
}

void emulator_free(struct emulator *e)
{
	if (!e)
		return;
	vterm_free(e->vt);
	for (int i = 0; i < LINES_BACK; i++)
		free(e->old[i].cells);
	free(e->primary.cells);
	buf_release(&e->out);
	free(e);
}

/* ---- snapshots and the change of size ------------------------------------------------------- */

static int snapshot_take(const struct emulator *e, struct snapshot *ret)
{
	struct screen_cell *cells = calloc((size_t)e->rows * (size_t)e->columns, sizeof(*cells));

	if (!cells)
		return -ENOMEM;
	for (int y = 0; y < e->rows; y++)
		for (int x = 0; x < e->columns; x++)
			emulator_cell(e, y, x, 0, &cells[y * e->columns + x]);
	free(ret->cells);
	*ret = (struct snapshot){cells, e->rows, e->columns, e->cursor.row, e->cursor.col};
	return 0;
}

static void paint_color(const struct screen_color *c, int base, struct buf *out)
{
	if (c->kind == SCREEN_INDEXED)
		buf_addf(out, ";%d;5;%d", base + 8, c->index);
	else if (c->kind == SCREEN_RGB)
		buf_addf(out, ";%d;2;%d;%d;%d", base + 8, c->r, c->g, c->b);
}

static void paint_cell(const struct screen_cell *c, struct buf *out)
{
	buf_addf(out, "\033[0%s%s%s%s%s", c->bold ? ";1" : "", c->italic ? ";3" : "",
	        c->underline ? ";4" : "", c->blink ? ";5" : "", c->reverse ? ";7" : "");
	paint_color(&c->foreground, 30, out);
	paint_color(&c->background, 40, out);
	buf_addf(out, "m%s", c->text[0] ? c->text : " ");
}

static bool is_right_half(const struct snapshot *s, int y, int x)
{
	const struct screen_cell *left = x ? &s->cells[y * s->columns + x - 1] : NULL;

	return left && !s->cells[y * s->columns + x].text[0] && text_width(left->text) == 2;
}

/* The lines down to the last one in use or the cursor's, as a program would have written them: what
 * no longer fits goes up and out. */
static void snapshot_paint(const struct snapshot *s, struct buf *out)
{
	int last = s->row;

	for (int y = s->rows - 1; y > last; y--)
		if (used_columns(s->cells + (ptrdiff_t)y * s->columns, s->columns))
			last = y;
	for (int y = 0; y <= last; y++) {
		int n = used_columns(s->cells + (ptrdiff_t)y * s->columns, s->columns);

		buf_add(out, y ? "\033[0m\r\n" : "\033[H");
		for (int x = 0; x < n; x++)
			if (!is_right_half(s, y, x))
				paint_cell(&s->cells[y * s->columns + x], out);
	}
	buf_add(out, "\033[0m\r");
	if (last > s->row)
		buf_addf(out, "\033[%dA", last - s->row);
	if (s->column)
		buf_addf(out, "\033[%dC", s->column);
}

/* A full-screen program paints anew when its window changes: its screen needs no repaint but its
 * modes, and under it lies what the shell had shown. */
int emulator_resize(struct emulator *e, int rows, int columns)
{
	bool full = modes_full_screen(&e->modes);
	struct snapshot now = {0};
	struct buf paint = BUF_INIT;
	VTerm *old = e->vt, *fresh;

	rows = rows < 1 ? 1 : rows;
	columns = columns < COLUMNS_LEAST ? COLUMNS_LEAST : columns;
	if (rows == e->rows && columns == e->columns)
		return 0;
	if (!full && snapshot_take(e, &now) < 0)
		return -ENOMEM;
	if (full && e->primary.cells)
		snapshot_paint(&e->primary, &paint);
	else if (now.cells)
		snapshot_paint(&now, &paint);
	modes_replay(&e->modes, &paint);
	free(now.cells);
	if (buf_failed(&paint) || !(fresh = open_vterm(e, rows, columns))) {
		e->screen = vterm_obtain_screen(old);
		buf_release(&paint);
		return -ENOMEM;
	}
	e->vt = fresh;
	e->rows = rows;
	e->columns = columns;
	vterm_input_write(fresh, paint.data, paint.len);
	vterm_free(old);
	buf_release(&paint);
	return 0;
}

/* ---- bytes in ------------------------------------------------------------------------------- */

/* The moment before a program switches to its own screen is the last one in which the shell's can
 * be read: writes are cut there. */
void emulator_write(struct emulator *e, const char *bytes, size_t n)
{
	size_t from = 0;

	for (size_t i = 0; i < n; i++) {
		bool was_full = modes_full_screen(&e->modes);

		modes_feed(&e->modes, bytes[i]);
		if (!was_full && modes_full_screen(&e->modes)) {
			/* Of the sequence all but this last letter may go in: it acts with it. */
			vterm_input_write(e->vt, bytes + from, i - from);
			vterm_screen_flush_damage(e->screen);
			from = i;
			if (snapshot_take(e, &e->primary) < 0)
				e->bell = true; /* out of memory: the shell's screen is lost */
		}
	}
	vterm_input_write(e->vt, bytes + from, n - from);
	vterm_screen_flush_damage(e->screen);
}

/* ---- keys ----------------------------------------------------------------------------------- */

static VTermKey key_code(const struct screen_key *key)
{
	static const VTermKey codes[] = {
	        [KEY_KIND_ENTER] = VTERM_KEY_ENTER,
	        [KEY_KIND_TAB] = VTERM_KEY_TAB,
	        [KEY_KIND_BACKSPACE] = VTERM_KEY_BACKSPACE,
	        [KEY_KIND_ESCAPE] = VTERM_KEY_ESCAPE,
	        [KEY_KIND_UP] = VTERM_KEY_UP,
	        [KEY_KIND_DOWN] = VTERM_KEY_DOWN,
	        [KEY_KIND_LEFT] = VTERM_KEY_LEFT,
	        [KEY_KIND_RIGHT] = VTERM_KEY_RIGHT,
	        [KEY_KIND_HOME] = VTERM_KEY_HOME,
	        [KEY_KIND_END] = VTERM_KEY_END,
	        [KEY_KIND_INSERT] = VTERM_KEY_INS,
	        [KEY_KIND_DELETE] = VTERM_KEY_DEL,
	        [KEY_KIND_PAGE_UP] = VTERM_KEY_PAGEUP,
	        [KEY_KIND_PAGE_DOWN] = VTERM_KEY_PAGEDOWN,
	        [KEY_KIND_RESIZE] = VTERM_KEY_NONE,
	        [KEY_KIND_PASTE_BEGIN] = VTERM_KEY_NONE,
	        [KEY_KIND_PASTE_END] = VTERM_KEY_NONE,
	        [KEY_KIND_MOUSE] = VTERM_KEY_NONE,
	};

	if (key->kind == KEY_KIND_FUNCTION)
		return (VTermKey)VTERM_KEY_FUNCTION(key->number);
	return codes[key->kind];
}

/* Control characters go as they are: libvterm would write Ctrl-I, Ctrl-M and their like in a way
 * that few programs read. */
void emulator_key(struct emulator *e, const struct screen_key *key)
{
	VTermModifier mod = VTERM_MOD_NONE;
	char text[8] = "";

	switch (key->kind) {
	case KEY_KIND_CHARACTER:
		if (key->alt)
			buf_addc(&e->out, '\033');
		if (key->character) {
			add_utf8(text, sizeof(text), key->character);
			buf_add(&e->out, text);
		} else {
			buf_addc(&e->out, '\0');
		}
		return;
	case KEY_KIND_BACKTAB:
		buf_add(&e->out, "\033[Z");
		return;
	case KEY_KIND_ENTER:
	case KEY_KIND_TAB:
	case KEY_KIND_BACKSPACE:
	case KEY_KIND_ESCAPE:
		if (key->alt)
			buf_addc(&e->out, '\033');
		break;
	default:
		if (key->shift)
			mod |= VTERM_MOD_SHIFT;
		if (key->alt)
			mod |= VTERM_MOD_ALT;
		if (key->control)
			mod |= VTERM_MOD_CTRL;
		break;
	}
	if (key_code(key) != VTERM_KEY_NONE)
		vterm_keyboard_key(e->vt, key_code(key), mod);
}

void emulator_paste(struct emulator *e, bool begins)
{
	if (begins)
		vterm_keyboard_start_paste(e->vt);
	else
		vterm_keyboard_end_paste(e->vt);
}

bool emulator_wants_mouse(const struct emulator *e)
{
	return modes_mouse(&e->modes);
}

/* Pressed and let go at the same place: we are not told where it is let go. */
void emulator_mouse(struct emulator *e, int row, int column, int button)
{
	if (!emulator_wants_mouse(e))
		return; /* libvterm tells whoever is there */
	vterm_mouse_move(e->vt, row, column, VTERM_MOD_NONE);
	vterm_mouse_button(e->vt, button, true, VTERM_MOD_NONE);
	if (button < 4) /* the wheel is never let go */
		vterm_mouse_button(e->vt, button, false, VTERM_MOD_NONE);
}

struct buf *emulator_output(struct emulator *e)
{
	return &e->out;
}

/* ---- what is shown -------------------------------------------------------------------------- */

void emulator_cell(const struct emulator *e, int row, int column, int back, struct screen_cell *ret)
{
	VTermScreenCell cell;
	const struct old_line *line;

	*ret = (struct screen_cell){0};
	row -= back;
	if (row >= 0) {
		if (row < e->rows && column >= 0 && column < e->columns &&
		        vterm_screen_get_cell(e->screen, (VTermPos){row, column}, &cell))
			cell_from(&cell, ret);
		return;
	}
	if (-row > e->n_old)
		return;
	line = &e->old[(e->first + e->n_old + row) % LINES_BACK];
	if (column >= 0 && column < line->n)
		*ret = line->cells[column];
}

bool emulator_cursor(const struct emulator *e, int *row, int *column)
{
	*row = e->cursor.row;
	*column = e->cursor.col;
	return modes_cursor_visible(&e->modes);
}

int emulator_lines_back(const struct emulator *e)
{
	return modes_full_screen(&e->modes) ? 0 : e->n_old;
}

bool emulator_bell(struct emulator *e)
{
	bool rang = e->bell;

	e->bell = false;
	return rang;
}
