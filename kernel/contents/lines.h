/* Pieces of bytes ─▶ lines. Longer ones than LINES_MAX are cut: nothing that is looked for is. */
#pragma once

#include <stddef.h>

enum { LINES_MAX = 4352 };

struct lines {
	char text[LINES_MAX];
	size_t n;
};

/* Calls `take` with each line that is whole, without its newline; lines_end() with the last one,
 * which may have none. */
void lines_add(struct lines *l, const char *bytes, size_t n,
        void (*take)(void *data, const char *line), void *data);
void lines_end(struct lines *l, void (*take)(void *data, const char *line), void *data);
