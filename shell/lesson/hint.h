/* The hint that helps now: chosen by looking at the machine, with the same checks that the page's
 * verify script makes. */
#pragma once

#include "kernel/observe/model.h"
#include "shell/lesson/scenario.h"

/* The hint for the `asked`-th time (from 0) that one is asked for on this page. Those whose `when`
 * holds in `now` come first, then those without a condition, in the order of the page; after the
 * last one the first comes again. NULL when the page has none that fits. `now` NULL: nothing is
 * known, and only unconditional hints fit. Belongs to the scenario. */
const char *hint_choose(const struct scenario_page *page, const struct model *now, size_t asked);
