/* Limits of a single process by their names, getrlimit(2). */
#pragma once

#include <stdbool.h>

/* "RLIMIT_NOFILE" to its number; -1 when this system has none such. */
int rlimit_number(const char *name);

struct config;
/* Whether a hard limit is asked for that is above our own. */
bool rlimit_raises(const struct config *c);
