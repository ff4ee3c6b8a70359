#include "shell/stage/budget.h"

enum { THOUSAND = 1000, MOST_MS = 3600000 };

void budget_init(struct budget *b, int64_t now_ms)
{
	*b = (struct budget){
	        .wakes = (int64_t)BUDGET_WAKES * THOUSAND, .us = BUDGET_US, .at_ms = now_ms};
}

static int64_t at_most(int64_t value, int64_t most)
{
	return value < most ? value : most;
}

void budget_refill(struct budget *b, int64_t now_ms)
{
	int64_t ms = at_most(now_ms - b->at_ms, MOST_MS);

	if (ms <= 0)
		return;
	b->wakes = at_most(
	        b->wakes + ms * THOUSAND / BUDGET_WAKE_MS, (int64_t)BUDGET_WAKES * THOUSAND);
	b->us = at_most(b->us + ms * BUDGET_US_PER_SECOND / 1000, BUDGET_US);
	b->at_ms = now_ms;
}

void budget_spend(struct budget *b, int wakes, int64_t us)
{
	b->wakes -= (int64_t)wakes * THOUSAND;
	b->us -= us;
	if (b->wakes < 0)
		b->wakes = 0;
	if (b->us < 0)
		b->us = 0;
}

bool budget_allows(const struct budget *b, int64_t us)
{
	/* Two wake-ups: at what is told, and at the look. With less, one after the other would be
	 * spent as it comes, and nothing be saved up. */
	return b->wakes >= 2 * THOUSAND && b->us >= at_most(us, BUDGET_US);
}
