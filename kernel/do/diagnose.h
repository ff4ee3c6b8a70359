/* What an errno means in a step, where the step has nothing of its own to say of it: one table,
 * from the man page of the call that the step makes. */
#pragma once

#include "kernel/base/error.h"

#include <stdbool.h>

/* Replaces the cause of `err` if that says no more than strerror(3) does. `id`: of the step. */
void diagnose_step(const char *id, int code, struct error *err);

/* Whether the cause is still strerror's. */
bool diagnose_is_plain(const struct error *err);
