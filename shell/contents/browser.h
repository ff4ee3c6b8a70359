/* `cutaway tree` as a screen: the layers on one side, on the other the files that the chosen one
 * adds, changes and removes. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/contents/file_view.h"
#include "kernel/contents/image_contents.h"
#include "render/theme.h"

/* Until the person ends it. `view` is how it begins. 0, or 128 + the signal that ended it; -ENOTTY
 * and -EOPNOTSUPP as screen_open(). */
int browser_run(const struct image_contents *c, const struct file_view *view, enum theme theme,
        struct error *err);
