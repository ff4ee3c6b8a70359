/* One member of a JSON object by its dotted path: "pid", "config.process.cwd". */
#pragma once

#include "kernel/base/error.h"

#include <jansson.h>

/* Prints it: a string plain, all else as JSON. -ENOENT. */
int json_member_print(const json_t *object, const char *path, struct error *err);
