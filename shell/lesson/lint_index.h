/* The index.json of a lesson, looked at strictly: every key that we know has its type, every key of
 * ours is one that we know. */
#pragma once

#include "shell/lesson/lint.h"

#include <jansson.h>

/* `text` is the source of `root`, for lines. */
void lint_index(struct lint *l, const char *text, const json_t *root);
