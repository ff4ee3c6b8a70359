#include "shell/lesson/replay_hints.h"

#include "shell/lesson/hint.h"

static bool awaited(const struct replay_hints *h, const struct scenario_page *page, size_t i)
{
	return page->hints[i].when && !h->fired[i];
}

static size_t count(const struct scenario_page *page)
{
	return page->n_hints < REPLAY_HINTS ? page->n_hints : REPLAY_HINTS;
}

void replay_hints_look(struct replay_hints *h, const struct scenario_page *page)
{
	struct model *now = NULL;

	for (size_t i = 0; i < count(page); i++) {
		if (!awaited(h, page, i))
			continue;
		if (!now && !(now = hint_look()))
			return;
		h->fired[i] = hint_holds(&page->hints[i], now);
	}
	model_free(now);
}

void replay_hints_missing(
        const struct replay_hints *h, const struct scenario_page *page, struct buf *out)
{
	for (size_t i = 0; i < count(page); i++)
		if (awaited(h, page, i))
			buf_addf(out,
			        "never true: %s\n(a \"try\" of the hint can bring it about, its "
			        "\"undo\" ends it)\n",
			        page->hints[i].when);
}
