/* In a lab, the watch that goes on is kept in the lab's directory as well, shell/lab.h, so that
 * whoever draws the lab sees it while it happens. Written ten times a second at most: each time
 * wakes them. What does not work is left out, for it is the command that matters. */
#pragma once

#include "kernel/base/buf.h"

#include <stddef.h>
#include <stdint.h>

#define LAB_RECORD_NAME "watch.jsonl"

struct lab_record {
	int fd; /* -1 = we are in no lab */
	struct buf waiting;
	uint64_t written_ms; /* when it was written last, of the monotonic clock */
	size_t bytes;        /* so far */
};

/* Begins anew in the lab that CUTAWAY_LAB names. */
void lab_record_open(struct lab_record *l);
void lab_record_put(struct lab_record *l, const char *bytes, size_t n);
/* Waits until `fd` can be read, and writes meanwhile what is due. */
void lab_record_wait(struct lab_record *l, int fd);
void lab_record_close(struct lab_record *l);
