/* The files of a page, each by itself and as it is on disk: zero bytes, code in it that never ends,
 * and scripts that their shell cannot read. Nothing of them is run. */
#pragma once

#include "shell/lesson/lint.h"

/* `fd` is the lesson's folder. */
void lint_files(struct lint *l, int fd, const struct scenario_page *page);
