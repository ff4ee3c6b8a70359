#include "shell/stage/machine.h"

#include "kernel/base/cleanup.h"
#include "kernel/observe/observer.h"
#include "kernel/observe/watch.h"
#include "shell/stage/budget.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* While the person does something the drawing follows at once, and so it does after calm, as long
 * as there is budget for it (budget.h). On a machine where others are busy all the time it looks
 * once a second, and less often where looking costs more: a share of 1 in CALM_SHARE of one
 * processor is what a lab at rest may use. */
enum {
	GATHER_MS = 8, /* a program that starts is a fork, an exec and a name: one look for all */
	GAP_MS = 40,   /* between two looks at least; more where they cost more */
	GAP_MAX_MS = 100,
	GAP_SHARE = 10,
	CALM_INTERVAL_MS = 1000,
	CALM_INTERVAL_MAX_MS = 10000,
	CALM_SHARE = 250,
	SLACK_MS = 50, /* a timer that rings a little early or late is no reason to wake twice */
	LIVELY_MS = 3000
};

struct machine {
	struct observer *observer;
	struct watch *watch;
	struct history history;
	bool changed;      /* since the last reading, or may have */
	bool told;         /* somebody told of it: it is not the timer's second */
	bool settle;       /* it did, just before it: connections come without an event */
	bool use;          /* changes without an event are wanted */
	int64_t read_ms;   /* when it was read */
	int64_t told_ms;   /* when the first change since then was told */
	int64_t lively_ms; /* when the person last did something */
	int64_t cost_us;   /* of the last reading */
	bool charged;      /* and it is paid for out of the budget */
	struct budget budget;
	char problem[512];
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int machine_new(const char *runtime, struct machine **ret, struct error *err)
{
	struct machine *m = calloc(1, sizeof(*m));
	int r;

	if (!m)
		return error_set(err, ENOMEM, "watch", "the machine", NULL);
	m->changed = m->told = true;
	m->lively_ms = now_ms();
	m->read_ms = m->told_ms = m->lively_ms - GAP_MAX_MS;
	budget_init(&m->budget, m->lively_ms);
	if ((r = observer_new(&(struct observer_options){.runtime = runtime}, &m->observer, err)) <
	                0 ||
	        (r = watch_new(runtime, &m->watch, err)) < 0) {
		machine_free(m);
		return r;
	}
	*ret = m;
	return 0;
}

void machine_free(struct machine *m)
{
	if (!m)
		return;
	history_release(&m->history);
	observer_free(m->observer);
	watch_free(m->watch);
	free(m);
}

static int64_t clamp(int64_t value, int64_t least, int64_t most)
{
	return value < least ? least : value > most ? most : value;
}

static int64_t calm_interval_ms(const struct machine *m)
{
	return clamp(m->cost_us * CALM_SHARE / 1000, CALM_INTERVAL_MS, CALM_INTERVAL_MAX_MS);
}

static bool is_lively(const struct machine *m)
{
	return now_ms() - m->lively_ms < LIVELY_MS;
}

/* Whether it may be read as soon as something is told. */
static bool is_quick(const struct machine *m)
{
	return is_lively(m) || budget_allows(&m->budget, m->cost_us);
}

/* The earliest moment for the next reading, whatever is told. */
static int64_t ready_ms(const struct machine *m)
{
	if (!is_quick(m))
		return m->read_ms + calm_interval_ms(m) - SLACK_MS;
	return m->read_ms + clamp(m->cost_us * GAP_SHARE / 1000, GAP_MS, GAP_MAX_MS);
}

static int64_t due_ms(const struct machine *m)
{
	int64_t ready = ready_ms(m), gathered = m->told_ms + GATHER_MS;

	/* Who was deaf has gathered enough, and does not wake twice. */
	return ready > gathered || !is_quick(m) ? ready : gathered;
}

/* Nothing is listened to before it could be answered: on a busy machine that would wake us
 * thousands of times a second, or twice where once is enough. */
static bool is_deaf(const struct machine *m)
{
	return !is_quick(m) && now_ms() < ready_ms(m);
}

size_t machine_pollfds(struct machine *m, struct pollfd *fds, size_t n)
{
	/* What comes until it is read is taken before the reading. */
	return m->changed || is_deaf(m) ? 0 : watch_pollfds(m->watch, fds, n);
}

static void drain(struct machine *m)
{
	if (!watch_drain(m->watch))
		return;
	m->changed = true;
	m->told |= !watch_only_rang(m->watch);
}

void machine_drain(struct machine *m)
{
	bool was = m->told;

	drain(m);
	if (was || !m->told)
		return;
	m->told_ms = now_ms();
	budget_refill(&m->budget, m->told_ms);
	if (!is_lively(m))
		budget_spend(&m->budget, 1, 0);
}

void machine_lively(struct machine *m)
{
	m->lively_ms = now_ms();
}

/* When it is read although nothing was told: once more after what was told, or for its use. */
static int64_t due_anyway_ms(const struct machine *m)
{
	return m->read_ms + calm_interval_ms(m) + SLACK_MS;
}

static bool is_due(const struct machine *m)
{
	if (m->changed)
		return now_ms() >= due_ms(m);
	return (m->settle || m->use) && now_ms() >= due_anyway_ms(m);
}

int machine_wait(const struct machine *m)
{
	int64_t until = m->changed ? due_ms(m) : due_anyway_ms(m), left;

	if (!m->changed && !m->settle && !m->use) {
		if (!is_deaf(m))
			return -1;
		until = ready_ms(m);
	}
	left = until - now_ms();
	return left > 0 ? (int)left : 0;
}

bool machine_is_behind(const struct machine *m)
{
	return m->changed;
}

bool machine_update(struct machine *m)
{
	if (!is_due(m))
		return false;
	machine_read(m);
	return true;
}

void machine_read(struct machine *m)
{
	struct observer_changes changes;
	struct model *fresh = NULL;
	struct error err = {0};
	auto_buf text = BUF_INIT;

	m->read_ms = now_ms(); /* also when it can not be read: that is not tried at once again */
	drain(m);
	budget_refill(&m->budget, m->read_ms);
	/* One look a second is always free. */
	m->charged = (m->told || m->settle) && !is_lively(m);
	if (m->charged)
		budget_spend(&m->budget, 1, 0);
	m->settle = m->told;
	/* What was told before it is read is in what is read. */
	m->changed = m->told = false;
	watch_take_changes(m->watch, &changes);
	/* Of a group that the kernel does not count, its processes tell what they have used. */
	changes.all |= m->use;
	m->problem[0] = '\0';
	if (observer_read_changed(m->observer, &changes, &fresh, &err) < 0 ||
	        (history_add(&m->history, fresh) < 0 &&
	                error_set(&err, ENOMEM, "keep", "what was read", NULL))) {
		error_format(&err, &text);
		snprintf(m->problem, sizeof(m->problem), "%s", buf_text(&text));
		return;
	}
	m->read_ms = now_ms();
}

void machine_follow_use(struct machine *m, bool follow)
{
	m->use = follow;
}

void machine_set_cost(struct machine *m, int64_t us)
{
	m->cost_us = us;
	if (m->charged)
		budget_spend(&m->budget, 0, us);
}

struct history *machine_history(struct machine *m)
{
	return &m->history;
}

const char *machine_problem(const struct machine *m)
{
	return m->problem;
}
