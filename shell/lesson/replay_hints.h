/* Which hints of a page come true while a lesson is done: one that never does was written for a
 * state that nobody can be in, or its condition is wrong. For the proof in `cutaway lint`. */
#pragma once

#include "kernel/base/buf.h"
#include "shell/lesson/scenario.h"

#include <stdbool.h>

enum { REPLAY_HINTS = 64 }; /* of a page; those beyond are not watched */

struct replay_hints {
	bool fired[REPLAY_HINTS];
};

/* Looks at the machine and marks the hints of the page whose condition holds now. Hints without a
 * condition always do. */
void replay_hints_look(struct replay_hints *h, const struct scenario_page *page);
/* Appends a line for each hint that never came true. */
void replay_hints_missing(
        const struct replay_hints *h, const struct scenario_page *page, struct buf *out);
