/* What the screen of `cutaway tree` knows. Keys change it (browser_keys.c), and it is drawn
 * (browser_draw.c); neither touches the terminal. */
#pragma once

#include "kernel/contents/efficiency.h"
#include "kernel/contents/file_view.h"
#include "kernel/contents/image_contents.h"
#include "render/scene.h"
#include "render/screen.h"

#include <stdbool.h>
#include <stddef.h>

enum browser_focus { FOCUS_LAYERS, FOCUS_FILES };
/* What lies over both sides. */
enum browser_over { OVER_NOTHING, OVER_HELP, OVER_WASTE, OVER_FILE, OVER_TRACE };

/* A list of which a part is shown. */
struct browser_list {
	size_t cursor, top;
	size_t n;   /* lines there are */
	int height; /* lines there is room for; set by browser_arrange() */
};

struct browser_area {
	int y, x, height, width; /* with the frame; height 0: not shown */
};

struct browser {
	const struct image_contents *contents;
	struct efficiency efficiency;
	struct file_view view; /* view.closed is `closed` */
	unsigned char *closed; /* a byte for each node */
	struct file_rows rows;
	struct browser_list files, layers, over;
	enum browser_focus focus;
	enum browser_over over_what;
	uint32_t over_node; /* OVER_FILE: whose */
	char **trace;       /* OVER_TRACE: its lines; owned */
	size_t n_trace;
	bool typing; /* the name to filter by is being typed */
	bool ascii, ended;
	int rows_screen, columns_screen;
	struct browser_area left, details, right, line; /* line: the lowest row */
	char note[128];                                 /* said once, in the lowest row */
};

/* -ENOMEM. */
int browser_init(struct browser *b, const struct image_contents *c, const struct file_view *view);
void browser_release(struct browser *b);
/* For a screen of this size. */
void browser_arrange(struct browser *b, int rows, int columns);
/* After the view has changed: the list anew, the cursor on the same file where it is still there.
 */
void browser_refresh(struct browser *b);
/* -ENOMEM never ends it: it is said in the lowest row. */
void browser_key(struct browser *b, const struct screen_key *key);
/* Reads what there is to say of a file, as lines; -errno with a note. (browser_trace.c) */
int browser_trace(struct browser *b, uint32_t node);
void browser_trace_release(struct browser *b);
/* Lines of what lies over both sides. */
size_t browser_over_lines(const struct browser *b);

/* All of it, as a scene of the size of the screen. */
void browser_draw(const struct browser *b, struct scene *s);
/* The line of the list with the cursor, and where it stands, for the highlight. False when there is
 * none. */
bool browser_cursor_line(const struct browser *b, struct browser_area *ret);
