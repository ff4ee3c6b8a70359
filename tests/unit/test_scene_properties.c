/* What must hold for every drawing of any machine in any size: nothing lies outside, no card covers
 * its neighbour, words do not collide, and the same machine gives the same picture. Machines are
 * random, from a seed. */
#include "kernel/base/cleanup.h"
#include "kernel/observe/fact.h"
#include "render/backend.h"
#include "render/large.h"
#include "render/view.h"
#include "tests/unit/scene_checks.h"

static void draw_both(const struct scene *s, struct buf *out)
{
	struct canvas c;

	assert_int_equal(canvas_init(&c, s->width, s->height), 0);
	canvas_draw(&c, s, false);
	text_write(&c, THEME_DARK, out);
	canvas_release(&c);
	assert_int_equal(canvas_init(&c, s->width, s->height), 0);
	canvas_draw(&c, s, true);
	for (int i = 0; i < c.width * c.height; i++)
		for (const char *p = c.cells[i].text; *p; p++)
			assert_true((unsigned char)*p < 128);
	canvas_release(&c);
}

static void check_view(const struct view *v, const struct view_input *in)
{
	struct scene first, second;
	auto_buf one = BUF_INIT;
	auto_buf two = BUF_INIT;

	assert_int_equal(v->layout(in, &first), 0);
	assert_true(first.width <= in->width && first.height <= in->height);
	check_boxes(&first);
	check_texts(&first);
	check_edges(&first);
	assert_int_equal(v->layout(in, &second), 0);
	draw_both(&first, &one);
	draw_both(&second, &two);
	assert_string_equal(buf_text(&one), buf_text(&two));
	scene_release(&first);
	scene_release(&second);
}

/* Spread for a projector it is as sound. */
static void check_large(const struct view *v, const struct view_input *in)
{
	struct view_input roomy = *in;
	struct scene s;
	auto_buf text = BUF_INIT;

	roomy.height = large_rows(in->height);
	assert_int_equal(v->layout(&roomy, &s), 0);
	large_spread(&s, in->height);
	assert_true(s.width <= in->width && s.height <= in->height);
	check_boxes(&s);
	check_texts(&s);
	check_edges(&s);
	draw_both(&s, &text);
	scene_release(&s);
}

/* A fact of the machine, or none; and some cards are folded. */
static void random_depth(unsigned *seed, struct model *m, struct view_input *in,
        struct model_fact *fact, const char *const folded[4])
{
	static const char *const facts[] = {"host.kernel", "pid.1000.caps", "pid.1000.ns.net",
	        "cgroup./x.memory.max", "container.red0.ns.uts", "ns.uts.1", "no.fact"};

	if (fact_find(m, facts[fixture_random(seed, sizeof facts / sizeof *facts)], &m->arena,
	            fact) == 0)
		in->fact = fact;
	in->folded = folded;
	in->n_folded = fixture_random(seed, 5);
}

static void test_random(void **state)
{
	static const char *const folded[4] = {
	        "lab", "processes", "cgroups", "process:1000:process"};
	unsigned seed = 20240817;

	(void)state;
	for (int round = 0; round < 150; round++) {
		struct model_fact fact;
		struct model *m = random_model(&seed);
		struct model *before = fixture_random(&seed, 2) ? random_model(&seed) : NULL;
		struct view_want wants[8];
		struct view_input in = {.now = m,
		        .before = before,
		        .wants = wants,
		        .n_wants = fixture_random(&seed, 9),
		        .width = 1 + (int)fixture_random(&seed, 220),
		        .height = 1 + (int)fixture_random(&seed, 70)};

		random_wants(&seed, m, wants);
		random_depth(&seed, m, &in, &fact, folded);
		for (const struct view *v = views; v->name; v++)
			check_view(v, &in);
		if (round % 3 == 0) /* a third of them: the rules are the same */
			for (const struct view *v = views; v->name; v++)
				check_large(v, &in);
		model_free(m);
		model_free(before);
	}
}

static void test_all_sizes(void **state)
{
	struct model *m = fixture_three(), *before = fixture_host();
	struct view_want want = {"container.hand.ns.uts", ""};
	int layers[] = {fixture_layer(m, 'a', 1, "COPY a /"), fixture_layer(m, 'b', 2, "RUN b")};

	(void)state;
	fixture_made_from(m, &m->containers[0], fixture_image(m, "shop", '1', layers, 2));
	for (int width = 1; width <= 120; width++)
		for (int height = 1; height <= 50; height++)
			for (const struct view *v = views; v->name; v++) {
				struct view_input in = {.now = m,
				        .before = before,
				        .wants = &want,
				        .n_wants = 1,
				        .width = width,
				        .height = height};
				struct scene s;

				assert_int_equal(v->layout(&in, &s), 0);
				assert_true(s.width <= width && s.height <= height);
				check_boxes(&s);
				check_texts(&s);
				check_edges(&s);
				scene_release(&s);
			}
	model_free(m);
	model_free(before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_random),
	        cmocka_unit_test(test_all_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
