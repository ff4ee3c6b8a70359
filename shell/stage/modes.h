/* The private modes that programs set in a terminal ("ESC [ ? 2004 h"), read along from their
 * output: libvterm keeps them, but does not tell, and a new terminal of another size needs them
 * again. See "DECSET" in XTerm Control Sequences. */
#pragma once

#include "kernel/base/buf.h"

#include <stdbool.h>

enum { MODES_NUMBERS = 8 };

struct modes {
	unsigned set; /* a bit for each mode that is remembered */
	bool hidden;  /* the cursor: mode 25, which is on at the start */
	/* where in a sequence we are */
	enum { MODES_TEXT, MODES_ESCAPE, MODES_BRACKET, MODES_PRIVATE } at;
	int numbers[MODES_NUMBERS], n;
};

void modes_feed(struct modes *m, char c);
/* Whether a program has the alternate screen. */
bool modes_full_screen(const struct modes *m);
/* Whether a program wants to be told of the mouse. */
bool modes_mouse(const struct modes *m);
bool modes_cursor_visible(const struct modes *m);
/* The sequences that set the same modes in a new terminal. */
void modes_replay(const struct modes *m, struct buf *out);
