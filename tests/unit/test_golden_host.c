/* Drawings of the host: what is asked for, what is there, what is gone, and a thousand containers,
 * compared with what tests/golden keeps (see tests/unit/golden.h). */
#include "render/large.h"
#include "tests/unit/golden.h"
#include "tests/unit/model_fixture.h"

/* As on a projector: spread over the rows, the letters of SVG larger. */
static void draw_large(const char *name, const char *view, struct view_input in)
{
	int rows = in.height;
	struct scene s;

	in.height = large_rows(rows);
	assert_int_equal(view_find(view)->layout(&in, &s), 0);
	golden_svg(name, &s, THEME_LARGE);
	large_spread(&s, rows);
	assert_true(s.height <= rows);
	golden_text(name, &s, false);
	scene_release(&s);
}

static const struct view_want three_wanted[] = {
        {"container.red", "running"},
        {"container.green", "running"},
        {"container.blue", "running"},
};

static void test_nothing_yet(void **state)
{
	struct model *m = fixture_host();
	struct view_input in = {.now = m,
	        .before = m,
	        .wants = three_wanted,
	        .n_wants = 3,
	        .width = 80,
	        .height = 24};

	(void)state;
	golden_draw("host-wanted-80x24", "host", in, false, false);
	in.width = 50;
	in.height = 28;
	golden_draw("host-wanted-50x28", "host", in, false, false);
	in.width = 20;
	in.height = 5;
	golden_draw("host-wanted-20x5", "host", in, false, false);
	model_free(m);
}

static void test_three(void **state)
{
	struct model *before = fixture_host(), *m = fixture_three();
	struct view_input in = {.now = m, .before = before, .width = 80, .height = 24};

	(void)state;
	golden_draw("host-three-80x24", "host", in, false, false);
	golden_draw("host-three-80x24-ascii", "host", in, true, false);
	in.width = 50;
	in.height = 28;
	golden_draw("host-three-50x28", "host", in, false, false);
	in.width = 90;
	in.height = 48;
	golden_draw("host-three-90x48", "host", in, false, true);
	in.width = 200;
	in.height = 60;
	golden_draw("host-three-200x60", "host", in, false, false);
	in.width = 110;
	in.height = 56;
	draw_large("host-three-large-110x56", "host", in);
	in.now = before;
	in.before = m;
	in.width = 90;
	in.height = 30;
	golden_draw("host-gone-90x30", "host", in, false, false);
	model_free(before);
	model_free(m);
}

static void test_many(void **state)
{
	struct model *m = fixture_host();
	struct view_input in = {.now = m, .width = 80, .height = 24};

	(void)state;
	for (int i = 0; i < 1000; i++)
		fixture_container(m, fixture_text(m, "web%03d", i), 1000 + i, 410, "httpd")
		        ->status = CONTAINER_FOREIGN;
	golden_draw("host-thousand-80x24", "host", in, false, false);
	in.width = 200;
	in.height = 60;
	golden_draw("host-thousand-200x60", "host", in, false, false);
	golden_draw("kernel-thousand-200x60", "kernel", in, false, false);
	model_free(m);
}
int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_nothing_yet),
	        cmocka_unit_test(test_three),
	        cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
