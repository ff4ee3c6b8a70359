/* What a line of Markdown begins and ends with. Lines are `n` bytes and need not end in NUL. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Blanks and tabs at the start. */
size_t md_blanks(const char *text, size_t n);
/* How often `c` stands at the start. */
size_t md_run_of(const char *text, size_t n, char c);
/* The length without white space at the end. */
size_t md_trimmed(const char *text, size_t n);
/* Length of blanks, quote marks and (at an opening fence) list markers. */
size_t md_container_prefix(const char *text, size_t n, bool markers);
/* Columns of the blanks that the line begins with; a tab goes to the next multiple of four. */
size_t md_indent_of(const char *text, size_t n);
/* The blanks of at most so many columns. */
size_t md_blanks_of(const char *text, size_t n, size_t columns);
/* The back-ticks that open code which does not end on this line: where, and how many. `n` when
 * there are none. */
size_t md_open_ticks(const char *text, size_t n, size_t *ret_length);
