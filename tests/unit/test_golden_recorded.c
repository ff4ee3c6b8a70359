/* Drawings of machines as they were recorded, not as we think them: which, is said in
 * tests/unit/golden_machine.h, how they are kept in tests/unit/golden.h. */
#include "kernel/observe/observer.h"
#include "tests/unit/golden_machine.h"

static void draw_recorded(const char *machine)
{
	char root[96], runtime[128];
	struct observer_options options = {.root = root, .runtime = runtime};
	struct observer *o = NULL;
	struct model *m = NULL;

	snprintf(root, sizeof root, "tests/fixtures/%s", machine);
	snprintf(runtime, sizeof runtime, "%s/run/cutaway", root);
	assert_int_equal(observer_new(&options, &o, NULL), 0);
	assert_int_equal(observer_read(o, &m, NULL), 0);
	observer_free(o);
	golden_machine(machine, m);
	model_free(m);
}

static void test_laptop(void **state)
{
	(void)state;
	draw_recorded("plain-laptop");
}

static void test_docker(void **state)
{
	(void)state;
	draw_recorded("docker-host-v1");
}

static void test_podman(void **state)
{
	(void)state;
	draw_recorded("podman-user-v2");
}

static void test_kubernetes(void **state)
{
	(void)state;
	draw_recorded("kubernetes-node-v2");
}

static void test_hybrid(void **state)
{
	(void)state;
	draw_recorded("unshare-hybrid");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_laptop),
	        cmocka_unit_test(test_docker),
	        cmocka_unit_test(test_podman),
	        cmocka_unit_test(test_kubernetes),
	        cmocka_unit_test(test_hybrid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
