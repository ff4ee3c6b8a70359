/* Text as a terminal shows it: code points, graphemes, display width. Independent of the locale, so
 * that layout is a pure function; see wcwidth(3) for the like of it that is not. */
#pragma once

#include "kernel/base/arena.h"

#include <stddef.h>
#include <stdint.h>

enum { GLYPH_MAX = 16, GLYPH_REPLACEMENT = 0xFFFD };

/* Decodes the code point at `text` (NUL-terminated, not empty) and returns its length in bytes.
 * What is not valid UTF-8 (also overlong forms and surrogates) is one byte and U+FFFD. */
size_t glyph_decode(const char *text, uint32_t *ret_code);
/* Writes `code` as UTF-8 and a NUL; returns the length. */
size_t glyph_encode(uint32_t code, char out[5]);
/* Cells that a code point takes: 0 (combining), 1 or 2. */
int glyph_width(uint32_t code);

/* Takes one grapheme (a code point and the combining ones after it) from `text` into `out`;
 * returns the bytes taken, 0 at the end of the text. Marks that do not fit are dropped. */
size_t glyph_next(const char *text, char out[GLYPH_MAX], int *ret_width);

/* A character below 128 that stands for `code`: lines, arrows and marks have one, the rest is '?'.
 */
char glyph_ascii(uint32_t code);

/* Cells that a clean text takes. */
int text_width(const char *text);
/* Bytes of `text` that fit into `width` cells. */
size_t text_fit(const char *text, int width);
/* Bytes of the first line when `text` is broken to lines of `width` cells at its spaces, a word
 * that is longer than that anywhere; and how many bytes until the next line begins. */
size_t text_break(const char *text, int width, size_t *ret_next);

/* The text as it may be shown: control characters, escapes and direction overrides as \xNN or
 * \u{NNNN}, invalid UTF-8 as U+FFFD, at most `limit` bytes of input (then an ellipsis). Belongs to
 * the arena; NULL when memory is out. */
const char *text_clean(struct arena *a, const char *text, size_t limit);
