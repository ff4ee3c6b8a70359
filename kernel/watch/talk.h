/* What followed processes say to others over sockets, taken from the calls by which they write and
 * read. Internal to kernel/watch.
 *
 * Writes are seen always. Reads stop a process that runs under our filter for nothing most of the
 * time: they are looked at only while one waits for an answer from a process that is not followed,
 * and of those that stop at every call anyway. */
#pragma once

#include "kernel/watch/call.h"
#include "kernel/watch/following.h"

/* A thread is about to write or read. True: the end of the call is to be told as well. */
bool talk_enter(
        struct following *f, struct tracee *t, const struct call *c, const struct call_made *made);
/* It has done so. */
void talk_leave(struct following *f, struct tracee *t, int64_t result, bool failed);
/* What waits for its end is told as it is. */
void talk_end(struct following *f);
