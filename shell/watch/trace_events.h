/* A recorded watch for the viewers of traces, Perfetto (ui.perfetto.dev) and chrome://tracing: the
 * JSON object form of the Trace Event Format ("Trace Event Format", The Chromium Authors, 2016).
 *
 *   M  names of processes and threads
 *   X  on the row of a process each program that it was, from its beginning to its end; on the row
 *      of the thread each call, with its arguments and its errno
 *   i  what a daemon was asked or has answered, processes in other namespaces, ends
 *   s f  an arrow from who starts a process to that process, from who asks to who is asked
 *
 * Times are microseconds since the start. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/watch/recording.h"

/* -ENOMEM. */
int watch_trace_events(const struct watch_recording *r, struct buf *out);
