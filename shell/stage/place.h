/* Where the learner is, for a status line. */
#pragma once

#include "kernel/base/buf.h"
#include "shell/lab_state.h"

#include <stdbool.h>

/* "Containers are Linux 3/9 (2 missing) How much it may use", with a blank before it; `narrow`
 * without the lesson's title. The words are the lab's, uncleaned. */
void place_add(const struct lab_state *state, bool narrow, bool ascii, struct buf *out);
