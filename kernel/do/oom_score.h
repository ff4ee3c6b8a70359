/* Whom the kernel ends first when memory runs out, proc(5). */
#pragma once

/* Of the calling process, through the /proc it sees. What it may not set stays as it is. No stdio,
 * no allocation: also for the child. */
void oom_score_set_own(int score);
