/* What each process of a recorded watch was called at each moment: a program started by execve(2)
 * has another name than what it was started from, and some name themselves (PR_SET_NAME). */
#pragma once

#include "kernel/watch/recording.h"

#include <stdbool.h>

struct who;

/* NULL when memory is out. The recording stays and must not change. */
struct who *who_new(const struct watch_recording *r);
void who_free(struct who *w);

/* The name of the process of this event, at its beginning; "" = not known. */
const char *who_of(const struct who *w, size_t event);
/* And at its end: another one after execve(2). */
const char *who_after(const struct who *w, size_t event);
/* The name of a process at a time; "" when it was not seen. */
const char *who_at(const struct who *w, pid_t pid, uint64_t t);
/* Whether this is the watcher itself, about to become the command: you. */
bool who_is_you(const struct who *w, size_t event);
/* Whether its process was in a mount namespace of its own by then. */
bool who_is_inside(const struct who *w, size_t event);

/* All pairs of a process and a name that it had for a while; a process may have had several. */
size_t who_names(const struct who *w);
const char *who_name(const struct who *w, size_t i);
pid_t who_pid(const struct who *w, size_t i);
