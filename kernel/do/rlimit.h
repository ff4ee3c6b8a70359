/* Limits of a single process by their names, getrlimit(2). */
#pragma once

/* "RLIMIT_NOFILE" to its number; -1 when this system has none such. */
int rlimit_number(const char *name);
