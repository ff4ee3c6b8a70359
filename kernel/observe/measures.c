/* What has been measured, for checks: the same files that the bars are drawn from. */
#include "kernel/observe/reading.h"

#include "kernel/base/cleanup.h"
#include "kernel/measure/measure.h"

#include <errno.h>
#include <string.h>

static void describe(struct reading *r, const struct measure *m, struct model_measure *ret)
{
	struct measure_summary s;

	measure_summarize(m, &s);
	*ret = (struct model_measure){
	        .name = reading_string(r, m->name, strlen(m->name)),
	        .command = reading_string(r, m->command, strlen(m->command)),
	        .runs = m->n,
	        .min_us = s.min,
	        .q1_us = s.q1,
	        .median_us = s.median,
	        .q3_us = s.q3,
	        .max_us = s.max,
	        .cpu_us = s.cpu,
	};
}

int measures_read(struct reading *r)
{
	struct model *m = r->model;
	struct measure_list list = {0};
	auto_buf place = BUF_INIT;
	int result;

	if (r->runtime < 0)
		return 0;
	if (r->live)
		measure_place(&place);
	else
		buf_add(&place, "measures");
	result = measure_list_read(r->runtime, buf_text(&place), &list);
	if (result == 0 && list.n) {
		m->measures = arena_alloc(&m->arena, list.n * sizeof *m->measures);
		if (!m->measures)
			result = -ENOMEM;
	}
	for (size_t i = 0; result == 0 && i < list.n; i++)
		describe(r, &list.all[i], &m->measures[m->n_measures++]);
	measure_list_release(&list);
	return result;
}
