/* The hint that helps now: chosen by looking at the machine, with the same checks that the page's
 * verify script makes. */
#pragma once

#include "kernel/observe/model.h"
#include "shell/lesson/scenario.h"

/* The machine as the checks see it; NULL when it cannot be read. model_free() it. */
struct model *hint_look(void);
/* Whether the hint's condition is written well and holds; without a condition it always does. */
bool hint_holds(const struct scenario_hint *hint, const struct model *now);

/* The hints of a page that fit now: those whose `when` holds in `now`, then those without a
 * condition, in the order of the page. Fills at most `max` texts, which belong to the scenario, and
 * returns how many. `now` NULL: nothing is known, and only unconditional hints fit. */
size_t hint_list(
        const struct scenario_page *page, const struct model *now, const char **texts, size_t max);
