/* What the tap has seen of those who are not stopped (tap/tap.h), told like what a stop
 * tells. Internal to kernel/watch. */
#pragma once

#include "kernel/watch/following.h"

/* Follows these processes from now on; f->tap is open. Negative errno. */
int observed_begin(struct following *f, const pid_t *pids, size_t n);
/* Tells what has been seen since. Whether there was anything. */
bool observed_take(struct following *f);
/* Tells the namespaces that f->seen has of it. */
void observed_namespaces(struct following *f, struct tracee *t);
