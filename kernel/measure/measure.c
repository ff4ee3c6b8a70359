#include "kernel/measure/measure.h"

#include "kernel/base/cleanup.h"

#include <stdlib.h>
#include <string.h>

bool measure_name_ok(const char *name)
{
	static const char letters[] =
	        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	size_t n = strspn(name, letters);

	return n && !name[n] && n <= MEASURE_NAME_MAX && name[0] != '-' && name[0] != '_';
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The value that `quarters` quarters of the sorted ones are below; between two of them in
 * proportion, rounded. */
static uint64_t quantile(const uint64_t *sorted, size_t n, unsigned quarters)
{
	size_t at = (n - 1) * quarters / 4, rest = (n - 1) * quarters % 4;

	return rest ? sorted[at] + ((sorted[at + 1] - sorted[at]) * rest + 2) / 4 : sorted[at];
}

void measure_summarize(const struct measure *m, struct measure_summary *ret)
{
	auto_free uint64_t *values = calloc(m->n + 1, sizeof *values);

	*ret = (struct measure_summary){0};
	if (!m->n || !values)
		return;
	for (size_t i = 0; i < m->n; i++)
		values[i] = m->samples[i].cpu_us;
	qsort(values, m->n, sizeof *values, by_value);
	ret->cpu = quantile(values, m->n, 2);
	for (size_t i = 0; i < m->n; i++)
		values[i] = m->samples[i].wall_us;
	qsort(values, m->n, sizeof *values, by_value);
	ret->min = values[0];
	ret->q1 = quantile(values, m->n, 1);
	ret->median = quantile(values, m->n, 2);
	ret->q3 = quantile(values, m->n, 3);
	ret->max = values[m->n - 1];
}

const struct measure *measure_find(const struct measure_list *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(list->all[i].name, name))
			return &list->all[i];
	return NULL;
}

void measure_release(struct measure *m)
{
	free(m->command);
	free(m->samples);
	*m = (struct measure){0};
}

void measure_list_release(struct measure_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		measure_release(&list->all[i]);
	free(list->all);
	*list = (struct measure_list){0};
}
