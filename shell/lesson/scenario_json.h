/* The JSON files of lessons, read with errors that say file, line and column. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"

#include <jansson.h>
#include <stddef.h>

/* Reads a JSON object from `path` below the folder `fd`; `folder` is its name, for messages.
 * *ret is the caller's reference. */
int scenario_json_read(int fd, const char *folder, const char *path, size_t limit, json_t **ret,
        struct error *err);

/* The same for files of lessons from elsewhere: what is no JSON is mended (json_mend.h), and the
 * error is that of the file as it stands. Appends to `remark` (may be NULL) one sentence on what
 * was mended, or on keys that stand twice, of which the last counts. */
int scenario_json_read_sloppy(int fd, const char *folder, const char *path, size_t limit,
        struct buf *remark, json_t **ret, struct error *err);

/* The line (from 1) where the value at `path` stands in JSON text that has been parsed without
 * error: "details.steps[2].cutaway.hints". The line of the nearest one above it that exists. */
int scenario_json_line(const char *text, const char *path);
