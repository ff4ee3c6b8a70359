/* Whom the kernel ends first, see oom_score.c. */
#pragma once

#include "kernel/base/buf.h"

/* The caller's own score; what it forks has it too. 0, or a negative errno: without
 * CAP_SYS_RESOURCE it cannot be lowered. For the child, too. */
int oom_score_set_own(int score);
/* Says that it stays as it is. */
void oom_score_warn(struct buf *warnings, int score);
