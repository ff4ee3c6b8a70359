/* Text from outside (file names, names of images, labels), shown: a terminal must not act upon what
 * stands in it, and a reader must see what is there. */
#pragma once

#include "kernel/base/buf.h"

/* Appends `text`. Printable UTF-8 stays as it is; control characters (also those of C1, which some
 * terminals obey in UTF-8) and bytes that are no UTF-8 become \xNN, characters that turn or hide
 * what stands beside them (Unicode's bidirectional controls, separators, the byte order mark)
 * become \u{N}. One line stays one line. */
void buf_add_shown(struct buf *b, const char *text);
