/* Backends that end in a string: text (with or without colour), SVG and JSON. The curses backend
 * has a header of its own, render/screen.h. */
#pragma once

#include "kernel/base/buf.h"
#include "render/canvas.h"
#include "render/theme.h"

/* Rows ended by a newline, trailing blanks cut. Colours as SGR sequences unless theme is
 * THEME_NONE. */
void text_write(const struct canvas *c, enum theme theme, struct buf *out);

/* A self-contained SVG 1.1 document: title, desc, text as text. Colours carry their theme. */
void svg_write(const struct scene *s, enum theme theme, struct buf *out);

/* One JSON object of boxes, texts, meters and edges, each text with the id of the box around it,
 * and what it shows: the name of the view and of its subject, NULL = none. 0 or -ENOMEM. */
int scene_json_write(const struct scene *s, const char *view, const char *subject, struct buf *out);
