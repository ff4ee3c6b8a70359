/* Rates of control groups and how they went, on a clock of the test's. */
#include "kernel/base/buf.h"
#include "kernel/base/cleanup.h"
#include "kernel/observe/cgroup_use.h"
#include "render/spark.h"
#include "tests/unit/model_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct model *groups(const char *const *paths, const uint64_t *cpu_us, size_t n)
{
	struct model *m = fixture_new();

	for (size_t i = 0; i < n; i++) {
		fixture_cgroup(m, paths[i], 1000 + cpu_us[i] % 100000000, MODEL_NO_LIMIT, 1,
		        MODEL_NO_LIMIT);
		m->cgroups[i].cpu_usage_us = cpu_us[i];
	}
	return m;
}

static const struct model_cgroup *look(
        struct cgroup_past *p, struct model **m, uint64_t cpu_us, uint64_t now_ms)
{
	static const char *const path = "/a";

	model_free(*m);
	*m = groups(&path, &cpu_us, 1);
	assert_int_equal(cgroup_past_take(p, *m, NULL, now_ms), 0);
	return &(*m)->cgroups[0];
}

static void rates(void **state)
{
	struct cgroup_past *p = cgroup_past_new();
	struct model *m = NULL;
	const struct model_cgroup *g = look(p, &m, 500, 10000);

	(void)state;
	assert_true(g->cpu_rate == MODEL_UNKNOWN && g->n_past == 0);
	/* Within the second nothing is new: what is shown does not flicker. */
	g = look(p, &m, 900000, 10999);
	assert_true(g->cpu_rate == MODEL_UNKNOWN && g->n_past == 0);
	g = look(p, &m, 1000500, 12000);
	assert_int_equal(g->cpu_rate, 500000);
	assert_int_equal(g->n_past, 1);
	assert_int_equal(g->past[0].memory, 1001500);
	g = look(p, &m, 9000000, 12500);
	assert_int_equal(g->cpu_rate, 500000);
	/* Another one of that name, which has used less. */
	g = look(p, &m, 7, 13000);
	assert_true(g->cpu_rate == MODEL_UNKNOWN && g->n_past == 2);
	g = look(p, &m, 7, 15000);
	assert_int_equal(g->cpu_rate, 0);
	for (uint64_t i = 0; i < 100; i++)
		g = look(p, &m, 7 + i * 1000, 16000 + i * 1000);
	assert_int_equal(g->n_past, MODEL_PAST);
	assert_int_equal(g->past[0].cpu_rate, 1000);
	model_free(m);
	cgroup_past_free(p);
}

static void come_and_go(void **state)
{
	static const char *const all[] = {"/a", "/b", "/c"}, *const ends[] = {"/a", "/c"};
	static const uint64_t first[] = {1, 2, 3}, second[] = {2000001, 3000003};
	struct cgroup_past *p = cgroup_past_new();
	struct model *m = groups(all, first, 3);

	(void)state;
	assert_int_equal(cgroup_past_take(p, m, NULL, 1000), 0);
	model_free(m);
	m = groups(ends, second, 2);
	assert_int_equal(cgroup_past_take(p, m, NULL, 2000), 0);
	assert_int_equal(m->cgroups[0].cpu_rate, 2000000);
	assert_int_equal(m->cgroups[1].cpu_rate, 3000000);
	model_free(m);
	m = groups(all, first, 3);
	assert_int_equal(cgroup_past_take(p, m, NULL, 3000), 0);
	assert_int_equal(m->cgroups[1].n_past, 0);
	model_free(m);
	cgroup_past_free(p);
}

/* A group that the kernel does not count for: what its processes have used stands in. */
static void counted(void **state)
{
	static const char *const path = "/a";
	static const uint64_t unknown = MODEL_UNKNOWN, first = 5000, second = 255000;
	struct cgroup_past *p = cgroup_past_new();
	struct model *m = groups(&path, &unknown, 1);

	(void)state;
	assert_int_equal(cgroup_past_take(p, m, &first, 1000), 0);
	assert_int_equal(cgroup_past_take(p, m, &second, 2000), 0);
	assert_int_equal(m->cgroups[0].cpu_rate, 250000);
	assert_int_equal(cgroup_past_take(p, m, NULL, 3000), 0);
	assert_true(m->cgroups[0].cpu_rate == MODEL_UNKNOWN);
	model_free(m);
	cgroup_past_free(p);
}

static void sparks(void **state)
{
	static const uint64_t values[] = {0, 10, 50, 99, 100, 1000, MODEL_UNKNOWN, 0};
	struct scene s;

	(void)state;
	scene_init(&s, 10, 10);
	assert_string_equal(spark_text(&s, values, 8, 100, 10), "  ▁▁▅███ ▁");
	assert_string_equal(spark_text(&s, values, 8, 100, 3), "█ ▁");
	assert_string_equal(spark_text(&s, values, 8, 0, 3), "▁ ▁");
	assert_string_equal(spark_text(&s, values, 1, 100, 3), "");
	scene_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(rates),
	        cmocka_unit_test(come_and_go),
	        cmocka_unit_test(counted),
	        cmocka_unit_test(sparks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
