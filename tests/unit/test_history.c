/* The states that a drawing keeps: what counts as one, how one goes through them, and that they
 * never take more than they may. */
#include "model_fixture.h"

#include "kernel/observe/model_same.h"
#include "shell/stage/history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct model *machine(const char *hostname, size_t bytes)
{
	struct model *m = model_new();

	m->host.hostname = arena_strdup(&m->arena, hostname);
	if (bytes)
		arena_alloc(&m->arena, bytes);
	return m;
}

static void add(struct history *h, const char *hostname)
{
	assert_int_equal(history_add(h, machine(hostname, 0)), 0);
	assert_string_equal(h->live->host.hostname, hostname);
}

static void test_what_counts(void **state)
{
	struct model *a = fixture_three(), *b = fixture_three();

	(void)state;
	assert_true(model_same(a, b));
	b->cgroups[b->n_cgroups - 1].memory_current += 4096;
	b->processes[0].state = 'R';
	fixture_process(b, 30000, 1, "cron", "cron -f", ROLE_REGULAR);
	assert_true(model_same(a, b));
	fixture_process(b, 30001, 1, "sleep", "sleep 9", ROLE_LAB);
	assert_false(model_same(a, b));
	b->n_processes--;
	assert_true(model_same(a, b));
	b->cgroups[b->n_cgroups - 1].memory_max /= 2;
	assert_false(model_same(a, b));
	model_free(b);
	b = fixture_three();
	b->containers[1].status = CONTAINER_EXITED;
	assert_false(model_same(a, b));
	b->n_containers--;
	assert_false(model_same(a, b));
	model_free(b);
	b = fixture_three();
	b->mounts[0].options = "ro";
	assert_false(model_same(a, b));
	model_free(a);
	model_free(b);
}

static void test_going(void **state)
{
	struct history h = {0};
	const struct history_state *s;
	const struct lab_unmet unmet[] = {{"container.red", "running", ""}};
	const struct lab_state lab = {
	        .step = 3, .view = "kernel", .subject = "", .unmet = unmet, .n_unmet = 1};

	(void)state;
	add(&h, "a");
	add(&h, "a"); /* the same: no state of its own */
	assert_int_equal(h.n, 1);
	add(&h, "b");
	history_turn(&h);
	add(&h, "b"); /* but a page always begins with one */
	add(&h, "c");
	add(&h, "d");
	assert_int_equal(h.n, 5);
	history_note(&h, &lab);
	add(&h, "d");
	s = history_newest(&h);
	assert_string_equal(s->model->host.hostname, "d");
	assert_true(s->model != h.live);
	assert_int_equal(s->step, 3);
	assert_string_equal(s->view, "kernel");
	assert_string_equal(s->wants[0].fact, "container.red");
	assert_string_equal(s->wants[0].wanted, "running");
	assert_ptr_equal(history_first_of(&h, s), &h.states[2]);

	assert_ptr_equal(history_move(&h, s, -1, false), &h.states[3]);
	assert_ptr_equal(history_move(&h, s, -3, false), &h.states[1]);
	assert_ptr_equal(history_move(&h, s, -99, false), &h.states[0]);
	assert_ptr_equal(history_move(&h, s, 1, false), s);
	assert_ptr_equal(history_move(&h, s, -1, true), &h.states[2]);
	assert_ptr_equal(history_move(&h, s, -2, true), &h.states[0]);
	assert_ptr_equal(history_move(&h, &h.states[1], 1, true), &h.states[2]);
	assert_ptr_equal(history_move(&h, &h.states[2], 1, true), s);
	assert_ptr_equal(history_find(&h, h.states[1].number), &h.states[1]);
	assert_null(history_find(&h, s->number + 1));
	history_release(&h);
}

static void test_bounds(void **state)
{
	enum { PAGES = 6, EACH = 40, BIG = 1 << 20 };
	struct history h = {0};
	char name[32];
	size_t pages = 0;

	(void)state;
	for (int page = 0; page < PAGES; page++) {
		for (int i = 0; i < EACH; i++) {
			snprintf(name, sizeof name, "%d-%d", page, i);
			assert_int_equal(history_add(&h, machine(name, BIG)), 0);
			assert_true(h.bytes <= HISTORY_BYTES);
		}
		history_turn(&h);
	}
	assert_in_range(h.n, HISTORY_BYTES / BIG / 2, HISTORY_BYTES / BIG);
	/* The start of each page is there, and the newest. */
	for (size_t i = 0; i < h.n; i++) {
		assert_true(i == 0 || h.states[i].number > h.states[i - 1].number);
		if (i == 0 || h.states[i].page != h.states[i - 1].page) {
			snprintf(name, sizeof name, "%zu-0", pages++);
			assert_string_equal(h.states[i].model->host.hostname, name);
		}
	}
	assert_int_equal(pages, PAGES);
	assert_string_equal(history_newest(&h)->model->host.hostname, "5-39");
	/* One that made room leads to what came after it. */
	assert_true(history_find(&h, 2)->number > 2);
	history_release(&h);

	for (int i = 0; i < HISTORY_STATES + 50; i++) {
		snprintf(name, sizeof name, "%d", i);
		add(&h, name);
		assert_true(h.n <= HISTORY_STATES);
	}
	assert_string_equal(h.states[0].model->host.hostname, "0");
	/* Larger than all there is room for: itself and the page's first. */
	assert_int_equal(history_add(&h, machine("big", HISTORY_BYTES)), 0);
	assert_int_equal(h.n, 2);
	history_release(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_what_counts),
	        cmocka_unit_test(test_going),
	        cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
