/* How often a program that nobody uses may wake up and look: a budget of wake-ups and of processor
 * time that fills slowly and is spent at once. After calm, many changes in a row are shown as they
 * come; on a machine that changes all the time the budget stays empty, and what is allowed is one
 * wake-up a second. So over any long time the average is what flows in: one wake-up a second, and
 * 0.4 % of one processor. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	BUDGET_WAKES = 60,           /* that can be saved up */
	BUDGET_WAKE_MS = 1000,       /* one more in this time */
	BUDGET_US = 300000,          /* of processor time, the same */
	BUDGET_US_PER_SECOND = 4000, /* 0.4 % of one processor */
};

struct budget {
	int64_t wakes; /* thousandths */
	int64_t us;
	int64_t at_ms; /* as of when */
};

/* Full. Times are of CLOCK_MONOTONIC, milliseconds. */
void budget_init(struct budget *b, int64_t now_ms);
void budget_refill(struct budget *b, int64_t now_ms);
/* Takes what is there; it does not go into debt, so that nobody waits for what is long past. */
void budget_spend(struct budget *b, int wakes, int64_t us);
/* Whether one more wake-up and a look that costs `us` are in it. */
bool budget_allows(const struct budget *b, int64_t us);
