/* Reads a recorded watch, record.h, line by line. */
#pragma once

#include "kernel/base/buf.h"
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

/* Bytes of a record as they come, cut into lines. */
struct watch_lines {
	struct buf pending; /* a line that has not ended yet */
	bool begun;         /* the head was read */
	bool events_only;   /* calls and what is said are passed over unread */
};
/* Hands each line that has ended to `each`, which may keep a reference; a failure of its ends it.
 * -EFBIG for a line of more than 1 MiB. */
int watch_lines_take(struct watch_lines *l, const char *bytes, size_t n,
        int (*each)(void *data, json_t *line, struct error *err), void *data, struct error *err);
/* -EBADMSG when the last line is cut off. */
int watch_lines_end(const struct watch_lines *l, struct error *err);
void watch_lines_release(struct watch_lines *l);
