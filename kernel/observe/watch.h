/* Tells that the machine changed, so that idle means idle: proc connector (fork, exec, exit; needs
 * root), poll on mountinfo, rtnetlink, inotify on our runtime directory and on our control groups.
 * What the kernel does not tell here is covered by a timer of one second, and only then: it rings
 * when a second has passed since something was told. Where processes are not told of, programs that
 * start and end and host names that are set are still heard of (watch_hints.c).
 *
 * Storms: a machine may start a thousand processes a second. watch_drain() takes what is pending
 * but does not pause, so the caller does: after a true answer observe at once, then not again
 * before about 100 ms are over; drain once more before each observation, so that one observation
 * answers for all that came meanwhile.
 *
 * Usage counters (memory, CPU time) change without an event; they are as fresh as the last
 * observation. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/observe/changes.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

struct watch;

/* `runtime` NULL = dirs_path(). Makes its directory containers/ if it is not there, to watch it. */
int watch_new(const char *runtime, struct watch **ret, struct error *err);
void watch_free(struct watch *w);

/* Fills at most `n` entries with what to poll; returns how many. Ask again after each
 * watch_drain(). */
size_t watch_pollfds(struct watch *w, struct pollfd *fds, size_t n);
/* Takes what is pending (never blocks). True when something that the model shows may have changed.
 */
bool watch_drain(struct watch *w);
/* Whether that was the timer alone: a second has passed, and nothing was told. */
bool watch_only_rang(const struct watch *w);
/* Of which processes something was told since this was asked last, for observer_read_changed(). */
void watch_take_changes(struct watch *w, struct observer_changes *ret);
/* Whether every change is told by an event here (no timer needed). */
bool watch_is_complete(const struct watch *w);
