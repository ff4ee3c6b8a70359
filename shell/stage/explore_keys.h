/* The drawing's own keys. One table: the dispatch and the help read it. */
#pragma once

#include "render/screen.h"

#include <stdbool.h>

enum explore_action {
	EXPLORE_NONE,
	EXPLORE_LEFT,
	EXPLORE_RIGHT,
	EXPLORE_UP,
	EXPLORE_DOWN,
	EXPLORE_NEXT_CARD,
	EXPLORE_PREVIOUS_CARD,
	EXPLORE_FIRST,
	EXPLORE_LAST,
	EXPLORE_IN,
	EXPLORE_BACK,
	EXPLORE_ESCAPE,
	EXPLORE_SEARCH,
	EXPLORE_NEXT_MATCH,
	EXPLORE_PREVIOUS_MATCH,
	EXPLORE_TOGGLE,
	EXPLORE_FOLD,
	EXPLORE_UNFOLD,
	EXPLORE_PAGE_UP,
	EXPLORE_PAGE_DOWN,
	EXPLORE_LINE_UP,
	EXPLORE_LINE_DOWN,
	EXPLORE_HELP,
};

struct explore_key {
	enum explore_action action;
	enum screen_key_kind kind; /* KEY_KIND_CHARACTER = none but `character` */
	bool shift;                /* with that one */
	char character;            /* 0 = none */
	const char *names;         /* "h Left" */
	const char *help;          /* "" = told by the line above */
};

/* In the order of the help, ended by an action EXPLORE_NONE. */
extern const struct explore_key explore_keys[];
enum explore_action explore_action_of(const struct screen_key *key);
