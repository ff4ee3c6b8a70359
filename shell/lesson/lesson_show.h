/* A lesson as a whole, for reading and for other programs: every page with its text and its
 * commands. Nothing of it is run. */
#pragma once

#include "kernel/base/buf.h"
#include "shell/lesson/scenario.h"

#include <jansson.h>

/* Appends the lesson as plain text of lines no wider than `width`. 0 or -ENOMEM. */
int lesson_show_text(const struct scenario *lesson, int width, bool ascii, struct buf *out);

/* The lesson as a JSON object of the caller's, NULL when memory is out:
 *   {"folder", "name", "title", "description", "time", "difficulty", "machine", "notes",
 *    "problems": [{"file", "problem"}], "assets": [{"host", "file", "target", "chmod"}],
 *    "pages": [{"kind": "intro"|"step"|"finish", "title", "file", "text", "answer", "hint",
 *     "questions": [{"question", "answer", "choices": [{"text", "right"}]}],
 *     "commands": [{"text", "action": "exec"|"copy"|"interrupt"|…, "terminal", "host", "line",
 *     "fenced"}],
 *     "verify", "foreground", "background": FILE}]} */
json_t *lesson_show_json(const struct scenario *lesson);
