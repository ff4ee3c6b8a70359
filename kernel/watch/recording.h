/* A recorded watch (record.h) as a whole: its events in the order in which they began. */
#pragma once

#include "kernel/base/arena.h"
#include "kernel/base/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum watch_kind {
	WATCH_CALL,
	WATCH_API, /* a request to a daemon, or an answer */
	WATCH_START,
	WATCH_IN, /* in which namespaces a process is now */
	WATCH_END,
	WATCH_LOST,
	WATCH_MISSED, /* `result` events came too fast to be told */
	WATCH_FINISH, /* the command has ended */
	WATCH_OTHER,  /* of a later version */
};

/* Strings are as the record has them, never NULL: clean them before a terminal gets them. */
struct watch_event {
	enum watch_kind kind;
	uint64_t t, us; /* microseconds since the start; how long a call took */
	pid_t pid, tid;
	pid_t other;      /* of a start: the parent; of what is said: to whom, 0 = not told */
	const char *comm; /* "" = not told */
	const char *name; /* of the call, of the API, of the event */
	const char *text; /* arguments; what is said; namespaces as "uts:4026531838 net:…" */
	const char *to;   /* of what is said: where the connection leads to */
	bool answer;
	bool heard;     /* `to` and `other` are who has said it, and this process has heard it */
	const char *of; /* of an answer: to which request; "" = not told */
	int64_t bytes;  /* of what is said; -1 = not told */
	const char *failure; /* errno by name, or a signal's name; "" = none */
	int64_t result;      /* of a call; of an end the status */
};

struct watch_recording {
	const char *command, *kernel, *machine, *started; /* of the head */
	struct watch_event *events;
	size_t n, capacity;
	struct arena strings;
};

void watch_recording_release(struct watch_recording *r);
/* Takes a line. -ENOMEM; -EFBIG for more events than anybody looks at. For watch_lines_take():
 * `recording` is a struct watch_recording. */
int watch_recording_add(void *recording, json_t *line, struct error *err);
/* Reads all of a file into an empty one. */
int watch_recording_read(int fd, struct watch_recording *r, struct error *err);
