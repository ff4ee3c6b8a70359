/* What keys do. */
#include "render/glyph.h"
#include "shell/contents/browser_state.h"
#include "shell/scroll_keys.h"

#include <stdio.h>
#include <string.h>

enum { CONTROL = '@', WHEEL_LINES = 3 };

/* ---- lists ---- */

static void keep_inside(struct browser_list *l)
{
	size_t height = l->height > 0 ? (size_t)l->height : 1;

	if (l->cursor >= l->n)
		l->cursor = l->n ? l->n - 1 : 0;
	if (l->cursor < l->top)
		l->top = l->cursor;
	if (l->cursor >= l->top + height)
		l->top = l->cursor - height + 1;
	if (l->n <= height)
		l->top = 0;
	else if (l->top > l->n - height)
		l->top = l->n - height;
}

static void move(struct browser_list *l, long lines)
{
	if (lines < 0 && (size_t)-lines > l->cursor)
		l->cursor = 0;
	else
		l->cursor = (size_t)((long)l->cursor + lines);
	keep_inside(l);
}

/* What lies over has no cursor: its first line moves. */
static void scroll(struct browser_list *l, long lines)
{
	size_t most = l->n > (size_t)l->height ? l->n - (size_t)l->height : 0;

	if (lines < 0 && (size_t)-lines > l->top)
		l->top = 0;
	else
		l->top = (size_t)((long)l->top + lines);
	if (l->top > most)
		l->top = most;
}

/* ---- the view ---- */

void browser_refresh(struct browser *b)
{
	uint32_t node =
	        b->files.cursor < b->rows.n ? b->rows.rows[b->files.cursor].node : FILE_NONE;

	b->view.layer = (uint32_t)b->layers.cursor;
	if (file_view_rows(&b->contents->files, &b->view, &b->rows) < 0) {
		snprintf(b->note, sizeof b->note, "There is no memory left for this list.");
		b->rows.n = 0;
	}
	b->files.n = b->rows.n;
	for (size_t i = 0; node != FILE_NONE && i < b->rows.n; i++)
		if (b->rows.rows[i].node == node) {
			b->files.cursor = i;
			break;
		}
	keep_inside(&b->files);
}

static void choose_layer(struct browser *b, long lines)
{
	move(&b->layers, lines);
	browser_refresh(b);
}

static struct file_row *current(struct browser *b)
{
	return b->files.cursor < b->rows.n ? &b->rows.rows[b->files.cursor] : NULL;
}

static void set_closed(struct browser *b, uint32_t node, bool closed)
{
	b->closed[node] = closed;
	browser_refresh(b);
}

static void close_all(struct browser *b, bool closed)
{
	const struct file_tree *t = &b->contents->files;

	for (uint32_t i = 0; i < t->n_nodes; i++)
		b->closed[i] = closed && t->nodes[i].child != FILE_NONE;
	browser_refresh(b);
}

/* To the directory that the line is in; an open directory is closed first. */
static void go_left(struct browser *b)
{
	const struct file_row *row = current(b);
	uint32_t parent;

	if (!row)
		return;
	if (row->below && !row->closed) {
		set_closed(b, row->node, true);
		return;
	}
	parent = b->contents->files.nodes[row->node].parent;
	for (size_t i = b->files.cursor; i-- > 0;)
		if (b->rows.rows[i].node == parent) {
			b->files.cursor = i;
			break;
		}
	keep_inside(&b->files);
}

static void go_right(struct browser *b)
{
	const struct file_row *row = current(b);

	if (row && row->closed)
		set_closed(b, row->node, false);
	else if (row && row->below)
		move(&b->files, 1);
}

static void open_over(struct browser *b, enum browser_over what)
{
	b->over_what = what;
	b->over = (struct browser_list){.height = b->over.height};
	b->over.n = browser_over_lines(b);
}

static void enter(struct browser *b)
{
	const struct file_row *row = current(b);

	if (b->focus == FOCUS_LAYERS) {
		b->focus = FOCUS_FILES;
	} else if (row && row->below) {
		set_closed(b, row->node, !row->closed);
	} else if (row) {
		b->over_node = row->node;
		open_over(b, OVER_FILE);
	}
}

static void toggle_kind(struct browser *b, enum file_kind kind)
{
	b->view.kinds ^= 1u << kind;
	browser_refresh(b);
	if (!b->view.kinds)
		snprintf(b->note, sizeof b->note, "Nothing is left to show: 1 2 3 4 choose.");
}

/* ---- typing a name ---- */

static void type(struct browser *b, const struct screen_key *key)
{
	size_t n = strlen(b->view.name);
	char utf8[5];
	size_t more;

	switch (key->kind) {
	case KEY_KIND_ENTER:
		b->typing = false;
		return;
	case KEY_KIND_ESCAPE:
		b->typing = false;
		b->view.name[0] = '\0';
		break;
	case KEY_KIND_BACKSPACE:
		while (n && ((unsigned char)b->view.name[n - 1] & 0xC0) == 0x80)
			n--; /* the rest of one character */
		b->view.name[n ? n - 1 : 0] = '\0';
		break;
	case KEY_KIND_CHARACTER:
		if (key->character == 'C' - CONTROL || key->character == 'U' - CONTROL) {
			b->typing = key->character == 'U' - CONTROL;
			b->view.name[0] = '\0';
			break;
		}
		more = key->character < ' ' ? 0 : glyph_encode(key->character, utf8);
		if (!more || key->alt || n + more >= sizeof b->view.name)
			return;
		memcpy(b->view.name + n, utf8, more + 1);
		break;
	default:
		return;
	}
	browser_refresh(b);
}

/* ---- the mouse ---- */

static bool is_in(const struct browser_area *a, const struct screen_key *key)
{
	return a->height > 2 && key->row > a->y && key->row < a->y + a->height - 1 &&
	       key->column >= a->x && key->column < a->x + a->width;
}

static void click(struct browser *b, const struct screen_key *key)
{
	if (is_in(&b->left, key)) {
		size_t i = b->layers.top + (size_t)(key->row - b->left.y - 1);
		b->focus = FOCUS_LAYERS;
		if (i < b->layers.n) {
			b->layers.cursor = i;
			choose_layer(b, 0);
		}
	} else if (is_in(&b->right, key)) {
		size_t i = b->files.top + (size_t)(key->row - b->right.y - 1);
		bool again = b->focus == FOCUS_FILES && i == b->files.cursor;
		b->focus = FOCUS_FILES;
		if (i < b->files.n)
			b->files.cursor = i;
		if (again)
			enter(b);
	}
}

static void take_mouse(struct browser *b, const struct screen_key *key)
{
	long lines = key->number == 4 ? -WHEEL_LINES : key->number == 5 ? WHEEL_LINES : 0;

	if (b->over_what && lines)
		scroll(&b->over, lines);
	else if (b->over_what)
		b->over_what = OVER_NOTHING;
	else if (!lines)
		click(b, key);
	else if (is_in(&b->left, key))
		choose_layer(b, lines < 0 ? -1 : 1);
	else
		move(&b->files, lines);
}

/* ---- all keys ---- */

/* Esc takes away one thing after the other. */
static void escape(struct browser *b)
{
	if (b->view.name[0]) {
		b->view.name[0] = '\0';
		browser_refresh(b);
	} else {
		snprintf(b->note, sizeof b->note, "q ends it.");
	}
}

static void character(struct browser *b, uint32_t c)
{
	const struct file_row *row;

	switch (c) {
	case 'q':
	case 'C' - CONTROL:
		b->ended = true;
		break;
	case 'h':
		go_left(b);
		break;
	case 'l':
		go_right(b);
		break;
	case ' ':
		enter(b);
		break;
	case '[':
	case ']':
		choose_layer(b, c == '[' ? -1 : 1);
		break;
	case '1':
	case '2':
	case '3':
	case '4':
		toggle_kind(b, (enum file_kind)(c - '1'));
		break;
	case 'a':
		b->view.together = !b->view.together;
		browser_refresh(b);
		break;
	case 'z':
	case 'Z':
		close_all(b, c == 'z');
		break;
	case '/':
		b->typing = true;
		b->focus = FOCUS_FILES;
		break;
	case 't':
		row = b->focus == FOCUS_FILES ? current(b) : NULL;
		if (row && browser_trace(b, row->node) == 0)
			open_over(b, OVER_TRACE);
		break;
	case 'w':
		open_over(b, OVER_WASTE);
		break;
	case '?':
		open_over(b, OVER_HELP);
		break;
	default:
		snprintf(b->note, sizeof b->note, "This key does nothing here: ? lists the keys.");
	}
}

static void take_over_key(struct browser *b, const struct screen_key *key)
{
	long lines = scroll_distance(key, b->over.height);

	if (key->kind == KEY_KIND_CHARACTER && key->character == 'C' - CONTROL)
		b->ended = true;
	else if (lines)
		scroll(&b->over, lines);
	else
		b->over_what = OVER_NOTHING;
}

void browser_key(struct browser *b, const struct screen_key *key)
{
	struct browser_list *list = b->focus == FOCUS_FILES ? &b->files : &b->layers;
	long lines = scroll_distance(key, list->height);

	b->note[0] = '\0';
	if (key->kind == KEY_KIND_PASTE_BEGIN || key->kind == KEY_KIND_PASTE_END)
		return;
	if (key->kind == KEY_KIND_MOUSE) {
		b->typing = false;
		take_mouse(b, key);
	} else if (b->typing) {
		type(b, key);
	} else if (b->over_what) {
		take_over_key(b, key);
	} else if (lines && list == &b->layers) {
		choose_layer(b, lines);
	} else if (lines) {
		move(list, lines);
	} else if (key->kind == KEY_KIND_TAB || key->kind == KEY_KIND_BACKTAB) {
		b->focus = b->focus == FOCUS_FILES ? FOCUS_LAYERS : FOCUS_FILES;
	} else if (key->kind == KEY_KIND_LEFT || key->kind == KEY_KIND_RIGHT) {
		character(b, key->kind == KEY_KIND_LEFT ? 'h' : 'l');
	} else if (key->kind == KEY_KIND_ENTER) {
		enter(b);
	} else if (key->kind == KEY_KIND_ESCAPE) {
		escape(b);
	} else if (key->kind == KEY_KIND_FUNCTION && key->number == 1) {
		character(b, '?');
	} else {
		character(b, key->kind == KEY_KIND_CHARACTER && !key->alt ? key->character : 0);
	}
}

/* ---- areas ---- */

/* Side by side from 60 columns on; below that only the side that has the keys. */
void browser_arrange(struct browser *b, int rows, int columns)
{
	int left = columns * 2 / 5, body = rows > 1 ? rows - 1 : rows, details = 0;

	if (left > 64)
		left = 64;
	if (columns < 60)
		left = b->focus == FOCUS_LAYERS ? columns : 0;
	b->rows_screen = rows;
	b->columns_screen = columns;
	if (body >= 16)
		details = body >= 30 ? 14 : 9;
	b->left = (struct browser_area){0, 0, left ? body - details : 0, left};
	b->details = (struct browser_area){body - details, 0, left ? details : 0, left};
	b->right = (struct browser_area){0, left, left < columns ? body : 0, columns - left};
	b->line = (struct browser_area){rows - 1, 0, rows > 1 ? 1 : 0, columns};
	b->layers.height = b->left.height > 2 ? b->left.height - 2 : 0;
	b->files.height = b->right.height > 2 ? b->right.height - 2 : 0;
	b->over.height = body > 2 ? body - 2 : 0;
	keep_inside(&b->layers);
	keep_inside(&b->files);
	if (b->over_what)
		scroll(&b->over, 0);
}
