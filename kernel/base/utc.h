/* A time in text, RFC 3339: "2026-01-31T12:00:00.123456789Z". gmtime(3) does the same and reads the
 * zone of /etc/localtime each time a program begins. */
#pragma once

#include <time.h>

enum { UTC_SIZE = 64 };

/* From the year 0 to 9999; `out` is returned. */
const char *utc_text(struct timespec t, char out[static UTC_SIZE]);
