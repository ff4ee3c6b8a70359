/* A machine with a thousand containers, from its files to the picture, and one of a hundred on
 * control groups of version 1: everything is found, all views stay readable, and what they say adds
 * up. The tree is made by tests/unit/tree_fixture.h; which pictures are kept is said in
 * tests/unit/golden_machine.h. Run from the root. */
#include "kernel/observe/observer.h"
#include "tests/unit/golden_machine.h"
#include "tests/unit/scene_checks.h"
#include "tests/unit/tree_fixture.h"

enum { MANY = 1000, MANY_V1 = 100 };

/* The tree is tens of thousands of small files: best where there is no disk behind. */
static struct model *read_many(int containers, bool v1)
{
	const char *parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : getenv("TMPDIR");
	char path[200];
	struct observer_options options = {.root = path};
	struct observer *o = NULL;
	struct model *m = NULL;

	snprintf(path, sizeof path, "%s/many-XXXXXX", parent ? parent : "/tmp");
	assert_non_null(mkdtemp(path));
	tree_make(path, containers, v1);
	assert_int_equal(observer_new(&options, &o, NULL), 0);
	assert_int_equal(observer_read(o, &m, NULL), 0);
	observer_free(o);
	assert_int_equal(dir_remove_tree(AT_FDCWD, path), 0);
	rmdir(path);
	return m;
}

static void check_picture(const struct view *v, const struct model *m, int width, int height)
{
	struct view_input in = {.now = m, .before = m, .width = width, .height = height};
	struct scene s;

	assert_int_equal(v->layout(&in, &s), 0);
	check_boxes(&s);
	check_texts(&s);
	check_edges(&s);
	if (s.n_boxes >= 40)
		fail_msg("%s at %dx%d is a wall of %zu boxes", v->name, width, height, s.n_boxes);
	scene_release(&s);
}

static void check_machine(bool v1)
{
	static const int sizes[][2] = {{80, 24}, {110, 44}, {160, 50}, {200, 60}};
	size_t containers = v1 ? MANY_V1 : MANY, inside = 0;
	struct model *m = read_many((int)containers, v1);

	assert_string_equal(m->host.cgroup_mode, v1 ? "v1" : "v2");
	assert_int_equal(m->n_containers, containers);
	assert_int_equal(m->n_processes, 2 * containers + 4);
	for (size_t i = 0; i < m->n_containers; i++) {
		const struct model_container *c = &m->containers[i];
		inside += c->processes;
		assert_true(c->cgroup >= 0);
		assert_int_equal(m->cgroups[c->cgroup].pids_max, 2000);
		assert_true(m->cgroups[c->cgroup].memory_max == MODEL_NO_LIMIT);
	}
	assert_int_equal(inside, containers);
	for (const struct view *v = views; v->name; v++)
		for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
			check_picture(v, m, sizes[k][0], sizes[k][1]);
	golden_machine(v1 ? "many-v1" : "many-v2", m);
	model_free(m);
}

static void test_v1(void **state)
{
	(void)state;
	check_machine(true);
}

static void test_v2(void **state)
{
	(void)state;
	check_machine(false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_v1),
	        cmocka_unit_test(test_v2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
