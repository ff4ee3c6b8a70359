/* Backends that end in a string: text (with or without colour) and SVG. The curses backend has a
 * header of its own, render/screen.h. */
#pragma once

#include "kernel/base/buf.h"
#include "render/canvas.h"
#include "render/theme.h"

/* Rows ended by a newline, trailing blanks cut. Colours as SGR sequences unless theme is
 * THEME_NONE. */
void text_write(const struct canvas *c, enum theme theme, struct buf *out);

/* A self-contained SVG 1.1 document: title, desc, text as text. Colours carry their theme. */
void svg_write(const struct scene *s, enum theme theme, struct buf *out);
