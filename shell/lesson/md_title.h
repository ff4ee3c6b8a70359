/* The title of a page as one line of plain text. */
#pragma once

#include "kernel/base/buf.h"
#include "shell/lesson/markdown.h"

/* Appends the text of the heading that a page begins with: emphasis without its stars, code with
 * its back-ticks. Nothing when it begins with something else. */
void md_title_of(const struct markdown *md, struct buf *out);

/* Appends a title that stands elsewhere, as in index.json, which is not Markdown, but is written
 * with tags and entities by many: <kbd>q</kbd> &amp; <br>. Others than those of HTML stay. */
void md_title_text(const char *title, struct buf *out);
