/* Where a replay happens: directories of its own, so that it neither sees nor changes what the
 * person who runs it has, and an environment that leads there. */
#pragma once

#include "kernel/base/error.h"
#include "shell/lesson/scenario.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

enum { REPLAY_BACKGROUND_MAX = 64 };

struct replay_place {
	char *directory; /* temporary; holds the others */
	char *home, *runtime;
	char lab_id[64];
	char *saved[8];                          /* our environment as it was */
	sigset_t signals;                        /* our mask as it was */
	pid_t background[REPLAY_BACKGROUND_MAX]; /* process groups */
	size_t n_background;
};

/* Makes the directories and sets HOME, XDG_*, PATH and CUTAWAY_LAB. As root, mounts from now on
 * stay in a mount namespace of our own. Signals that would end us are held back until
 * replay_place_remove(), which is to be called also after a failure. */
int replay_place_make(struct replay_place *p, struct error *err);
/* Whether such a signal has come. */
bool replay_place_is_ended(void);
/* Starts a background script; its output goes nowhere. */
int replay_place_background(
        struct replay_place *p, const struct scenario_script *script, struct error *err);
void replay_place_end_background(struct replay_place *p);
/* Sets the environment back and removes the directories. */
void replay_place_remove(struct replay_place *p);
