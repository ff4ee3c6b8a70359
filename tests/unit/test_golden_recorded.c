/* Drawings of machines that were recorded, compared with what tests/golden keeps (see
 * tests/unit/golden.h). */
#include "kernel/observe/observer.h"
#include "tests/unit/golden.h"
#include "tests/unit/model_fixture.h"

/* Machines as they were recorded, not as we think them. */
static void test_recorded(void **state)
{
	static const char *const names[] = {"docker-host-v1", "kubernetes-node-v2",
	        "podman-user-v2", "plain-laptop", "unshare-hybrid"};
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct observer_options options = {.root = path};
		struct observer *o = NULL;
		struct model *m = NULL;

		snprintf(path, sizeof path, "tests/fixtures/%s", names[i]);
		assert_int_equal(observer_new(&options, &o, NULL), 0);
		assert_int_equal(observer_read(o, &m, NULL), 0);
		observer_free(o);
		snprintf(path, sizeof path, "recorded-%s", names[i]);
		golden_draw(path, "host", (struct view_input){.now = m, .width = 100, .height = 40},
		        false, true);
		snprintf(path, sizeof path, "recorded-%s-container", names[i]);
		golden_draw(path, "container",
		        (struct view_input){.now = m, .width = 80, .height = 24}, false, false);
		snprintf(path, sizeof path, "recorded-%s-container-150x60", names[i]);
		golden_draw(path, "container",
		        (struct view_input){.now = m, .width = 150, .height = 60}, false, i < 2);
		snprintf(path, sizeof path, "recorded-%s-toolchain", names[i]);
		golden_draw(path, "toolchain",
		        (struct view_input){.now = m, .width = 90, .height = 30}, false, false);
		snprintf(path, sizeof path, "recorded-%s-steps", names[i]);
		golden_draw(path, "steps", (struct view_input){.now = m, .width = 80, .height = 24},
		        false, i == 3);
		model_free(m);
	}
}
int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
