/* Where a replay happens: directories of its own, so that it neither sees nor changes what the
 * person who runs it has, and an environment that leads there. */
#pragma once

#include "kernel/base/error.h"

#include <signal.h>
#include <stdbool.h>

struct replay_place {
	char *directory; /* temporary; holds the others */
	char *home, *runtime;
	char lab_id[64];
	char *saved[9];   /* our environment as it was */
	sigset_t signals; /* our mask as it was */
};

/* Makes the directories and sets HOME, XDG_*, PATH, CUTAWAY_LAB and LAB. As root, mounts from now
 * on stay in a mount namespace of our own. Signals that would end us are held back until
 * replay_place_remove(), which is to be called also after a failure. */
int replay_place_make(struct replay_place *p, struct error *err);
/* Whether such a signal has come. */
bool replay_place_is_ended(void);
/* Sets the environment back and removes the directories. */
void replay_place_remove(struct replay_place *p);
