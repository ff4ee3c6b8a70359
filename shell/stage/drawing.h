/* The drawing as a pane, for whoever has a screen: the stage beside its terminal, `cutaway view`
 * over all of it. It follows the machine and the lab, shows the view of the lesson's page until the
 * person chooses another one here, and answers keys. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/watch/recording.h"
#include "render/screen.h"
#include "render/view.h"
#include "shell/lab_state.h"
#include "shell/stage/layout.h"

#include <poll.h>
#include <stdbool.h>

struct drawing;

/* `runtime`: where our containers' state is kept, NULL = this user's. */
int drawing_new(const char *runtime, struct drawing **ret, struct error *err);
void drawing_free(struct drawing *d); /* accepts NULL */

size_t drawing_pollfds(struct drawing *d, struct pollfd *fds, size_t n);
/* Call after each poll(); takes what changed. */
void drawing_drain(struct drawing *d);
/* Milliseconds until there is something to do without an event; -1 = never. */
int drawing_wait(const struct drawing *d);

/* The theme of the screen: "large" is laid out with more room. */
void drawing_set_theme(struct drawing *d, enum theme theme);

/* The page began anew: what the machine is now is what changes are marked against. At once, and
 * also while the drawing is hidden: whoever looks at it later wants to see what changed. */
void drawing_begin(struct drawing *d);
/* Something that the drawing shows is another one: the page's view, the wants, the size. */
void drawing_touch(struct drawing *d);
/* The drawing is looked at from outside of the lab: it says whose lab that is. */
void drawing_set_outside(struct drawing *d);
/* The watch that goes on in the lab (follow.h), before each drawing_update(); NULL = none. The view
 * "toolchain" shows it until the page turns. `run`: which one it is. */
void drawing_set_watch(struct drawing *d, const struct watch_recording *watch, unsigned run);
/* The person types or a command writes: for a while the drawing follows more closely. */
void drawing_lively(struct drawing *d);

/* Shows this view (a name of render/view.h) about this subject, whatever the page wants; NULL or ""
 * = what the page is about. With `view` NULL the page's again. False when there is no such view. */
bool drawing_choose(struct drawing *d, const char *view, const char *subject);
/* Whether the person chose the view that is shown, or zoomed in from, here. */
bool drawing_is_chosen(const struct drawing *d);
/* Who has the keys: while it is the drawing, the focus is shown, and a bar that says where it is.
 * Shown for the first time, something is focused. */
void drawing_activate(struct drawing *d, bool active);
/* The mouse at a cell of the area: button 1 was pressed, 4 and 5 are the wheel. */
void drawing_take_mouse(struct drawing *d, int row, int column, int button);
/* The one that a key for another view leads to. */
const struct view *drawing_next_view(const struct drawing *d);
/* To the present from a state of the past, to which [ and ] lead over the states that this drawing
 * has seen (shell/stage/history.h), { and } from page to page. True when it was not there. A page
 * that begins does this too. */
bool drawing_return(struct drawing *d);
/* Takes a key that was pressed while the drawing has the keys. False when it means nothing here:
 * then it is the caller's. */
bool drawing_take_key(struct drawing *d, const struct screen_key *key);

/* Reads and lays out if it is due, for an area of this size; `ascii`: no lines beyond ASCII. True
 * when there is something new to draw. An area without height or width
 * is a drawing that is hidden: it keeps what changes, and draws nothing. */
bool drawing_update(
        struct drawing *d, const struct lab_state *state, int height, int width, bool ascii);
/* Draws what was laid out last. */
void drawing_draw(struct drawing *d, struct screen *screen, const struct rectangle *area);
