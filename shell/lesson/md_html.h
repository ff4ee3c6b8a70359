/* HTML inside of Markdown, as far as a terminal can show it: its text. */
#pragma once

#include "kernel/base/buf.h"

#include <stdbool.h>

/* Appends the text of an HTML block as Markdown: tags and comments are taken out, <br>, <p>, <li>
 * and rows become lines, an image becomes its alternative text, a link its text and its address,
 * <code> back-ticks, <pre> a block of code (with the name of its file, as Katacoda has it, and the
 * action behind it). Scripts and style sheets are left out. What only looks like a tag,
 * <your-name>, is text; so is all between back-ticks. Entities stay. */
void md_html_text(const char *html, struct buf *out);

/* What an inline tag stands for: "" nothing, "\n" a line break, else text (an image, no tag at
 * all). `address` is that of the link that is open: set at <a href>, used and emptied at </a>. */
void md_html_inline(const char *tag, struct buf *address, struct buf *out);

/* A line with tags and entities in it that is not Markdown otherwise, as Markdown that says the
 * same and nothing else: tags are what md_html_inline() says, line breaks blanks. What stands
 * between back-ticks stays as it is. */
void md_html_line(const char *line, struct buf *out);

/* Whether it is this tag: "<code", "</code". */
bool md_html_is(const char *tag, const char *name);
