/* Amounts as people write them: "64M", "1g", "4096". */
#pragma once

#include <stdint.h>

/* Binary multiples: k, m, g, t and b, either case, one letter at most ("64M", "64MB" and "64MiB"
 * are the same). -EINVAL for anything else, zero and what does not fit. */
int size_parse(const char *text, uint64_t *ret);
/* A whole number above 0 in decimal, nothing around it. */
int count_parse(const char *text, uint64_t *ret);
