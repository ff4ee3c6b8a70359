#include "shell/lesson/hint.h"

#include "kernel/observe/check.h"
#include "kernel/observe/observer.h"

struct model *hint_look(void)
{
	struct observer *observer = NULL;
	struct model *model = NULL;

	if (observer_new(&(struct observer_options){0}, &observer, NULL) == 0)
		observer_read(observer, &model, NULL);
	observer_free(observer);
	return model;
}

bool hint_holds(const struct scenario_hint *hint, const struct model *now)
{
	struct check_result result;

	return !hint->when ||
	       (now && check_eval(now, hint->when, &result, NULL) == 0 && result.holds);
}

size_t hint_list(
        const struct scenario_page *page, const struct model *now, const char **texts, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < page->n_hints && n < max; i++)
		if (page->hints[i].when && hint_holds(&page->hints[i], now))
			texts[n++] = page->hints[i].text;
	for (size_t i = 0; i < page->n_hints && n < max; i++)
		if (!page->hints[i].when)
			texts[n++] = page->hints[i].text;
	return n;
}
