/* Names that a recorded watch has not heard, "(method A: named before we looked)" (record.h), and
 * what they will have been. The methods of containerd's services tasks and containers are told by
 * what they cause: while one waits for its answer the daemon asks the shim for its own part of it
 * (services/tasks/local.go of containerd), or what is sent and what comes back has a size that no
 * other has. That is a conclusion, not an observation, and nowhere told as one. */
#pragma once

#include "kernel/base/arena.h"
#include "kernel/watch/recording.h"

struct inference {
	const char *name;    /* "Tasks/Create", "OK"; NULL = nothing is known of it */
	const char *because; /* a sentence */
	const char *letter;  /* "method A"; NULL = the event has said what it is */
};

/* One for each event, the arena's. NULL when memory is out. */
const struct inference *inferred_of(const struct watch_recording *r, struct arena *a);
