/* Lines of a recorded watch (kernel/watch/record.h) as text for people. */
#pragma once

#include "kernel/base/buf.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* What is shown: each level has all of those before. */
enum watch_level {
	WATCH_PROCESSES, /* who starts whom and what becomes of them */
	WATCH_KERNEL,    /* the calls that make isolation */
	WATCH_ALL,       /* all that is recorded */
};

/* By name: "processes", "kernel", "all". False when it is none. */
bool watch_level_find(const char *name, enum watch_level *ret);

/* Appends the line as text, with its newline; nothing when it is not of this level. */
void watch_line_show(struct buf *out, const json_t *line, enum watch_level level);
