/* What a call of a recorded watch is for: the step (kernel/do/step.h) in which our own runtime
 * makes it, whose words are those of the lessons. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/watch/recording.h"
#include "shell/watch/inferred.h"

/* The id of the step that does the like; NULL when there is none. */
const char *watch_step_of(const struct watch_event *e);

/* Appends a line or more: what the step is called and why one does it, where to read on. Of a call
 * that no step makes only its manual page; nothing for what is no call. */
void watch_explain(const struct watch_event *e, struct buf *out);

/* What is not known of a thing said, since it was named before, and what is concluded all the same.
 */
void watch_explain_inferred(const struct inference *i, struct buf *out);
