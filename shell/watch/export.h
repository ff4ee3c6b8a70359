/* A recorded watch in the forms in which it is given away. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"
#include "kernel/watch/recording.h"
#include "render/theme.h"
#include "shell/watch/level.h"

#include <stdbool.h>

enum watch_format { WATCH_TEXT, WATCH_SVG, WATCH_JSON, WATCH_TRACE };

struct watch_export {
	enum watch_format format;
	enum watch_level level;
	int width; /* cells, of text and SVG */
	bool ascii;
	enum theme theme; /* of text: THEME_NONE without colours */
};

/* By name: "text", "svg", "json", "trace". False when it is none. */
bool watch_format_find(const char *name, enum watch_format *ret);
/* From the ending of a file's name; text where it says nothing. */
enum watch_format watch_format_of_file(const char *path);
int watch_export(const struct watch_recording *r, const struct watch_export *o, struct buf *out,
        struct error *err);
