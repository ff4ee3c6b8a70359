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
	screen_clear(s->screen);
	s->dirty = true;
}

/* Where all three are shown, the key makes one of them fill the screen, and again all three. */
static void choose(struct stage *s, enum stage_area area)
{
	bool room;
	int rows, columns;
	struct stage_layout l;

	screen_size(s->screen, &rows, &columns);
	room = layout_make(rows, columns, area, false, &l) && l.split;
	s->whole = room && !(s->whole && s->chosen == area);
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
	auto_buf word = BUF_INIT;
	size_t i = 0;

	while (views[i].name && strcmp(views[i].name, drawing_view(s->drawing)) != 0)
		i++;
	if (!views[i].name || !views[++i].name)
		i = 0;
	buf_addf(&word, "view %s", views[i].name);
	if (*state->subject && views[i].about)
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

/* With the lesson or the drawing over the whole screen nobody sees what they type: keys that move
 * scroll the lesson, the drawing takes those it knows, all others lead back to the terminal. True
 * when the key was used up. */
static bool take_reading_key(struct stage *s, const struct screen_key *key)
{
	int lesson = s->layout.areas[AREA_LESSON].height;

	if (s->layout.split || s->chosen == AREA_TERMINAL)
		return false;
	if (s->chosen == AREA_LESSON) {
		int page = lesson > 2 ? lesson - 2 : 1, move = 0;

		if (key->kind == KEY_KIND_UP || key->kind == KEY_KIND_DOWN)
			move = key->kind == KEY_KIND_UP ? -1 : 1;
		else if (key->kind == KEY_KIND_PAGE_UP || key->kind == KEY_KIND_PAGE_DOWN)
			move = key->kind == KEY_KIND_PAGE_UP ? -page : page;
		else if (key->kind == KEY_KIND_CHARACTER && key->character == ' ')
			move = page;
		if (move) {
			stage_text_scroll(&s->text, move, lesson);
			return true;
		}
	}
	if (s->chosen == AREA_DRAWING && drawing_take_key(s->drawing, key))
		return true;
	s->whole = false;
	s->chosen = AREA_TERMINAL;
	stage_arrange(s);
	/* Esc only leads back. */
	return key->kind == KEY_KIND_ESCAPE;
}

/* Pasted text is the terminal's, also where it looks like a key of ours. */
static bool take_paste(struct stage *s, const struct screen_key *key)
{
	bool begins = key->kind == KEY_KIND_PASTE_BEGIN, ends = key->kind == KEY_KIND_PASTE_END;

	if (begins && !s->layout.areas[AREA_TERMINAL].height) {
		s->whole = false;
		s->chosen = AREA_TERMINAL;
		stage_arrange(s);
	}
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
	bool prefixed = s->prefixed;
	enum stage_action action = stage_key_action(key, prefixed);

	s->dirty = true;
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
	if (action != ACTION_NONE) {
		act(s, action);
		return;
	}
	if (take_reading_key(s, key))
		return;
	s->back = 0;
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
