/* What the terminal database says before curses starts: whether this terminal will do, and what
 * brings it back. See terminfo(5). */
#pragma once

#include "kernel/base/error.h"

#include <stddef.h>

/* 0 when stdin and stdout are a terminal that can place a cursor. -ENOTTY, -EOPNOTSUPP. */
int terminfo_check(struct error *err);
/* The bytes that end colours, special keys, a hidden cursor and the alternate screen, in that
 * order; cut to `size` with its NUL. */
void terminfo_restore_text(char *out, size_t size);
