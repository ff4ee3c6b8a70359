/* The watch that goes on in a lab, or has ended there: read from the lab's directory as it grows
 * (shell/watch/lab_record.h). */
#pragma once

#include "kernel/watch/record_read.h"
#include "kernel/watch/recording.h"

#include <stdbool.h>
#include <sys/stat.h>

struct watched_run {
	struct watch_lines lines;
	struct watch_recording recording;
	int fd; /* -1 = none */
	ino_t inode;
	unsigned runs; /* how many there have been */
	bool broken;   /* what is there is no record */
};

void watched_run_init(struct watched_run *w);
void watched_run_release(struct watched_run *w);
/* Reads what is new below the lab's directory; true when something is. */
bool watched_run_take(struct watched_run *w, int lab);
/* NULL when there is none. It stays until the next call of watched_run_take(). */
const struct watch_recording *watched_run_recording(const struct watched_run *w);
