/* One process waits for all threads that are followed. Where a filter stops them (trap.h) they run
 * freely between the calls of interest; others stop at every call, or, seen by the tap
 * (tap/tap.h), never. What a stop is about says stop_info.h. Internal to kernel/watch. */
#pragma once

#include "kernel/watch/following.h"

/* Leaves the terminal to the front, whose end is told to us from now on. */
void follow_leave_front(pid_t front);
/* Follows until nobody is left who needs us. */
void follow(struct following *f);
