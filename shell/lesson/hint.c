#include "shell/lesson/hint.h"

#include "kernel/observe/check.h"

/* Whether a condition is written well and holds. */
static bool holds(const char *when, const struct model *now)
{
	struct check_result result;

	return now && check_eval(now, when, &result, NULL) == 0 && result.holds;
}

size_t hint_list(
        const struct scenario_page *page, const struct model *now, const char **texts, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < page->n_hints && n < max; i++)
		if (page->hints[i].when && holds(page->hints[i].when, now))
			texts[n++] = page->hints[i].text;
	for (size_t i = 0; i < page->n_hints && n < max; i++)
		if (!page->hints[i].when)
			texts[n++] = page->hints[i].text;
	return n;
}
