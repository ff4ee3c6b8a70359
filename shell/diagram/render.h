/* A picture of a diagram in a string: for `diagram show` and `diagram save`. */
#pragma once

#include "kernel/base/buf.h"
#include "render/theme.h"
#include "shell/diagram/picture.h"

/* Text for this size, lines of ASCII if `ascii`. 0 or -ENOMEM. */
int diagram_text(const struct picture *p, int width, int height, bool ascii, enum theme theme,
        struct buf *out);
/* SVG, as large as it needs to be. */
int diagram_svg(const struct picture *p, enum theme theme, struct buf *out);
