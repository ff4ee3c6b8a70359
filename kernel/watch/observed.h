/* What the probe has seen of those who are not stopped (probe/probe.h), told like what a stop
 * tells. Internal to kernel/watch. */
#pragma once

#include "kernel/watch/following.h"

/* Follows these processes from now on; f->probe is open. Negative errno. */
int observed_begin(struct following *f, const pid_t *pids, size_t n);
/* Tells what has been seen since. Whether there was anything. */
bool observed_take(struct following *f);
/* Tells the namespaces that f->seen has of it. */
void observed_namespaces(struct following *f, struct tracee *t);
