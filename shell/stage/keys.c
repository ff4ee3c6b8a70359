#include "shell/stage/keys.h"

#include <stddef.h>
#include <string.h>

enum { PREFIX = 0x1d /* Ctrl-] */ };

const struct stage_key stage_keys[] = {
        {ACTION_HELP, 1, "F1", '?', "help", "this help", NULL},
        {ACTION_LESSON, 2, "F2", '1', "lesson", "the lesson alone, and back (also Alt-1)", NULL},
        {ACTION_TERMINAL, 3, "F3", '2', "terminal", "the terminal (also Alt-2)", NULL},
        {ACTION_DRAWING, 4, "F4", '3', "drawing",
                "keys for the drawing, all of it, back (also Alt-3)", NULL},
        {ACTION_HINT, 5, "F5", 'h', "hint", "a hint for what is missing", "hint"},
        {ACTION_CHECK, 6, "F6", 'c', "check", "what the page asks for", "check"},
        {ACTION_BACK, 7, "F7", 'b', "back", "a page back", "back"},
        {ACTION_NEXT, 8, "F8", 'n', "next", "the next page", "next"},
        {ACTION_VIEW, 9, "F9", 'v', "view", "another view in the drawing", NULL},
        {ACTION_QUIT, 10, "F10", 'q', "quit", "end the lab (asks once)", "quit"},
        {ACTION_LESSON_UP, 0, "Alt-Up", 'k', "", "the lesson's text up", NULL},
        {ACTION_LESSON_DOWN, 0, "Alt-Down", 'j', "", "the lesson's text down", NULL},
        {ACTION_LESSON_PAGE_UP, 0, "Alt-PgUp", '-', "", "by a screenful up", NULL},
        {ACTION_LESSON_PAGE_DOWN, 0, "Alt-PgDn", ' ', "", "by a screenful down", NULL},
        {ACTION_OLDER, 0, "Shift-PgUp", 'u', "", "older lines of the terminal", NULL},
        {ACTION_NEWER, 0, "Shift-PgDn", 'd', "", "newer lines of the terminal", NULL},
        {ACTION_PAST, 0, "", '[', "", "the drawing as it was; ] on, { } by page, Esc now", NULL},
        {ACTION_REDRAW, 0, "", 'l', "", "draw the whole screen again", NULL},
        {0},
};

const struct stage_key *stage_key_of(enum stage_action action)
{
	for (size_t i = 0; stage_keys[i].name; i++)
		if (stage_keys[i].action == action)
			return &stage_keys[i];
	return NULL;
}

static enum stage_action after_prefix(const struct screen_key *key)
{
	if (key->kind == KEY_KIND_PAGE_UP)
		return ACTION_OLDER;
	if (key->kind == KEY_KIND_PAGE_DOWN)
		return ACTION_NEWER;
	if (key->kind == KEY_KIND_UP)
		return ACTION_LESSON_UP;
	if (key->kind == KEY_KIND_DOWN)
		return ACTION_LESSON_DOWN;
	if (key->kind == KEY_KIND_FUNCTION)
		return ACTION_NONE; /* a program that wants function keys gets them this way */
	if (key->kind != KEY_KIND_CHARACTER)
		return ACTION_UNKNOWN;
	if (key->character == PREFIX)
		return ACTION_NONE;
	if (key->character && key->character < 0x80 && strchr("[]{}", (int)key->character))
		return ACTION_PAST;
	for (size_t i = 0; stage_keys[i].name; i++)
		if (key->character == (unsigned char)stage_keys[i].letter)
			return stage_keys[i].action;
	return ACTION_UNKNOWN;
}

enum stage_action stage_key_action(const struct screen_key *key, bool prefixed)
{
	if (prefixed)
		return after_prefix(key);
	switch (key->kind) {
	case KEY_KIND_FUNCTION:
		if (key->shift || key->alt || key->control)
			return ACTION_NONE;
		for (size_t i = 0; stage_keys[i].name; i++)
			if (stage_keys[i].function && stage_keys[i].function == key->number)
				return stage_keys[i].action;
		return ACTION_NONE;
	case KEY_KIND_CHARACTER:
		if (key->character == PREFIX)
			return ACTION_PREFIX;
		if (key->alt && key->character >= '1' && key->character <= '3')
			return (enum stage_action)(ACTION_LESSON + (int)(key->character - '1'));
		return ACTION_NONE;
	case KEY_KIND_UP:
		return key->alt ? ACTION_LESSON_UP : ACTION_NONE;
	case KEY_KIND_DOWN:
		return key->alt ? ACTION_LESSON_DOWN : ACTION_NONE;
	case KEY_KIND_PAGE_UP:
		return key->alt ? ACTION_LESSON_PAGE_UP : key->shift ? ACTION_OLDER : ACTION_NONE;
	case KEY_KIND_PAGE_DOWN:
		return key->alt ? ACTION_LESSON_PAGE_DOWN : key->shift ? ACTION_NEWER : ACTION_NONE;
	default:
		return ACTION_NONE;
	}
}
