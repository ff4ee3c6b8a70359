/* `run --step` on a terminal: one key a step. */
#pragma once

#include "kernel/do/container.h"

/* Walks through the steps by keys until the program runs: 0. 1 when the person quits; the caller
 * undoes what was done. A failed step is told and may be tried again. */
int step_keys(struct container *c, struct error *err);
