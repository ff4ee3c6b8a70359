/* What control groups use of what they may: the columns of the kernel view's tree. */
#include "render/describe.h"
#include "render/kernel.h"
#include "render/spark.h"

enum { NARROW = 72, WIDE = 130, WIDEST = 190, SPARK = 8, SPARK_WIDE = 14 };

/* Percent of one processor. */
static int percent(uint64_t us_a_second)
{
	return (int)((us_a_second + 5000) / 10000);
}

/* What it may use, in microseconds a second; MODEL_NO_LIMIT = all processors. */
static uint64_t cpu_max(const struct model_cgroup *g)
{
	double max;

	if (g->cpu_quota_us >= MODEL_UNKNOWN || !g->cpu_period_us ||
	        g->cpu_period_us >= MODEL_UNKNOWN)
		return MODEL_NO_LIMIT;
	max = (double)g->cpu_quota_us * 1e6 / (double)g->cpu_period_us;
	return max < 1e12 ? (uint64_t)max : MODEL_NO_LIMIT; /* nobody has a million processors */
}

/* "12%/50%": of one processor, and what it may use. */
static const char *cpu_text(struct scene *s, const struct model_cgroup *g)
{
	uint64_t max = cpu_max(g);

	if (g->cpu_rate >= MODEL_UNKNOWN)
		return max == MODEL_NO_LIMIT ? "" : scene_format(s, "?/%d%%", percent(max));
	return max == MODEL_NO_LIMIT
	               ? scene_format(s, "%d%%", percent(g->cpu_rate))
	               : scene_format(s, "%d%%/%d%%", percent(g->cpu_rate), percent(max));
}

/* Of its limit, else of all processors of the machine. */
static uint64_t cpu_full(const struct model *m, const struct model_cgroup *g)
{
	uint64_t max = cpu_max(g);

	return max != MODEL_NO_LIMIT ? max : (m->host.cpus ? m->host.cpus : 1) * UINT64_C(1000000);
}

static const char *cpu_spark(
        struct scene *s, const struct model *m, const struct model_cgroup *g, size_t cells)
{
	uint64_t values[MODEL_PAST];

	for (size_t i = 0; i < g->n_past && i < MODEL_PAST; i++)
		values[i] = g->past[i].cpu_rate;
	return spark_text(s, values, g->n_past, cpu_full(m, g), cells);
}

/* Of its limit, else of the most it had. */
static const char *memory_spark(struct scene *s, const struct model_cgroup *g, size_t cells)
{
	uint64_t values[MODEL_PAST], most = 0;

	for (size_t i = 0; i < g->n_past && i < MODEL_PAST; i++) {
		values[i] = g->past[i].memory;
		if (values[i] < MODEL_UNKNOWN && values[i] > most)
			most = values[i];
	}
	return !most ? ""
	             : spark_text(s, values, g->n_past,
	                       g->memory_max < MODEL_UNKNOWN ? g->memory_max : most, cells);
}

static const char *io_text(struct scene *s, const struct model_cgroup *g)
{
	if (g->io_rate && g->io_rate < MODEL_UNKNOWN)
		return scene_format(s, "%s/s", describe_size(s, g->io_rate));
	if (g->io_read >= MODEL_UNKNOWN || g->io_written >= MODEL_UNKNOWN ||
	        !(g->io_read + g->io_written))
		return "";
	return describe_size(s, g->io_read + g->io_written);
}

/* "cpu 12% io 3%": only what is waited for. */
static const char *pressure_text(struct scene *s, const struct model_cgroup *g)
{
	static const char *const names[PRESSURE_COUNT] = {"cpu", "mem", "io"};
	const char *text = "";

	for (int i = 0; i < PRESSURE_COUNT; i++)
		if (g->pressure[i] < MODEL_UNKNOWN && g->pressure[i] >= 100)
			text = scene_format(s, "%s%s%s %d%%", text, *text ? " " : "", names[i],
			        (int)(g->pressure[i] / 100));
	return text;
}

/* An empty place keeps the columns in line. */
static void add_meter(struct card_line *l, double fill)
{
	if (fill >= 0)
		card_add_meter(l, fill, SCENE_CGROUP);
	else
		card_add(l, "", SCENE_DIM, MARK_NONE);
}

void kernel_use_add(const struct view_input *in, struct scene *s, struct card_line *l,
        const struct model_cgroup *g)
{
	bool wide = in->width >= WIDE;
	size_t cells = in->width < NARROW ? 0 : in->width >= WIDEST ? SPARK_WIDE : SPARK;

	card_add(l, g->processes ? scene_format(s, "%zu", g->processes) : "", SCENE_DIM, MARK_NONE);
	card_add(l, g->frozen ? "frozen" : "", SCENE_SECURITY, MARK_NONE);
	card_add(
	        l, describe_use(s, g->memory_current, g->memory_max, true), SCENE_PLAIN, MARK_NONE);
	add_meter(l, describe_fill(g->memory_current, g->memory_max));
	card_add(l, cpu_text(s, g), SCENE_PLAIN, MARK_NONE);
	if (wide)
		add_meter(l, describe_fill(g->cpu_rate, cpu_full(in->now, g)));
	card_add(l, cpu_spark(s, in->now, g, cells), SCENE_CGROUP, MARK_NONE);
	card_add(l, describe_use(s, g->pids_current, g->pids_max, false), SCENE_PLAIN, MARK_NONE);
	if (wide)
		add_meter(l, describe_fill(g->pids_current, g->pids_max));
	card_add(l, pressure_text(s, g), SCENE_SECURITY, MARK_NONE);
	card_add(l, io_text(s, g), SCENE_DIM, MARK_NONE);
	if (wide)
		card_add(l, memory_spark(s, g, cells), SCENE_CGROUP, MARK_NONE);
}

void kernel_use_head(const struct view_input *in, struct card_line *l)
{
	static const char *const narrow[] = {
	        "group", "in", "", "memory", "", "cpu", "", "pids", "waits for", "io", NULL};
	static const char *const wide[] = {"group", "in", "", "memory", "", "cpu", "", "", "pids",
	        "", "waits for", "io", "memory before", NULL};

	for (const char *const *word = in->width >= WIDE ? wide : narrow; *word; word++)
		card_add(l, *word, SCENE_DIM, MARK_NONE);
	if (l)
		l->keep = true;
}

bool kernel_tells_pressure(const struct model *m)
{
	for (size_t i = 0; i < m->n_cgroups; i++)
		for (int k = 0; k < PRESSURE_COUNT; k++)
			if (m->cgroups[i].pressure[k] < MODEL_UNKNOWN)
				return true;
	return false;
}
