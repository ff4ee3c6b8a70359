/* What is drawn where. */
#include "kernel/base/cleanup.h"
#include "render/glyph.h"
#include "shell/stage/keys.h"
#include "shell/stage/place.h"
#include "shell/stage/stage_state.h"

#include <string.h>

static void draw_terminal(struct stage *s)
{
	const struct rectangle *a = &s->layout.areas[AREA_TERMINAL];
	struct screen_cell cell;
	int row, column;
	bool shown;

	for (int y = 0; y < a->height; y++)
		for (int x = 0; x < a->width; x++) {
			emulator_cell(s->terminal, y, x, s->back, &cell);
			screen_put_cell(s->screen, a->y + y, a->x + x, &cell);
			if (cell.text[0] && text_width(cell.text) == 2)
				x++;
		}
	shown = emulator_cursor(s->terminal, &row, &column) && a->height > 0 && !s->help &&
	        !stage_explores(s);
	row += s->back;
	if (shown && row < a->height && column < a->width)
		screen_put_cursor(s->screen, a->y + row, a->x + column);
	else
		screen_hide_cursor(s->screen);
}

static void draw_lines(struct stage *s)
{
	struct style style = screen_style(s->screen, SCENE_DIM);
	bool ascii = screen_is_ascii(s->screen);
	int rows = s->layout.status.y;

	if (s->layout.column >= 0)
		for (int y = 0; y < rows; y++)
			screen_put_styled(
			        s->screen, y, s->layout.column, 1, ascii ? "|" : "│", &style);
	if (s->layout.row >= 0)
		for (int x = 0; x < s->layout.areas[AREA_LESSON].width; x++)
			screen_put_styled(
			        s->screen, s->layout.row, x, 1, ascii ? "-" : "─", &style);
	if (s->layout.row >= 0 && s->back)
		screen_put_styled(s->screen, s->layout.row, 2, 40,
		        ascii ? " older lines: Shift-PgDn goes on " : " older lines · Shift-PgDn ",
		        &style);
}

/* The keys for the status line, the most needed first; shown in the order of the table. */
static const enum stage_action needed[] = {ACTION_HELP, ACTION_LESSON, ACTION_TERMINAL,
        ACTION_DRAWING, ACTION_NEXT, ACTION_HINT, ACTION_QUIT, ACTION_CHECK, ACTION_BACK,
        ACTION_VIEW};

enum { NEEDED = sizeof(needed) / sizeof(*needed) };

static void add_key(const struct stage *s, const struct stage_key *key, struct buf *out)
{
	bool area = key->action >= ACTION_LESSON && key->action <= ACTION_DRAWING;
	bool here = area && s->chosen == (enum stage_area)(key->action - ACTION_LESSON);
	bool away =
	        stage_explores(s) ? key->action == ACTION_TERMINAL : key->action == ACTION_DRAWING;

	/* Keys to areas that are in sight need no place, unless they say where the keys go. */
	if (!*key->label || here || (area && s->layout.split && !away))
		return;
	if (s->prefixed)
		buf_addf(out, " %c %s ", key->letter, key->label);
	else
		buf_addf(out, " %s %s", key->name, key->label);
}

/* As many as there is room for. */
static void add_keys(const struct stage *s, int room, struct buf *out)
{
	int used = 0, n = 0;

	for (; n < NEEDED; n++) {
		auto_buf one = BUF_INIT;

		add_key(s, stage_key_of(needed[n]), &one);
		used += text_width(buf_text(&one));
		if (used > room)
			break;
	}
	for (size_t i = 0; stage_keys[i].name; i++)
		for (int k = 0; k < n; k++)
			if (needed[k] == stage_keys[i].action)
				add_key(s, &stage_keys[i], out);
}

/* The place on the left, the keys on the right. */
static void draw_status(struct stage *s)
{
	const struct rectangle *a = &s->layout.status;
	bool narrow = a->width < 100;
	struct style bar_style = screen_style(s->screen, SCENE_PLAIN);
	struct arena arena = {0};
	auto_buf place = BUF_INIT, keys = BUF_INIT, blank = BUF_INIT;
	int width, least = narrow ? a->width / 4 : 40;

	bar_style.reverse = true;
	for (int x = 0; x < a->width; x++)
		buf_addc(&blank, ' ');
	screen_put_styled(s->screen, a->y, a->x, a->width, buf_text(&blank), &bar_style);
	if (s->prefixed)
		buf_add(&place, " Ctrl-] and then:");
	else
		place_add(follow_state(s->follow), narrow, screen_is_ascii(s->screen), &place);
	add_keys(s, a->width - least - 1, &keys);
	width = text_width(buf_text(&keys));
	if (!narrow && !s->prefixed && text_width(buf_text(&place)) > a->width - width - 1) {
		/* The page, and what it misses, tell more than the lesson's title. */
		buf_reset(&place);
		place_add(follow_state(s->follow), true, screen_is_ascii(s->screen), &place);
	}
	screen_put_styled(
	        s->screen, a->y, a->x + a->width - width, width, buf_text(&keys), &bar_style);
	screen_put_styled(s->screen, a->y, a->x, a->width - width - 1,
	        text_clean(&arena, buf_text(&place), 1024), &bar_style);
	arena_release(&arena);
}

static void help_text(struct buf *out)
{
	/* All of it has to fit into 22 lines of 78 columns. */
	buf_add(out, "Enter on an empty line of the terminal puts the next command there.\n");
	for (size_t i = 0; stage_keys[i].name; i++) {
		const struct stage_key *k = &stage_keys[i];

		buf_addf(out, "%-10s  Ctrl-] %-5.*s  %s\n", k->name, k->letter == ' ' ? 5 : 1,
		        k->letter == ' ' ? "Space" : &k->letter, k->help);
	}
	buf_add(out,
	        "Ctrl-] twice sends Ctrl-] to the program in the terminal, Ctrl-] F5 sends F5.\n");
}

/* The area that messages lie over: the lesson, or what is shown instead. */
static const struct rectangle *message_area(const struct stage *s)
{
	return s->layout.split ? &s->layout.areas[AREA_LESSON] : &s->layout.areas[s->chosen];
}

/* In the terminal the line that is typed stays in sight. */
static bool message_at_top(const struct stage *s)
{
	int row = 0, column;

	return !s->layout.split && s->chosen == AREA_TERMINAL &&
	       emulator_cursor(s->terminal, &row, &column) &&
	       row >= s->layout.areas[AREA_TERMINAL].height / 2;
}

static void draw_overlay(struct stage *s)
{
	const struct rectangle whole = {0, 0, s->layout.status.y, s->layout.status.width};
	auto_buf help = BUF_INIT;

	if (s->help) {
		help_text(&help);
		screen_fill(s->screen, 0, 0, whole.height, whole.width);
		stage_message_draw(
		        s->screen, &whole, "keys: any key closes this", buf_text(&help), true);
	} else if (s->note[0]) {
		stage_message_draw(
		        s->screen, message_area(s), "cutaway", s->note, message_at_top(s));
	} else if (s->message) {
		stage_message_draw(s->screen, message_area(s), "tutor",
		        follow_state(s->follow)->message, message_at_top(s));
	}
}

void stage_draw(struct stage *s)
{
	s->dirty = false;
	if (!s->fits) {
		screen_clear(s->screen);
		screen_put_text(s->screen, 0, 0, s->layout.status.width, "Too small: 20x5",
		        SCENE_PLAIN, MARK_NONE);
		screen_hide_cursor(s->screen);
		screen_flush(s->screen);
		return;
	}
	draw_terminal(s);
	if (s->layout.areas[AREA_LESSON].height)
		stage_text_draw(&s->text, s->screen, &s->layout.areas[AREA_LESSON]);
	if (s->layout.areas[AREA_DRAWING].height)
		drawing_draw(s->drawing, s->screen, &s->layout.areas[AREA_DRAWING]);
	draw_lines(s);
	draw_status(s);
	draw_overlay(s);
	screen_flush(s->screen);
}
