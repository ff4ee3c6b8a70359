/* Spelling, as aspell(1) has it: British English. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"

/* Appends the words of `text` that aspell does not know, one a line, each as often as it stands
 * there. -ENOENT: there is no aspell, or it has no English dictionary (Debian package aspell-en).
 */
int spell_check(const char *text, struct buf *words, struct error *err);
