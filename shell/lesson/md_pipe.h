/* Tables as CommonMark's parser sees them, to which they are paragraphs, and the one thing that it
 * reads otherwise: in a row \| is a bar of the text and ends no cell, within code as well, where a
 * backslash is text to CommonMark (GitHub Flavored Markdown 0.29, 4.10).
 *
 * The parser does not tell which bar had a backslash, so one with it goes through the parser as a
 * character that no text has: */
#pragma once

#include "kernel/base/buf.h"

#include <cmark.h>
#include <stdbool.h>

#define MD_BAR "\xef\xb7\x90" /* U+FDD0, no character by definition */
enum { MD_BAR_CODE = 0xfdd0 };

/* Appends a line of the source with MD_BAR for each \| that stands outside of code, and for each
 * &#124; unless the line is so far to the right that it may be code. */
void md_pipes_hide(const char *text, size_t n, struct buf *out);
/* Appends text of the tree with plain bars again. */
void md_pipes_show(const char *text, struct buf *out);

/* Whether the paragraph is a table: its second line is made of |, - and :. */
bool md_is_table(cmark_node *paragraph);

/* Makes code what it was meant to be: in tables \| is a bar, elsewhere it is itself. False when
 * memory is out. */
bool md_pipes_in_code(cmark_node *root);
