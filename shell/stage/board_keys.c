/* What the keys of the editor do. */
#include "render/glyph.h"
#include "shell/diagram/edit.h"
#include "shell/diagram/report.h"
#include "shell/stage/board_state.h"

#include "kernel/base/cleanup.h"

#include <stdio.h>
#include <string.h>

enum { FOCUS_SIZE = 256 };

void board_ask(struct board *b, enum board_ask ask)
{
	b->ask = ask;
	b->text[0] = '\0';
	b->choice = 0;
}

static bool holds(const char *text, const char *part)
{
	size_t n = strlen(part);

	for (; strlen(text) >= n; text++)
		if (!strncasecmp(text, part, n))
			return true;
	return false;
}

bool board_offers(const struct board *b, const struct diagram_part_rule *part)
{
	if (sketch_find_part(&b->current.sketch, part->name) >= 0)
		return false;
	for (size_t i = 0; i < part->also.n; i++)
		if (holds(part->also.texts[i], b->text))
			return true;
	return holds(part->title, b->text) || holds(part->name, b->text);
}

/* In the order of the vocabulary: "docker" stands before what has a docker in it. */
static const struct diagram_part_rule *chosen(const struct board *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->current.rules->n_parts; i++) {
		const struct diagram_part_rule *p = &b->current.rules->parts[i];

		if (board_offers(b, p) && n++ == b->choice)
			return p;
	}
	return NULL;
}

static bool edit(struct board *b, int argc, const char *const *argv)
{
	struct diagram_edit change = {b->current.rules, argc, argv, BUF_INIT};
	struct error err = {0};
	int r = keep_edit(
	        b->current.path, b->current.task->name, diagram_edit_apply, &change, NULL, &err);

	if (r < 0)
		snprintf(b->note, sizeof(b->note), "%.80s: %.160s", err.object, err.cause);
	else
		snprintf(b->note, sizeof(b->note), "%.200s", buf_text(&change.said));
	buf_release(&change.said);
	return r >= 0;
}

static int note_graded(struct sketch *s, void *data, struct error *err)
{
	(void)data;
	(void)err;
	sketch_set_graded(s, true);
	return 0;
}

/* The marks stay in the file: the next picture has them, graded against what is seen then. */
static void grade(struct board *b)
{
	struct error err = {0};

	if (keep_edit(b->current.path, b->current.task->name, note_graded, NULL, NULL, &err) < 0)
		snprintf(b->note, sizeof(b->note), "%.80s: %.160s", err.object, err.cause);
	else
		b->graded = true;
}

/* "part:docker" */
static bool focused_part(const char *focus, char ret[SKETCH_NAME])
{
	if (strncmp(focus, "part:", 5))
		return false;
	snprintf(ret, SKETCH_NAME, "%s", focus + 5);
	return true;
}

/* "arrow:docker:dockerd" */
static bool focused_arrow(const char *focus, char from[SKETCH_NAME], char to[SKETCH_NAME])
{
	const char *colon = strncmp(focus, "arrow:", 6) ? NULL : strchr(focus + 6, ':');

	if (!colon)
		return false;
	snprintf(from, SKETCH_NAME, "%.*s", (int)(colon - focus - 6), focus + 6);
	snprintf(to, SKETCH_NAME, "%s", colon + 1);
	return true;
}

static void ask_label(struct board *b)
{
	ssize_t at = sketch_find_arrow(&b->current.sketch, b->from, b->to);

	board_ask(b, ASK_LABEL);
	if (at >= 0)
		snprintf(b->text, sizeof(b->text), "%s", b->current.sketch.now.arrows[at].label);
}

static bool connect(struct board *b, const char *focus)
{
	char to[SKETCH_NAME];

	if (!focused_part(focus, to)) {
		snprintf(b->note, sizeof(b->note), "An arrow leads to a part.");
		return true;
	}
	memcpy(b->to, to, sizeof(b->to));
	if (!strcmp(b->from, b->to))
		snprintf(b->note, sizeof(b->note), "An arrow leads from one part to another.");
	else if (edit(b, 3, (const char *const[]){"connect", b->from, b->to}) ||
	         sketch_find_arrow(&b->current.sketch, b->from, b->to) >= 0)
		ask_label(b);
	return true;
}

/* ---- text ---- */

/* Typed into the line; false for keys that are no text. */
static bool type(struct board *b, const struct screen_key *key)
{
	size_t n = strlen(b->text);
	char bytes[5];

	if (key->kind == KEY_KIND_BACKSPACE) {
		while (n && (b->text[--n] & 0xc0) == 0x80) /* a character of several bytes */
			;
		b->text[n] = '\0';
		return true;
	}
	if (key->kind != KEY_KIND_CHARACTER || key->character < 0x20 || key->alt || key->control)
		return false;
	if (n + glyph_encode(key->character, bytes) < sizeof(b->text))
		strcat(b->text, bytes);
	return true;
}

static void answer_part(struct board *b, const struct screen_key *key)
{
	const struct diagram_part_rule *part;

	if (type(b, key)) {
		b->choice = 0;
		return;
	}
	if (key->kind == KEY_KIND_TAB || key->kind == KEY_KIND_DOWN ||
	        key->kind == KEY_KIND_RIGHT) {
		b->choice++;
		if (!chosen(b))
			b->choice = 0;
	} else if (key->kind == KEY_KIND_BACKTAB || key->kind == KEY_KIND_UP ||
	           key->kind == KEY_KIND_LEFT) {
		b->choice -= b->choice > 0;
	} else if (key->kind == KEY_KIND_ENTER && (part = chosen(b))) {
		snprintf(b->from, sizeof(b->from), "%s", part->name);
		board_ask(b, ASK_BAND);
	}
}

static void answer_band(struct board *b, const struct screen_key *key, char *ret_focus)
{
	static const struct {
		char key;
		const char *band;
	} bands[] = {
	        {'y', "you"}, {'u', "user"}, {'k', "kernel"}, {'o', "remote"}, {'r', "remote"}};

	for (size_t i = 0; i < sizeof(bands) / sizeof(*bands); i++) {
		if (key->kind != KEY_KIND_CHARACTER ||
		        key->character != (unsigned char)bands[i].key)
			continue;
		edit(b, 3, (const char *const[]){"place", b->from, bands[i].band});
		snprintf(ret_focus, FOCUS_SIZE, "part:%s", b->from);
		board_ask(b, ASK_NOTHING);
		return;
	}
}

static void answer_label(struct board *b, const struct screen_key *key)
{
	if (type(b, key) || key->kind != KEY_KIND_ENTER)
		return;
	edit(b, 4, (const char *const[]){"label", b->from, b->to, b->text});
	board_ask(b, ASK_NOTHING);
}

/* What was asked is answered. Only while a target is looked for do other keys move about. */
static bool answer(
        struct board *b, const struct screen_key *key, const char *focus, char *ret_focus)
{
	if (key->kind == KEY_KIND_ESCAPE) {
		board_ask(b, ASK_NOTHING);
		return true;
	}
	switch (b->ask) {
	case ASK_PART:
		answer_part(b, key);
		return true;
	case ASK_BAND:
		answer_band(b, key, ret_focus);
		return true;
	case ASK_LABEL:
		answer_label(b, key);
		return true;
	case ASK_TARGET:
		if (key->kind != KEY_KIND_ENTER)
			return false;
		return connect(b, focus);
	case ASK_NOTHING:
		break;
	}
	return false;
}

/* ---- letters ---- */

static void begin_arrow(struct board *b, const char *focus)
{
	if (focused_part(focus, b->from))
		board_ask(b, ASK_TARGET);
	else if (focused_arrow(focus, b->from, b->to))
		ask_label(b);
	else
		snprintf(b->note, sizeof(b->note), "First move to a part; 'a' adds one.");
}

static void begin_label(struct board *b, const char *focus)
{
	if (focused_arrow(focus, b->from, b->to))
		ask_label(b);
	else
		snprintf(b->note, sizeof(b->note),
		        "First move to an arrow in the list below, PgDn shows all of it.");
}

static void delete (struct board *b, const char *focus)
{
	char from[SKETCH_NAME], to[SKETCH_NAME];

	if (focused_part(focus, from))
		edit(b, 2, (const char *const[]){"remove", from});
	else if (focused_arrow(focus, from, to))
		edit(b, 3, (const char *const[]){"remove", from, to});
	else
		snprintf(b->note, sizeof(b->note), "First move to a part or an arrow.");
}

static void begin_band(struct board *b, const char *focus)
{
	if (focused_part(focus, b->from))
		board_ask(b, ASK_BAND);
}

static void shift(struct board *b, const char *focus, const char *way)
{
	char part[SKETCH_NAME];

	if (focused_part(focus, part))
		edit(b, 3, (const char *const[]){"move", part, way});
}

static bool take_letter(struct board *b, uint32_t letter, const char *focus)
{
	switch (letter) {
	case 'a':
		board_ask(b, ASK_PART);
		return true;
	case 'c':
		begin_arrow(b, focus);
		return true;
	case 'l':
		begin_label(b, focus);
		return true;
	case 'b':
		begin_band(b, focus);
		return true;
	case 'd':
		delete (b, focus);
		return true;
	case 'u':
		edit(b, 1, (const char *const[]){"undo"});
		return true;
	case 'U':
		edit(b, 1, (const char *const[]){"redo"});
		return true;
	case 'g':
		grade(b);
		return true;
	case '<':
	case '>':
		shift(b, focus, letter == '<' ? "left" : "right");
		return true;
	default:
		return false;
	}
}

bool board_take_key(
        struct board *b, const struct screen_key *key, const char *focus, char *ret_focus)
{
	ret_focus[0] = '\0';
	if (!b->open)
		return false;
	b->note[0] = '\0';
	b->graded = false;
	if (b->ask != ASK_NOTHING)
		return answer(b, key, focus, ret_focus);
	if (key->kind == KEY_KIND_ENTER &&
	        (!strncmp(focus, "part:", 5) || !strncmp(focus, "arrow:", 6))) {
		begin_arrow(b, focus);
		return true;
	}
	return key->kind == KEY_KIND_CHARACTER && !key->alt && !key->control &&
	       take_letter(b, key->character, focus);
}

bool board_take_click(struct board *b, const char *focus)
{
	char part[SKETCH_NAME];

	return b->open && b->ask == ASK_TARGET && focused_part(focus, part) &&
	       strcmp(part, b->from) && connect(b, focus);
}
