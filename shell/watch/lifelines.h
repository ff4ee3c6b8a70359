/* A recorded watch as a sequence diagram: a lifeline for you, for each program that was seen and,
 * last, for the kernel; an arrow for what was said to a daemon, for a program started, for a call.
 *
 * A lifeline is a program, not a process: twenty runs of iptables are one. Calls alike that follow
 * each other are one arrow with their number, below the level "all". */
#pragma once

#include "kernel/watch/recording.h"
#include "render/sequence.h"
#include "shell/watch/inferred.h"
#include "shell/watch/level.h"

/* The events behind a message: `count` of them, of which this is the first. */
struct watch_arrow {
	size_t event, count;
	struct inference inferred; /* of what was said: what it will have been */
};

struct lifelines {
	struct sequence sequence;
	struct watch_arrow *arrows; /* one for each message */
	size_t above;               /* events of higher levels, which have no arrow */
};

enum { LIFELINES_MARGIN = 11 };

/* For so many cells beside the margin. Where names have no room, those that a program gave itself
 * ("runc:[2:INIT]") are that program; where lifelines have none, those seen last are one. All in
 * the arena. -ENOMEM. */
int lifelines_of(const struct watch_recording *r, enum watch_level level, int width,
        struct arena *a, struct lifelines *ret);
/* The message that has this event, or the next one after it; the last. */
size_t lifelines_find(const struct lifelines *l, size_t event);
