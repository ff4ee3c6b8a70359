/* A recorded watch on the terminal: browser.h with a screen. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/watch/recording.h"
#include "render/theme.h"
#include "shell/watch/level.h"

/* Until the person ends it. 0, or 128 + the signal that ended it; -ENOTTY and -EOPNOTSUPP as
 * screen_open(). */
int watch_screen(const struct watch_recording *r, enum watch_level level, enum theme theme,
        struct error *err);
