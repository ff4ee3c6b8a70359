/* What the learner's keys do, and how the areas are arranged for it. */
#include "shell/stage/keys.h"

#include "kernel/base/cleanup.h"
#include "render/view.h"
#include "shell/stage/stage_state.h"

#include <stdio.h>
#include <string.h>

void stage_take_text(struct stage *s, bool turned)
{
	int width = s->layout.areas[AREA_LESSON].width;

	s->text_stale |= turned;
	if (!width)
		return; /* when it is shown next */
	turned = s->text_stale;
	s->text_stale = false;
	if (stage_text_take(&s->text, follow_state(s->follow), turned, width,
	            screen_is_ascii(s->screen)) < 0)
		snprintf(s->note, sizeof(s->note), "There is no memory left for the text.");
}

void stage_arrange(struct stage *s)
{
	int rows, columns;

	screen_size(s->screen, &rows, &columns);
	s->fits = layout_make(rows, columns, s->chosen, s->whole, &s->layout);
	if (emulator_resize(s->terminal, s->layout.terminal_rows, s->layout.terminal_columns) < 0)
		snprintf(s->note, sizeof(s->note), "There is no memory left for this size.");
	stage_child_resize(&s->child, s->layout.terminal_rows, s->layout.terminal_columns);
	stage_take_text(s, false);
	drawing_touch(s->drawing);
	drawing_activate(s->drawing, stage_explores(s));
	screen_clear(s->screen);
	s->dirty = true;
}

bool stage_explores(const struct stage *s)
{
	return s->fits && s->chosen == AREA_DRAWING && s->layout.areas[AREA_DRAWING].height;
}

void stage_ask_mouse(struct stage *s)
{
	bool wanted = stage_explores(s) || emulator_wants_mouse(s->terminal);

	if (wanted != s->mouse)
		screen_mouse(s->screen, wanted);
	s->mouse = wanted;
}

static void choose_terminal(struct stage *s)
{
	s->whole = false;
	s->chosen = AREA_TERMINAL;
	stage_arrange(s);
}

/* Where all three are shown, the key makes one of them fill the screen, and again all three. The
 * drawing first takes the keys, with all three in sight. */
static void choose(struct stage *s, enum stage_area area)
{
	bool room;
	int rows, columns;
	struct stage_layout l;

	screen_size(s->screen, &rows, &columns);
	room = layout_make(rows, columns, area, false, &l) && l.split;
	/* From the drawing, the key of the terminal gives the keys back: all three stay in sight.
	 */
	if (room && (s->whole ? s->chosen == area
	                      : s->chosen == AREA_DRAWING && area == AREA_TERMINAL)) {
		choose_terminal(s);
		return;
	}
	s->whole = room && (area != AREA_DRAWING || s->chosen == AREA_DRAWING);
	s->chosen = area;
	s->back = 0;
	stage_arrange(s);
}

/* ---- keys ---- */

static void send_word(struct stage *s, const char *word)
{
	struct error err = {0};
	auto_buf text = BUF_INIT;

	if (follow_send(s->follow, word, &err) < 0) {
		error_format(&err, &text);
		snprintf(s->note, sizeof(s->note), "%s", buf_text(&text));
	}
}

static void next_view(struct stage *s)
{
	const struct lab_state *state = follow_state(s->follow);
	const struct view *next = drawing_next_view(s->drawing);
	auto_buf word = BUF_INIT;

	buf_addf(&word, "view %s", next->name);
	if (*state->subject && next->about)
		buf_addf(&word, " %s", state->subject);
	drawing_choose(s->drawing, NULL, NULL);
	send_word(s, buf_text(&word));
}

static void scroll_terminal(struct stage *s, int lines)
{
	int most = emulator_lines_back(s->terminal);

	s->back += lines;
	if (s->back > most)
		s->back = most;
	if (s->back < 0)
		s->back = 0;
}

static void ask_quit(struct stage *s)
{
	if (s->quit_asked) {
		send_word(s, "quit");
		snprintf(s->note, sizeof(s->note), "Ending the lab …");
		return;
	}
	snprintf(s->note, sizeof(s->note),
	        "F10 (or Ctrl-] q) once more ends the lab. What it made goes; your progress "
	        "stays.");
	s->quit_asked = true;
}

static void act(struct stage *s, enum stage_action action)
{
	int lesson = s->layout.areas[AREA_LESSON].height, page = lesson > 2 ? lesson - 2 : 1;
	const struct stage_key *key = stage_key_of(action);

	switch (action) {
	case ACTION_LESSON:
	case ACTION_TERMINAL:
	case ACTION_DRAWING:
		choose(s, (enum stage_area)(action - ACTION_LESSON));
		break;
	case ACTION_HELP:
		s->help = true;
		break;
	case ACTION_VIEW:
		next_view(s);
		break;
	case ACTION_QUIT:
		ask_quit(s);
		break;
	case ACTION_LESSON_UP:
	case ACTION_LESSON_DOWN:
		stage_text_scroll(&s->text, action == ACTION_LESSON_UP ? -1 : 1, lesson);
		break;
	case ACTION_LESSON_PAGE_UP:
	case ACTION_LESSON_PAGE_DOWN:
		stage_text_scroll(&s->text, action == ACTION_LESSON_PAGE_UP ? -page : page, lesson);
		break;
	case ACTION_OLDER:
	case ACTION_NEWER:
		page = s->layout.terminal_rows > 2 ? s->layout.terminal_rows - 1 : 1;
		scroll_terminal(s, action == ACTION_OLDER ? page : -page);
		break;
	case ACTION_REDRAW:
		screen_redraw(s->screen);
		break;
	case ACTION_UNKNOWN:
		snprintf(s->note, sizeof(s->note),
		        "No key is called so. F1 (or Ctrl-] ?) lists the keys.");
		break;
	default:
		if (key && key->word)
			send_word(s, key->word);
		break;
	}
}

static bool take_lesson_key(struct stage *s, const struct screen_key *key)
{
	int lesson = s->layout.areas[AREA_LESSON].height, page = lesson > 2 ? lesson - 2 : 1;
	int move = 0;

	if (key->kind == KEY_KIND_UP || key->kind == KEY_KIND_DOWN)
		move = key->kind == KEY_KIND_UP ? -1 : 1;
	else if (key->kind == KEY_KIND_PAGE_UP || key->kind == KEY_KIND_PAGE_DOWN)
		move = key->kind == KEY_KIND_PAGE_UP ? -page : page;
	else if (key->kind == KEY_KIND_CHARACTER && key->character == ' ')
		move = page;
	if (move)
		stage_text_scroll(&s->text, move, lesson);
	return move;
}

/* A key that means nothing to the drawing was meant for a terminal, which is not where keys go. */
static void take_drawing_key(struct stage *s, const struct screen_key *key)
{
	if (drawing_take_key(s->drawing, key))
		return;
	if (key->kind == KEY_KIND_ESCAPE ||
	        (key->kind == KEY_KIND_CHARACTER && key->character == 'q')) {
		choose_terminal(s);
		s->left = key->kind == KEY_KIND_ESCAPE;
	} else {
		snprintf(s->note, sizeof(s->note),
		        "The drawing has the keys, and does not know this one: ? lists them, Esc "
		        "or F3 leads to the terminal.");
	}
}

/* Who leaves the drawing by Esc may press it once too often: readline would take that and the next
 * key as one. A program in the terminal that wants it gets the one after. */
static bool take_surplus_escape(struct stage *s, const struct screen_key *key, bool left)
{
	if (!left || key->kind != KEY_KIND_ESCAPE)
		return false;
	snprintf(s->note, sizeof(s->note),
	        "The terminal has the keys again. Esc once more goes to the program in it.");
	return true;
}

/* With the lesson over the whole screen nobody sees what they type: keys that move scroll it, all
 * others lead back to the terminal. True when the key was used up. */
static bool take_reading_key(struct stage *s, const struct screen_key *key)
{
	if (stage_explores(s)) {
		take_drawing_key(s, key);
		return true;
	}
	if (s->layout.split || s->chosen == AREA_TERMINAL)
		return false;
	if (s->chosen == AREA_LESSON && take_lesson_key(s, key))
		return true;
	choose_terminal(s);
	/* Esc only leads back. */
	return key->kind == KEY_KIND_ESCAPE;
}

/* A click chooses what it falls on; the wheel turns what it is over. */
static void take_mouse(struct stage *s, const struct screen_key *key)
{
	int lines = key->number == 4 ? -3 : 3;

	for (enum stage_area area = AREA_LESSON; area < AREA_COUNT; area++) {
		const struct rectangle *a = &s->layout.areas[area];
		int row = key->row - a->y, column = key->column - a->x;

		if (row < 0 || row >= a->height || column < 0 || column >= a->width)
			continue;
		if (key->number == 1 && s->layout.split && area != s->chosen) {
			s->chosen = area == AREA_DRAWING ? area : AREA_TERMINAL;
			stage_arrange(s);
		}
		if (area == AREA_DRAWING)
			drawing_take_mouse(s->drawing, row, column, key->number);
		else if (area == AREA_TERMINAL && emulator_wants_mouse(s->terminal))
			emulator_mouse(s->terminal, row, column, key->number);
		else if (area == AREA_TERMINAL && key->number != 1)
			scroll_terminal(s, -lines);
		else if (area == AREA_LESSON && key->number != 1)
			stage_text_scroll(&s->text, lines, a->height);
		return;
	}
}

/* Pasted text is the terminal's, also where it looks like a key of ours. */
static bool take_paste(struct stage *s, const struct screen_key *key)
{
	bool begins = key->kind == KEY_KIND_PASTE_BEGIN, ends = key->kind == KEY_KIND_PASTE_END;

	if (begins && (!s->layout.areas[AREA_TERMINAL].height || stage_explores(s)))
		choose_terminal(s);
	if (begins)
		s->help = s->prefixed = s->message = false;
	if (begins || ends)
		emulator_paste(s->terminal, begins);
	else if (s->pasting)
		emulator_key(s->terminal, key);
	else
		return false;
	s->pasting = !ends;
	s->back = 0;
	return true;
}

static void take_key(struct stage *s, const struct screen_key *key)
{
	bool prefixed = s->prefixed, left = s->left;
	enum stage_action action = stage_key_action(key, prefixed);

	s->dirty = true;
	s->left = false;
	if (take_paste(s, key))
		return;
	s->prefixed = false;
	if (action == ACTION_PREFIX) {
		s->prefixed = true;
		return;
	}
	s->note[0] = '\0';
	s->message = false;
	if (s->help) {
		s->help = false;
		return;
	}
	if (action != ACTION_QUIT)
		s->quit_asked = false;
	if (action == ACTION_PAST) {
		drawing_take_key(s->drawing, key);
		return;
	}
	if (key->kind == KEY_KIND_MOUSE) {
		take_mouse(s, key);
		return;
	}
	if (action != ACTION_NONE) {
		act(s, action);
		return;
	}
	if (take_reading_key(s, key) || take_surplus_escape(s, key, left))
		return;
	s->back = 0;
	/* Who works on sees what happens; Esc is for the past alone. */
	if (!drawing_return(s->drawing) || key->kind != KEY_KIND_ESCAPE)
		emulator_key(s->terminal, key);
}

void stage_take_keys(struct stage *s)
{
	struct screen_key key;

	while (screen_read_key(s->screen, &key)) {
		if (key.kind == KEY_KIND_RESIZE) {
			if (screen_resize(s->screen))
				stage_arrange(s);
		} else {
			take_key(s, &key);
		}
	}
}
