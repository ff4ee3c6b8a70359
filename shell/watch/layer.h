/* Who of a toolchain a process is, and how long a run was whose. */
#pragma once

#include "kernel/watch/recording.h"

#include <stdbool.h>

/* From the person to the program in the container; each waits for the ones after it. */
enum watch_layer {
	LAYER_CLIENT,
	LAYER_DAEMON,
	LAYER_SHIM,
	LAYER_RUNTIME,
	LAYER_CONTAINER,
	WATCH_LAYERS,
};

extern const char *const watch_layer_names[WATCH_LAYERS];

/* By the name of a process; `inside`: in a mount namespace of its own. */
enum watch_layer watch_layer_of(const char *name, bool inside);

struct watch_times {
	uint64_t whole; /* microseconds, of the command */
	/* Each moment is that of the last layer that has a process then; of a daemon from when it
	 * is asked something. Together they are the whole. */
	uint64_t layers[WATCH_LAYERS];
	uint64_t calls[WATCH_LAYERS]; /* in the recorded calls of each layer's processes */
};

/* The watcher becoming the command, and looking for it along PATH. That is of no run. */
bool watch_is_our_start(const struct watch_event *e);

/* -ENOMEM. */
int watch_times(const struct watch_recording *r, struct watch_times *ret);
