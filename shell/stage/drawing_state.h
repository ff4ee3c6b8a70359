/* What a drawing holds: for the files that are the drawing (drawing.c keys and what is shown,
 * drawing_past.c the states gone by, drawing_layout.c from the machine to cells, drawing_paint.c to
 * the screen), nobody else's. */
#pragma once

#include "render/canvas.h"
#include "shell/stage/board.h"
#include "shell/stage/drawing.h"
#include "shell/stage/explore.h"
#include "shell/stage/machine.h"
#include "shell/stage/watching.h"

struct drawing {
	struct machine *machine;
	bool touched;              /* what is shown of the machine is another thing */
	const struct view *shown;  /* last laid out */
	const struct view *chosen; /* by the person, here; NULL = the page's */
	char *subject;             /* of the person's; NULL = the page's */
	struct scene scene;        /* what is drawn now; its strings may be the machine's */
	struct canvas canvas;      /* the same as cells */
	struct explore explore;    /* where the person is in it */
	struct board *board;       /* the learner's diagram */
	bool out_of_memory;
	bool large;     /* the theme of that name */
	bool hidden;    /* there is no area for it */
	bool outside;   /* it is not the lab's own */
	char owner[64]; /* whose lab it is, then; "" = not asked yet */
	uid_t owner_uid;
	struct watching watch; /* what goes on in the lab */
	struct arena watched;  /* its lifelines, as the scene has them */
	uint64_t past;         /* number of the state that is looked at; 0 = now */
};

/* The state of the past that is looked at; NULL = it is now. */
const struct history_state *drawing_past(const struct drawing *d);
/* A look at the past has a line above it that says so, where there is room for one: its rows. */
int drawing_past_rows(const struct drawing *d, int height);
/* Moves by states or by pages; at the newest one it is now again. */
void drawing_go(struct drawing *d, int by, bool pages);
/* What that line says. */
void drawing_tell_past(const struct drawing *d, struct buf *out);
/* That view is the watch that goes on. */
bool drawing_shows_watch(const struct drawing *d, const struct view *view);
/* The learner's diagram is shown, as it is now: it can be changed. */
bool drawing_shows_board(const struct drawing *d);
