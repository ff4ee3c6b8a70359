#include "shell/stage/explore_keys.h"

const struct explore_key explore_keys[] = {
        {EXPLORE_LEFT, KEY_KIND_LEFT, false, 'h', "h j k l  arrows",
                "what lies left, below, above, right"},
        {EXPLORE_DOWN, KEY_KIND_DOWN, false, 'j', "", ""},
        {EXPLORE_UP, KEY_KIND_UP, false, 'k', "", ""},
        {EXPLORE_RIGHT, KEY_KIND_RIGHT, false, 'l', "", ""},
        {EXPLORE_NEXT_CARD, KEY_KIND_TAB, false, 0, "Tab  Shift-Tab",
                "the next box, the one before"},
        {EXPLORE_PREVIOUS_CARD, KEY_KIND_BACKTAB, true, 0, "", ""},
        {EXPLORE_FIRST, KEY_KIND_HOME, false, 'g', "g G  Home End", "the first, the last"},
        {EXPLORE_LAST, KEY_KIND_END, false, 'G', "", ""},
        {EXPLORE_IN, KEY_KIND_ENTER, false, 0, "Enter",
                "deeper: container, process, fact and its file in /proc"},
        {EXPLORE_BACK, KEY_KIND_BACKSPACE, false, 0, "Backspace", "back to where Enter led from"},
        {EXPLORE_ESCAPE, KEY_KIND_ESCAPE, false, 0, "Esc",
                "back; ends a search; at last leaves the drawing"},
        {EXPLORE_SEARCH, KEY_KIND_CHARACTER, false, '/', "/", "search for a word"},
        {EXPLORE_NEXT_MATCH, KEY_KIND_CHARACTER, false, 'n', "n N",
                "the next match, the one before"},
        {EXPLORE_PREVIOUS_MATCH, KEY_KIND_CHARACTER, false, 'N', "", ""},
        {EXPLORE_TOGGLE, KEY_KIND_CHARACTER, false, ' ', "Space  - +",
                "fold a box or a group of the tree, unfold it"},
        {EXPLORE_FOLD, KEY_KIND_CHARACTER, false, '-', "", ""},
        {EXPLORE_UNFOLD, KEY_KIND_CHARACTER, false, '+', "", ""},
        {EXPLORE_PAGE_DOWN, KEY_KIND_PAGE_DOWN, false, 0, "PgDn PgUp",
                "all that there is, by the screenful (also the wheel)"},
        {EXPLORE_PAGE_UP, KEY_KIND_PAGE_UP, false, 0, "", ""},
        {EXPLORE_LINE_DOWN, KEY_KIND_DOWN, true, 'J', "J K  Shift-arrow", "the same by a line"},
        {EXPLORE_LINE_UP, KEY_KIND_UP, true, 'K', "", ""},
        {EXPLORE_HELP, KEY_KIND_CHARACTER, false, '?', "?", "this list"},
        {0},
};

enum explore_action explore_action_of(const struct screen_key *key)
{
	bool character = key->kind == KEY_KIND_CHARACTER;

	if (key->alt || key->control)
		return EXPLORE_NONE;
	for (const struct explore_key *k = explore_keys; k->action; k++) {
		if (character && k->character && key->character == (unsigned char)k->character)
			return k->action;
		if (!character && k->kind == key->kind &&
		        (k->shift == key->shift || key->kind == KEY_KIND_BACKTAB))
			return k->action;
	}
	return EXPLORE_NONE;
}
