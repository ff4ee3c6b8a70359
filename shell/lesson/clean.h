/* Text that came from elsewhere, made fit for a terminal. */
#pragma once

#include "kernel/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* Appends at most `n` bytes of text (NUL-terminated, maybe later) as valid UTF-8 without anything a
 * terminal acts upon: escape sequences (ECMA-48) are taken out whole, then control characters, C1
 * controls and the marks that turn the direction of writing (a command must not read otherwise than
 * it runs). Newlines and tabs stay when `lines`, else they become spaces. Bytes that are no UTF-8
 * become U+FFFD. */
void clean_text(const char *text, size_t n, bool lines, struct buf *out);

/* The line (from 1) of the first thing clean_text() would take out, 0 when there is none. */
int clean_find(const char *text, size_t n);
