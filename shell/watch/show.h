/* Lines of a recorded watch (kernel/watch/record.h) as text for people. */
#pragma once

#include "kernel/base/buf.h"
#include "shell/watch/level.h"

#include <jansson.h>

/* Appends the line as text, with its newline; nothing when it is not of this level. */
void watch_line_show(struct buf *out, const json_t *line, enum watch_level level);
