/* The hint that helps now: chosen by looking at the machine, with the same checks that the page's
 * verify script makes. */
#pragma once

#include "kernel/observe/model.h"
#include "shell/lesson/scenario.h"

/* The hints of a page that fit now: those whose `when` holds in `now`, then those without a
 * condition, in the order of the page. Fills at most `max` texts, which belong to the scenario, and
 * returns how many. `now` NULL: nothing is known, and only unconditional hints fit. */
size_t hint_list(
        const struct scenario_page *page, const struct model *now, const char **texts, size_t max);
