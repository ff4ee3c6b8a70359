/* A program that has the whole terminal: it is drawn, takes keys until it says that it is over, and
 * follows the terminal's size. Between keys and signals nothing is done. The terminal is given back
 * as it was, also when a signal ends us. */
#pragma once

#include "render/screen.h"

#include <stdbool.h>

struct full_screen {
	void *data; /* of all below, borrowed */
	/* Once, before anything is drawn; may be NULL. */
	void (*begin)(void *data, struct screen *screen);
	void (*draw)(void *data, struct scene *s);
	/* What is put over the drawing; may be NULL. */
	void (*over)(void *data, struct screen *screen, const struct canvas *c);
	void (*key)(void *data, const struct screen_key *key);
	bool *ended; /* set by `key` when it is over */
};

/* 0, or 128 + the signal that ended it; -ENOTTY and -EOPNOTSUPP as screen_open(). */
int full_screen_run(const struct full_screen *f, enum theme theme, struct error *err);
