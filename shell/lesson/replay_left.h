/* What a lesson left on the machine after its lab was closed: there must be nothing. */
#pragma once

#include "kernel/base/buf.h"

#include <stddef.h>

/* Names of containers that were seen while the lesson ran. */
struct replay_seen {
	struct buf names; /* each ended by NUL */
};

/* Remembers the containers that are in the runtime directory now. */
void replay_left_note(struct replay_seen *seen, const char *runtime);

/* Appends a line for each thing that is still there: containers in the runtime directory, control
 * groups of the containers seen, processes of the lab, mounts below `directory`, images in the
 * store. */
void replay_left_find(const struct replay_seen *seen, const char *runtime, const char *lab_id,
        const char *directory, struct buf *out);
