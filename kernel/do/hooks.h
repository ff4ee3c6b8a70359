/* Programs that an engine wants run at points of a container's life: `hooks` of config.json.
 *
 * Each gets the container's state on its standard input: a file in memory, so that one which does
 * not read it blocks nobody. */
#pragma once

#include "kernel/do/config.h"
#include "kernel/do/step.h"

/* Runs all of a list, one after the other. With `pidfd` >= 0 each first enters the namespaces
 * `flags` of that process. A hook that fails, or takes longer than its timeout, ends the list:
 * -EPROTO or -ETIMEDOUT, with the path in `fail`. No stdio, no allocation: also for the child. */
int hooks_run(
        const struct hook_list *list, int state_fd, int pidfd, int flags, struct child_error *fail);
/* The state as such a file; the caller's. -errno. */
int hooks_state(const char *text, size_t n);
/* What a failure of hooks_run means, in words; NULL when errno says it. */
const char *hooks_meaning(int code);
