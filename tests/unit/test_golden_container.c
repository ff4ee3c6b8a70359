/* Drawings of one container, while it is built and when it runs, and of its steps, compared with
 * what tests/golden keeps (see tests/unit/golden.h). */
#include "tests/unit/golden.h"
#include "tests/unit/model_fixture.h"

static const struct view_want hand_wanted[] = {
        {"container.hand.ns.net", ""},
        {"container.hand.ns.cgroup", ""},
        {"container.hand.layers", ""},
        {"container.hand.cap.sys_admin", "no"},
        {"container.hand.seccomp", ""},
};

static void test_hand(void **state)
{
	struct model *before = fixture_host(), *m = fixture_building(9);
	struct view_input in = {.now = m,
	        .before = before,
	        .wants = hand_wanted,
	        .n_wants = 5,
	        .subject = "hand",
	        .width = 90,
	        .height = 40};

	(void)state;
	golden_draw("host-building-90x40", "host", in, false, false);
	golden_draw("container-building-90x40", "container", in, false, true);
	in.width = 50;
	in.height = 28;
	golden_draw("container-building-50x28", "container", in, false, false);
	in.width = 20;
	in.height = 5;
	golden_draw("container-building-20x5", "container", in, false, false);
	in.now = before;
	golden_draw("container-wanted-20x5", "container", in, false, false);
	in.width = 80;
	in.height = 24;
	golden_draw("container-wanted-80x24", "container", in, false, false);
	model_free(before);
	model_free(m);
}

/* Step by step, and a step that fails: what was done before is undone by then. */
static void test_steps(void **state)
{
	static const struct view_want wants[] = {
	        {"container.hand.mount./proc", "proc"}, {"container.hand.seccomp", ""}};
	struct model *before = fixture_building(8), *m = fixture_building(12);
	struct model *failed = fixture_building(0), *host = fixture_host();
	struct model *groups = fixture_building(3);
	struct view_input in = {.now = m,
	        .before = before,
	        .wants = wants,
	        .n_wants = 2,
	        .width = 80,
	        .height = 24};
	struct model_step *step = (struct model_step *)&failed->containers[0].steps[12];

	(void)state;
	golden_draw("steps-building-80x24", "steps", in, false, true);
	golden_draw("steps-building-80x24-ascii", "steps", in, true, false);
	in.width = 140;
	in.height = 40;
	golden_draw("steps-building-140x40", "steps", in, false, false);
	in.width = 50;
	in.height = 28;
	golden_draw("steps-building-50x28", "steps", in, false, false);
	in.width = 20;
	in.height = 5;
	golden_draw("steps-building-20x5", "steps", in, false, false);
	failed->containers[0].pid = 0; /* ended and undone */
	failed->n_processes--;
	step->status = STEP_FAILED;
	step->error = "step mount-proc: mount: /proc: mounting a /proc takes a pid namespace of "
	              "its own (EPERM)";
	step->advice = "'cutaway step hand' tries it once more";
	in = (struct view_input){.now = failed, .before = m, .width = 80, .height = 24};
	golden_draw("steps-failed-80x24", "steps", in, false, false);
	golden_draw("host-failed-80x24", "host", in, false, false);
	in.now = host;
	in.wants = wants;
	in.n_wants = 2;
	golden_draw("steps-gone-80x24", "steps", in, false, false);
	in.before = NULL;
	in.n_wants = 0;
	golden_draw("steps-none-80x24", "steps", in, false, false);
	m->containers[0].status = CONTAINER_RUNNING; /* there, but not what is asked for */
	in = (struct view_input){.now = m, .subject = "other", .width = 80, .height = 24};
	golden_draw("steps-other-80x24", "steps", in, false, false);
	groups->containers[0].pid = 0; /* only its groups are there: nothing has an inside */
	groups->n_processes--;
	in = (struct view_input){
	        .now = groups, .before = host, .subject = "hand", .width = 80, .height = 24};
	golden_draw("container-groups-80x24", "container", in, false, false);
	model_free(groups);
	model_free(before);
	model_free(m);
	model_free(failed);
	model_free(host);
}

static void test_running(void **state)
{
	struct model *m = fixture_three();
	struct view_input in = {.now = m, .subject = "red", .width = 100, .height = 40};

	(void)state;
	golden_draw("container-running-100x40", "container", in, false, true);
	in.width = 80;
	in.height = 24;
	golden_draw("container-running-80x24", "container", in, false, false);
	golden_draw("container-running-80x24-ascii", "container", in, true, false);
	model_free(m);
}
int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_hand),
	        cmocka_unit_test(test_steps),
	        cmocka_unit_test(test_running),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
