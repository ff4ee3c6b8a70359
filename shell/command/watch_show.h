/* Lines of a recorded watch (kernel/watch/record.h) as text for people. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"

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

/* Reads one line of `n` bytes. The first one must be a head that we know: -EPROTONOSUPPORT for
 * another version, -EBADMSG for what is no record. *ret is the caller's. */
int watch_line_read(const char *line, size_t n, bool first, json_t **ret, struct error *err);
/* Appends the line as text, with its newline; nothing when it is not of this level. */
void watch_line_show(struct buf *out, const json_t *line, enum watch_level level);
/* The exit status that the last line tells, as a shell has it (128 + signal); -1 for other lines.
 */
int watch_line_status(const json_t *line);
