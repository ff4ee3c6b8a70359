/* Drawings of what one zooms into: a process, the namespaces of a type, a fact, compared with what
 * tests/golden keeps (see tests/unit/golden.h). */
#include "kernel/observe/fact.h"
#include "tests/unit/golden.h"
#include "tests/unit/model_fixture.h"

/* From a container to one of its processes, to the namespaces of a type, to one fact. */
static void test_deep(void **state)
{
	struct model *before = fixture_host(), *m = fixture_three();
	struct view_input in = {
	        .now = m, .before = before, .subject = "red", .width = 100, .height = 44};
	struct model_fact fact;

	(void)state;
	golden_draw("process-red-100x44", "process", in, false, true);
	in.width = 80;
	in.height = 24;
	golden_draw("process-red-80x24-ascii", "process", in, true, false);
	in.width = 20;
	in.height = 5;
	golden_draw("process-red-20x5", "process", in, false, false);
	in.width = 90;
	in.height = 30;
	in.subject = "uts";
	golden_draw("namespace-uts-90x30", "namespace", in, false, false);
	in.height = 9;
	golden_draw("namespace-uts-90x9", "namespace", in, false, false);
	in.height = 24;
	assert_int_equal(fact_find(m, "container.red.ns.uts", &m->arena, &fact), 0);
	in.fact = &fact;
	golden_draw("fact-namespace-90x24", "fact", in, false, true);
	fixture_mount(m, m->host.ns[NS_MNT], "cgroup2", "/sys/fs/cgroup", "cgroup2", "rw");
	assert_int_equal(fact_find(m, "cgroup./cutaway/red.memory.max", &m->arena, &fact), 0);
	golden_draw("fact-memory-90x24", "fact", in, false, false);
	model_free(before);
	model_free(m);
}
int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_deep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
