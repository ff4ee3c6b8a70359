/* Text flowing into lines of a given width: characters with their display width, containers
 * (quotes, list items) that put something before every line, wrapping between words. */
#pragma once

#include "kernel/base/buf.h"
#include "shell/lesson/markdown.h"

#include <stdint.h>

enum { MD_FLOW_DEPTH = 32 };

struct md_glyph {
	size_t offset; /* into text */
	uint8_t length, width, style;
	bool newline;
	bool text; /* a bar that ends no cell of a table */
	int block;
};

struct md_container {
	char marker[24]; /* of a list item, drawn once; "" for quotes */
	int indent;      /* cells; 0 = too deep to be shown */
	bool quote, used;
};

struct md_flow {
	struct md_options options;
	struct md_text *out;
	size_t lines_room;
	struct buf text;
	struct md_glyph *glyphs;
	size_t n_glyphs, glyphs_room;
	struct md_container stack[MD_FLOW_DEPTH];
	size_t depth; /* may exceed the stack: deeper ones are not shown */
	bool failed;
};

/* Cells that the open containers leave for text: at least half of the width. */
int md_flow_room(const struct md_flow *f);

/* Opens a quote (marker NULL) or a list item. */
void md_flow_push(struct md_flow *f, const char *marker);
void md_flow_pop(struct md_flow *f);

/* Adds text to the current paragraph, cleaned; `lines`: newlines break, else they are spaces. */
void md_flow_add(struct md_flow *f, const char *text, enum md_style style, int block, bool lines);
void md_flow_break(struct md_flow *f);

/* Ends the paragraph: breaks it into lines between words; with `keep` only where a line is full,
 * and blanks stay. `marker` (two cells, may be NULL) stands before the first line, blanks before
 * the others. */
void md_flow_end(struct md_flow *f, bool keep, const char *marker, enum md_style marker_style);

/* An empty line, with the bars of the quotes that are open. */
void md_flow_blank(struct md_flow *f);
void md_flow_release(struct md_flow *f);
