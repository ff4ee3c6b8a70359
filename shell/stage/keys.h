/* The stage's own keys. One table: the dispatch, the status line and the help read it. Each action
 * has a function key or a combination, and a letter after the prefix Ctrl-] for terminals that have
 * none of those. All other keys belong to the terminal. */
#pragma once

#include "render/screen.h"

#include <stdbool.h>

enum stage_action {
	ACTION_NONE, /* the key is the terminal's */
	ACTION_PREFIX,
	ACTION_HELP,
	ACTION_LESSON,
	ACTION_TERMINAL,
	ACTION_DRAWING,
	ACTION_HINT,
	ACTION_CHECK,
	ACTION_BACK,
	ACTION_NEXT,
	ACTION_VIEW,
	ACTION_QUIT,
	ACTION_LESSON_UP,
	ACTION_LESSON_DOWN,
	ACTION_LESSON_PAGE_UP,
	ACTION_LESSON_PAGE_DOWN,
	ACTION_OLDER,
	ACTION_NEWER,
	ACTION_REDRAW,
	ACTION_PAST,    /* a key of the drawing's: the states that it has seen */
	ACTION_UNKNOWN, /* after the prefix: a letter that means nothing */
};

struct stage_key {
	enum stage_action action;
	int function;      /* F1 to F10; 0 = none */
	const char *name;  /* "F1", "Alt-Up": for people */
	char letter;       /* after the prefix; 0 = none */
	const char *label; /* one word for the status line, "" = not there */
	const char *help;  /* one line */
	const char *word;  /* the tutor's word it sends, NULL = none */
};

/* In the order of the help, ended by a NULL name. */
extern const struct stage_key stage_keys[];
const struct stage_key *stage_key_of(enum stage_action action);

/* What a key means; `prefixed` = Ctrl-] came before it. */
enum stage_action stage_key_action(const struct screen_key *key, bool prefixed);
