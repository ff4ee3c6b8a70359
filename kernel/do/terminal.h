/* A terminal that belongs to the container: a pair from its own devpts, pts(4), pty(7). */
#pragma once

#include "kernel/do/step.h"

struct build;

/* In the child, when /dev is mounted: opens a pair. The slave becomes /dev/console, and later the
 * controlling terminal of the program; the master goes to the parent with the next report. */
int terminal_open(struct build *b, struct child_error *fail);
/* The same in a container that runs, with its root as ours: for exec. */
int terminal_open_here(struct build *b, struct child_error *fail);
