/* What the terminal database says before curses starts: whether this terminal will do, and what
 * brings it back. See terminfo(5). */
#pragma once

#include "kernel/base/error.h"

#include <stddef.h>

/* 0 when stdin and stdout are a terminal that can place a cursor. -ENOTTY, -EOPNOTSUPP. */
int terminfo_check(struct error *err);
/* Whether the terminal says where pasted text begins and ends: text that is typed and text that is
 * pasted are told apart then. Terminals that do not know these sequences leave them out; see
 * "Bracketed Paste Mode" in XTerm Control Sequences. */
#define TERMINFO_PASTE_ON     "\033[?2004h"
#define TERMINFO_PASTE_OFF    "\033[?2004l"
#define TERMINFO_PASTE_BEGINS "\033[200~"
#define TERMINFO_PASTE_ENDS   "\033[201~"
/* Ends all reports of the mouse that curses may have asked for: "Mouse Tracking" there. */
#define TERMINFO_MOUSE_OFF "\033[?1000l\033[?1006l"

/* The bytes that end pasting in brackets, the mouse, colours, special keys, a hidden cursor and the
 * alternate screen, in that order; cut to `size` with its NUL. */
void terminfo_restore_text(char *out, size_t size);
