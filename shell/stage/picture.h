/* The drawing as an area of the stage: reads the machine when it changed, at most ten times a
 * second and once a second while the learner does nothing, lays the view out and keeps it as cells.
 */
#pragma once

#include "kernel/base/error.h"
#include "render/screen.h"
#include "shell/lab_state.h"
#include "shell/stage/layout.h"

#include <poll.h>
#include <stdbool.h>

struct picture;

int picture_new(struct picture **ret, struct error *err);
void picture_free(struct picture *p); /* accepts NULL */

size_t picture_pollfds(struct picture *p, struct pollfd *fds, size_t n);
/* Call after each poll(); takes what changed. */
void picture_drain(struct picture *p);
/* The page began anew: what the machine is at the next reading is what changes are marked against.
 */
void picture_begin(struct picture *p);
/* Something that the drawing shows is another one: the view, the wants, the size. */
void picture_touch(struct picture *p);
/* The learner types or a command writes: for a while the machine is read more often. */
void picture_lively(struct picture *p);
/* Milliseconds until the next reading is due; -1 = when something changes. */
int picture_wait(const struct picture *p);
/* Reads and lays out if it is due. True when there is something new to draw. */
bool picture_update(
        struct picture *p, const struct lab_state *state, int height, int width, bool ascii);
void picture_draw(struct picture *p, struct screen *screen, const struct rectangle *area);
