/* How far transfers have come, for whoever shows it. Libraries print nothing. */
#pragma once

#include "kernel/store/digest.h"

#include <stddef.h>
#include <stdint.h>

enum transfer_state {
	TRANSFER_WAITING, /* its turn has not come */
	TRANSFER_SHARED,  /* another process is fetching it */
	TRANSFER_MOVING,
	TRANSFER_DONE
};

enum transfer_how {
	TRANSFER_WHOLE,   /* all bytes went over the line */
	TRANSFER_RESUMED, /* those that an interrupted transfer had left out */
	TRANSFER_PRESENT, /* none: it was there */
	TRANSFER_MOUNTED  /* none: the registry had it in another repository */
};

/* A blob. */
struct transfer_item {
	char name[32]; /* "config", "layer 3" */
	char digest[DIGEST_TEXT];
	uint64_t size;  /* bytes */
	uint64_t done;  /* bytes that are where they should be */
	uint64_t moved; /* bytes that went over the line */
	enum transfer_state state;
	enum transfer_how how;
};

struct progress {
	/* Called about ten times a second and at each change of a state. NULL: not wanted. */
	void (*changed)(void *data, const struct transfer_item *items, size_t n);
	/* What else there is to know, a sentence. NULL: not wanted. */
	void (*note)(void *data, const char *text);
	void *data;
};

void progress_changed(const struct progress *p, const struct transfer_item *items, size_t n);
void progress_note(const struct progress *p, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
