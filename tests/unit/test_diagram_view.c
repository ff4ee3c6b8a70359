/* Drawings of diagrams: kept ones, and what has to hold for any. */
#include "render/backend.h"
#include "shell/diagram/picture.h"
#include "tests/unit/golden.h"
#include "tests/unit/scene_checks.h"

static struct diagram_rules *rules;

static int setup(void **state)
{
	struct error err = {0};

	(void)state;
	return diagram_rules_read("lessons/diagram.json", &rules, &err);
}

static int teardown(void **state)
{
	(void)state;
	diagram_rules_free(rules);
	return 0;
}

/* The solution of a task, as the rules have it. */
static void draw_solution(const struct diagram_task *task, struct sketch *s)
{
	sketch_init(s, task->name);
	for (size_t i = 0; i < task->n_parts; i++) {
		const struct diagram_part_rule *p = &rules->parts[task->parts[i]];
		assert_int_equal(sketch_place(s, p->name, p->band), 0);
	}
	for (size_t i = 0; i < task->n_arrows; i++) {
		const struct diagram_arrow_rule *a = &rules->arrows[task->arrows[i]];
		uint64_t call = a->key ? a->key : a->calls;
		assert_int_equal(
		        sketch_connect(s, rules->parts[a->from].name, rules->parts[a->to].name,
		                rules->calls[__builtin_ctzll(call)].title),
		        0);
	}
}

static void keep(const char *name, const struct diagram_task *task, const struct sketch *sketch,
        int width, int height, bool ascii, bool svg)
{
	struct view_input in = {.width = width, .height = height};
	struct picture p;
	char file[96];

	assert_int_equal(picture_make(rules, task, sketch, NULL, &p), 0);
	in.diagram = &p.shown;
	snprintf(file, sizeof(file), "diagram-%s-%dx%d%s", name, width, height,
	        ascii ? "-ascii" : "");
	golden_draw(file, "diagram", in, ascii, svg);
	picture_release(&p);
}

static void test_solutions(void **state)
{
	(void)state;
	for (size_t i = 0; i < rules->n_tasks; i++) {
		struct sketch s;

		draw_solution(&rules->tasks[i], &s);
		keep(rules->tasks[i].name, &rules->tasks[i], &s, 80, 22, false, false);
		keep(rules->tasks[i].name, &rules->tasks[i], &s, 100, 48, false, i == 0);
		if (i == 0)
			keep(rules->tasks[i].name, &rules->tasks[i], &s, 80, 22, true, false);
		sketch_release(&s);
	}
}

static void test_half_done_and_graded(void **state)
{
	const struct diagram_task *task = rules->tasks;
	struct sketch s;

	(void)state;
	sketch_init(&s, task->name);
	keep("empty", task, &s, 80, 22, false, false);
	assert_int_equal(sketch_place(&s, "docker", BAND_USER), 0);
	assert_int_equal(sketch_place(&s, "dockerd", BAND_KERNEL), 0);
	assert_int_equal(sketch_place(&s, "container", BAND_USER), 0);
	assert_int_equal(sketch_connect(&s, "dockerd", "container", "fork"), 0);
	assert_int_equal(sketch_connect(&s, "docker", "dockerd", ""), 0);
	sketch_set_graded(&s, true);
	assert_int_equal(sketch_place(&s, "registry", BAND_REMOTE), 0);
	keep("graded", task, &s, 80, 30, false, true);
	keep("graded", task, &s, 30, 8, false, false);
	keep("graded", task, &s, 60, 400, false, false);
	sketch_release(&s);
}

/* ---- any diagram at any size ---- */

static struct diagram_picture random_picture(unsigned *seed, struct arena *a)
{
	struct diagram_picture p = {any_word(seed), any_word(seed),
	        fixture_random(seed, 2) ? "" : any_word(seed), NULL, fixture_random(seed, 26), NULL,
	        0, NULL, 0};
	struct diagram_part *parts = arena_alloc(a, (p.n_parts + 1) * sizeof(*parts));
	struct diagram_arrow *arrows = arena_alloc(a, 40 * sizeof(*arrows));

	for (size_t i = 0; i < p.n_parts; i++)
		parts[i] = (struct diagram_part){any_word(seed), any_word(seed),
		        (enum diagram_band)fixture_random(seed, BAND_COUNT),
		        (enum diagram_verdict)fixture_random(seed, 4), any_word(seed)};
	for (unsigned n = p.n_parts > 1 ? fixture_random(seed, 40) : 0; n > 0; n--) {
		size_t from = fixture_random(seed, (unsigned)p.n_parts),
		       to = fixture_random(seed, (unsigned)p.n_parts);
		if (from != to)
			arrows[p.n_arrows++] = (struct diagram_arrow){from, to, any_word(seed),
			        (enum diagram_verdict)fixture_random(seed, 4), any_word(seed)};
	}
	p.parts = parts;
	p.arrows = arrows;
	return p;
}

static bool on_line(const struct scene_edge *e, int x, int y, bool *corner)
{
	*corner = false;
	for (size_t i = 1; i < e->n_points; i++) {
		struct scene_point a = e->points[i - 1], b = e->points[i];
		bool in = x >= (a.x < b.x ? a.x : b.x) && x <= (a.x < b.x ? b.x : a.x) &&
		          y >= (a.y < b.y ? a.y : b.y) && y <= (a.y < b.y ? b.y : a.y);
		if (!in)
			continue;
		*corner = (x == a.x && y == a.y) || (x == b.x && y == b.y);
		return true;
	}
	return false;
}

/* A corner of a line, its beginning and its end are on no other line: it could be taken for that.
 */
static void check_apart(const struct scene *s)
{
	for (size_t i = 0; i < s->n_edges; i++)
		for (size_t p = 0; p < s->edges[i].n_points; p++)
			for (size_t k = 0; k < s->n_edges; k++) {
				bool corner;
				assert_false(
				        k != i && on_line(&s->edges[k], s->edges[i].points[p].x,
				                          s->edges[i].points[p].y, &corner));
			}
}

static void test_any_diagram(void **state)
{
	unsigned seed = 11, routed = 0;

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct arena a = {0};
		struct diagram_picture p = random_picture(&seed, &a);
		struct view_input in = {.diagram = &p,
		        .width = 1 + (int)fixture_random(&seed, 170),
		        .height = 1 + (int)fixture_random(&seed, round % 10 ? 70 : 400)};
		struct scene s, again;

		assert_int_equal(view_diagram_layout(&in, &s), 0);
		assert_true(s.width == in.width && s.height <= in.height);
		check_boxes(&s);
		check_texts(&s);
		check_edges(&s);
		check_apart(&s);
		routed += s.n_edges > 0;
		assert_int_equal(view_diagram_layout(&in, &again), 0);
		assert_int_equal(s.n_edges, again.n_edges);
		for (size_t i = 0; i < s.n_edges; i++)
			assert_memory_equal(s.edges[i].points, again.edges[i].points,
			        s.edges[i].n_points * sizeof(*s.edges[i].points));
		scene_release(&s);
		scene_release(&again);
		arena_release(&a);
	}
	assert_true(routed > 50);
}

/* Where there is room, every arrow of every task has a way, and its number is in it. */
static void test_every_arrow_has_a_way(void **state)
{
	(void)state;
	for (size_t t = 0; t < rules->n_tasks; t++)
		for (int width = 100; width <= 200; width += 50) {
			struct view_input in = {.width = width, .height = 400};
			struct sketch sketch;
			struct picture p;
			struct scene s;
			size_t heads = 0;

			draw_solution(&rules->tasks[t], &sketch);
			assert_int_equal(
			        picture_make(rules, &rules->tasks[t], &sketch, NULL, &p), 0);
			in.diagram = &p.shown;
			assert_int_equal(view_diagram_layout(&in, &s), 0);
			for (size_t i = 0; i < s.n_edges; i++)
				heads += s.edges[i].arrow;
			assert_int_equal(heads, rules->tasks[t].n_arrows);
			scene_release(&s);
			picture_release(&p);
			sketch_release(&sketch);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_solutions),
	        cmocka_unit_test(test_half_done_and_graded),
	        cmocka_unit_test(test_any_diagram),
	        cmocka_unit_test(test_every_arrow_has_a_way),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
