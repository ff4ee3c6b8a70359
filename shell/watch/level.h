/* How much of a watch is shown: each level has all of those before. */
#pragma once

#include "kernel/watch/recording.h"

#include <jansson.h>
#include <stdbool.h>

enum watch_level {
	WATCH_LEVEL_API,       /* what is asked of daemons, and what they answer */
	WATCH_LEVEL_PROCESSES, /* who starts whom and what becomes of them */
	WATCH_LEVEL_KERNEL,    /* the calls that make isolation */
	WATCH_LEVEL_ALL,       /* all that is recorded */
	WATCH_LEVELS,
};

/* Their names: "api", "processes", "kernel", "all". */
extern const char *const watch_level_names[WATCH_LEVELS];
/* By name. False when it is none. */
bool watch_level_find(const char *name, enum watch_level *ret);

/* The first level that has a call made with these arguments, with an errno by name or "". */
enum watch_level watch_level_of_call(const char *call, const char *arguments, const char *failure);
enum watch_level watch_level_of(const struct watch_event *e);
