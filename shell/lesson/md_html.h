/* HTML inside of Markdown, as far as a terminal can show it: its text. */
#pragma once

#include "kernel/base/buf.h"

#include <stdbool.h>

/* Appends the text of an HTML block: tags and comments are taken out, <br>, <p>, <li> and rows
 * become lines, an image becomes its alternative text; scripts and style sheets are left out.
 * Entities stay, since the result is read as Markdown again. */
void md_html_text(const char *html, struct buf *out);

/* Whether the block is preformatted (<pre>): its lines are to be kept. */
bool md_html_is_preformatted(const char *html);

/* Appends preformatted text with the entities decoded that HTML needs for its own characters. */
void md_html_decode(const char *text, struct buf *out);

/* What an inline tag stands for: "" nothing, "\n" a line break, else text (an image). */
void md_html_inline(const char *tag, struct buf *out);
