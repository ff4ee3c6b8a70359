/* What `cutaway run --plan` prints. */
#pragma once

#include "kernel/do/container.h"

/* The steps in full, as text or as JSON (step_json.h), on standard output; nothing is done. 0, or
 * -ENOMEM. */
int run_plan_print(struct container *c, bool as_json);
/* On standard error, why the plan has no steps of a control group; nothing when it has. */
void run_plan_note(const struct container *c);
