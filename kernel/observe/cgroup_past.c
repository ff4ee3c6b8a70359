/* From totals to rates: what a control group has used since the look before, and how that went. */
#include "kernel/observe/cgroup_use.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LOOK_MS = 1000 };

struct track {
	char *path;
	uint64_t ms; /* of the last look */
	uint64_t cpu_us, io;
	uint64_t cpu_rate, io_rate; /* between the last two */
	struct model_use past[MODEL_PAST];
	size_t n;
};

struct cgroup_past {
	struct track *all; /* by path, as the model has them */
	size_t n;
};

struct cgroup_past *cgroup_past_new(void)
{
	return calloc(1, sizeof(struct cgroup_past));
}

static void forget(struct track *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(all[i].path);
	free(all);
}

void cgroup_past_free(struct cgroup_past *p)
{
	if (!p)
		return;
	forget(p->all, p->n);
	free(p);
}

/* Per second. A total that became smaller is that of another group of the same name. */
static uint64_t rate_of(uint64_t before, uint64_t now, uint64_t ms)
{
	double rate;

	if (before >= MODEL_UNKNOWN || now >= MODEL_UNKNOWN || now < before || !ms)
		return MODEL_UNKNOWN;
	rate = (double)(now - before) * 1000 / (double)ms;
	return rate < 1e18 ? (uint64_t)rate : MODEL_UNKNOWN;
}

static uint64_t io_total(const struct model_cgroup *g)
{
	return g->io_read >= MODEL_UNKNOWN || g->io_written >= MODEL_UNKNOWN
	               ? MODEL_UNKNOWN
	               : g->io_read + g->io_written;
}

static void look(struct track *t, const struct model_cgroup *g, uint64_t cpu_us, uint64_t now_ms)
{
	bool first = !t->ms;

	if (!first && now_ms - t->ms < LOOK_MS)
		return;
	t->cpu_rate = first ? MODEL_UNKNOWN : rate_of(t->cpu_us, cpu_us, now_ms - t->ms);
	t->io_rate = first ? MODEL_UNKNOWN : rate_of(t->io, io_total(g), now_ms - t->ms);
	t->cpu_us = cpu_us;
	t->io = io_total(g);
	t->ms = now_ms;
	if (first)
		return;
	if (t->n == MODEL_PAST)
		memmove(t->past, t->past + 1, --t->n * sizeof *t->past);
	t->past[t->n++] = (struct model_use){t->cpu_rate, g->memory_current};
}

/* Both are by path, so the track of a group is found by walking along. */
static struct track *find(struct cgroup_past *p, size_t *at, const char *path)
{
	while (*at < p->n && strcmp(p->all[*at].path, path) < 0)
		(*at)++;
	return *at < p->n && !strcmp(p->all[*at].path, path) ? &p->all[*at] : NULL;
}

int cgroup_past_take(
        struct cgroup_past *p, struct model *m, const uint64_t *counted, uint64_t now_ms)
{
	struct track *all = calloc(m->n_cgroups + 1, sizeof *all);
	size_t at = 0;

	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < m->n_cgroups; i++) {
		struct model_cgroup *g = &m->cgroups[i];
		struct track *t = &all[i], *old = find(p, &at, g->path);
		struct model_use *past;

		if (old) {
			*t = *old;
			old->path = NULL;
			at++;
		} else if (!(t->path = strdup(g->path))) {
			forget(all, i);
			return -ENOMEM;
		}
		look(t, g,
		        g->cpu_usage_us >= MODEL_UNKNOWN && counted ? counted[i] : g->cpu_usage_us,
		        now_ms);
		past = arena_alloc(&m->arena, (t->n + 1) * sizeof *past);
		if (!past) {
			forget(all, i + 1);
			return -ENOMEM;
		}
		memcpy(past, t->past, t->n * sizeof *past);
		g->past = past;
		g->n_past = t->n;
		g->cpu_rate = t->cpu_rate;
		g->io_rate = t->io_rate;
	}
	forget(p->all, p->n);
	p->all = all;
	p->n = m->n_cgroups;
	return 0;
}

/* The groups above, as far as they are listed. */
static void add_above(const struct model *m, const char *path, uint64_t us, uint64_t *counted)
{
	char above[1024];
	size_t n = strlen(path);

	if (n >= sizeof above)
		return;
	memcpy(above, path, n + 1);
	while (n > 1) {
		const struct model_cgroup *g;
		while (n > 1 && above[n - 1] != '/')
			n--;
		n -= n > 1;
		above[n] = '\0';
		g = model_cgroup(m, above);
		if (g)
			counted[g - m->cgroups] += us;
	}
}

uint64_t *cgroup_counted(const struct reading *r)
{
	const struct model *m = r->model;
	uint64_t tick_us = 1000000 / (uint64_t)sysconf(_SC_CLK_TCK);
	auto_free uint64_t *direct = NULL;
	uint64_t *counted = NULL;
	bool all_told = true;

	for (size_t i = 0; i < m->n_cgroups && all_told; i++)
		all_told = m->cgroups[i].cpu_usage_us < MODEL_UNKNOWN;
	if (all_told)
		return NULL;
	direct = calloc(m->n_cgroups, sizeof *direct);
	counted = calloc(m->n_cgroups, sizeof *counted);
	if (!direct || !counted) {
		free(counted);
		return NULL;
	}
	for (size_t i = 0; i < m->n_processes; i++)
		if (m->processes[i].cgroup >= 0)
			direct[m->processes[i].cgroup] += r->extra[i].cpu_ticks * tick_us;
	for (size_t i = 0; i < m->n_cgroups; i++) {
		counted[i] += direct[i];
		if (direct[i])
			add_above(m, m->cgroups[i].path, direct[i], counted);
	}
	return counted;
}
