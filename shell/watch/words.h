/* What an event of a recorded watch says, in one line. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/watch/recording.h"
#include "render/scene.h"
#include "shell/watch/lifelines.h"

/* Of the events of an arrow: clean, the arena's; NULL when memory is out. */
const char *words_of(
        const struct watch_recording *r, const struct watch_arrow *arrow, struct arena *a);
/* What it is about. */
enum scene_role words_role(const struct watch_event *e);
/* The words of a command line in the arguments of execve(2), joined by blanks. */
void words_command(const char *arguments, struct buf *out);
