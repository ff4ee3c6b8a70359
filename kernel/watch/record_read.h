/* Reads a recorded watch, record.h, line by line. */
#pragma once

#include "kernel/base/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Reads one line of `n` bytes. The first one must be a head that we know: -EPROTONOSUPPORT for
 * another version, -EBADMSG for what is no record. *ret is the caller's. */
int watch_line_read(const char *line, size_t n, bool first, json_t **ret, struct error *err);
/* The exit status that the last line tells, as a shell has it (128 + signal); -1 for other lines.
 */
int watch_line_status(const json_t *line);
