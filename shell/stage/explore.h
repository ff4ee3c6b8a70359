/* Moving about in the drawing: focus, zoom, search, pan, fold. What the person has done so far, and
 * what a key makes of it; no screen and no machine, so that a test can play it.
 *
 * Each frame: explore_begin() says which view to lay out and how, explore_scene() takes the scene,
 * finds the focus again and lays its marks over it. Keys and clicks come between two frames. */
#pragma once

#include "kernel/base/buf.h"
#include "render/navigate.h"
#include "render/screen.h"
#include "render/view.h"

enum { EXPLORE_DEPTH = 16, EXPLORE_FOLDED = 64, EXPLORE_TEXT = 80 };

/* One zoom: where it led, and what was focused where it came from. */
struct explore_place {
	const struct view *view;
	char subject[256];
	struct nav_focus from;
	int from_top;
	bool from_tall;
};

struct explore {
	bool active; /* the drawing has the keys: the focus is shown */
	struct explore_place places[EXPLORE_DEPTH];
	size_t n_places;

	struct nav_map map; /* of the last frame */
	struct nav_focus focus;
	char part[32]; /* wanted focus in a view just entered: "rights" */
	bool fresh;    /* a view just entered: its first target is focused */

	bool typing;             /* the search */
	struct nav_focus origin; /* where it began */
	char search[EXPLORE_TEXT];
	char note[EXPLORE_TEXT]; /* until the next key */

	char *folded[EXPLORE_FOLDED]; /* ids */
	size_t n_folded;

	bool tall;        /* laid out with all there is, and a window of it shown */
	int top;          /* first row of that window */
	int height, rows; /* of the window, and of the whole */
	bool follow;      /* the focus has moved: the window goes with it */
	bool help;
};

void explore_release(struct explore *e);
/* Who has the keys. Shown for the first time, the first target is focused. */
void explore_activate(struct explore *e, bool active);
/* Back to where no zoom has led from: another view was chosen, or the page turned. */
void explore_reset(struct explore *e);

/* Whether letters are text now, or close the list of keys. */
bool explore_takes_text(const struct explore *e);
/* Focuses what has this id, now or in the next frame. */
void explore_focus(struct explore *e, const char *id);
/* What a key does. False when it means nothing here: then it is the caller's. */
bool explore_take_key(struct explore *e, const struct screen_key *key);
/* The mouse at a cell of the shown part: a click focuses, one on the focus zooms; the wheel pans.
 */
void explore_take_mouse(struct explore *e, int row, int column, int button);

/* Rows at the bottom of the area that are not the drawing's. */
int explore_bar_rows(const struct explore *e, int height);
/* Changes *view and *in for what the person has done; `in` has the size of the shown part. */
void explore_begin(struct explore *e, const struct view **view, struct view_input *in);
/* Takes the frame that was laid out so, and marks it. 0 or -ENOMEM. */
int explore_scene(struct explore *e, struct scene *s);

/* What the bar says: where we are on the left, what can be done on the right. `root` is the name of
 * the view that zoom began in. */
void explore_bar(
        const struct explore *e, const char *root, bool ascii, struct buf *left, struct buf *right);
/* All keys of the drawing, a line each. */
void explore_help(struct buf *out);
