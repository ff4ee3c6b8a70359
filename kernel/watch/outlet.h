/* Where a record comes out, some lines together (outlet_flush() is called soon), without ever
 * waiting for who reads it: those who are followed wait for us, and the reader may be stopped (^Z),
 * or be held up by one of them. */
#pragma once

#include "kernel/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct outlet {
	int fd; /* a pipe's end that does not block; -1 when nobody reads any more */
	bool ending;
	struct buf waiting;
};

/* Makes `fd`, which is the outlet's from now on, one that does not block. */
void outlet_init(struct outlet *o, int fd);
/* Keeps it until some have come together, and writes what can be written then; the rest is for
 * outlet_flush(). A reader that has gone is no failure. */
void outlet_put(struct outlet *o, const char *bytes, size_t n);
/* Writes of what was kept as much as can be. Whether some is left. */
bool outlet_flush(struct outlet *o);
/* No more comes: closes it when all is written. */
void outlet_end(struct outlet *o);
/* Waits until all is written. */
void outlet_drain(struct outlet *o);
/* Closes it; what was kept is lost. */
void outlet_close(struct outlet *o);
