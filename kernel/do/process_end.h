/* Ending one process for sure: asked first, then killed, and waited for by event. */
#pragma once

#include "kernel/base/process_id.h"

/* Waits until that very process has ended (as a zombie it counts as ended). 0 when it is gone,
 * -ETIMEDOUT. pidfd_open(2), Linux 5.3. */
int process_wait(const struct process_id *id, int timeout_ms);

/* SIGTERM and up to `grace_ms` for it to tidy up (0: none), then SIGKILL and up to five seconds.
 * 0 when it is gone or was never there; -EPERM when it is not ours; -ETIMEDOUT. */
int process_end(const struct process_id *id, int grace_ms);
