/* The areas at every size, and the keys of the stage. */
#include "shell/stage/keys.h"
#include "shell/stage/layout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int overlap(int a, int an, int b, int bn)
{
	return a < b + bn && b < a + an;
}

static void expect_sound(const struct stage_layout *l, int rows, int columns)
{
	for (int i = 0; i < AREA_COUNT; i++) {
		const struct rectangle *a = &l->areas[i];

		if (!a->height)
			continue;
		assert_true(a->y >= 0 && a->x >= 0 && a->width > 0);
		assert_true(a->y + a->height <= rows - 1 && a->x + a->width <= columns);
		for (int k = 0; k < i; k++) {
			const struct rectangle *b = &l->areas[k];

			assert_false(b->height && overlap(a->y, a->height, b->y, b->height) &&
			             overlap(a->x, a->width, b->x, b->width));
		}
	}
	assert_true(l->terminal_rows >= 1 && l->terminal_rows <= rows);
	assert_true(l->terminal_columns >= 1 && l->terminal_columns <= columns);
}

static void test_all_sizes(void **state)
{
	struct stage_layout l;

	(void)state;
	for (int rows = 1; rows < 80; rows++)
		for (int columns = 1; columns < 260; columns += 3)
			for (int chosen = 0; chosen < AREA_COUNT; chosen++)
				for (int whole = 0; whole < 2; whole++) {
					bool fits = layout_make(
					        rows, columns, (enum stage_area)chosen, whole, &l);

					assert_int_equal(fits, rows >= 5 && columns >= 20);
					expect_sound(&l, rows, columns);
					assert_int_equal(l.split,
					        fits && rows >= 30 && columns >= 100 && !whole);
					if (fits)
						assert_true(l.areas[chosen].height > 0);
				}
}

static void test_known_sizes(void **state)
{
	struct stage_layout l;

	(void)state;
	assert_true(layout_make(30, 100, AREA_TERMINAL, false, &l));
	assert_true(l.split);
	assert_true(l.terminal_columns >= 50 && l.areas[AREA_DRAWING].width >= 40);
	assert_true(l.areas[AREA_LESSON].height >= 12 && l.terminal_rows >= 12);
	assert_true(layout_make(50, 160, AREA_TERMINAL, false, &l));
	assert_int_equal(l.areas[AREA_DRAWING].width, 79);
	assert_true(layout_make(24, 80, AREA_DRAWING, false, &l));
	assert_false(l.split);
	assert_int_equal(l.areas[AREA_DRAWING].width, 80);
	assert_int_equal(l.areas[AREA_TERMINAL].height, 0);
	assert_int_equal(l.terminal_rows, 23);
	/* A lesson over the whole screen does not change the terminal's size. */
	assert_true(layout_make(50, 160, AREA_LESSON, true, &l));
	assert_int_equal(l.terminal_columns, 80);
}

static enum stage_action action(
        enum screen_key_kind kind, uint32_t c, int number, bool alt, bool prefixed)
{
	struct screen_key key = {.kind = kind, .character = c, .number = number, .alt = alt};

	return stage_key_action(&key, prefixed);
}

static void test_keys(void **state)
{
	(void)state;
	assert_int_equal(action(KEY_KIND_FUNCTION, 0, 5, false, false), ACTION_HINT);
	assert_int_equal(action(KEY_KIND_FUNCTION, 0, 11, false, false), ACTION_NONE);
	assert_int_equal(action(KEY_KIND_FUNCTION, 0, 5, false, true), ACTION_NONE);
	assert_int_equal(action(KEY_KIND_CHARACTER, 'h', 0, false, false), ACTION_NONE);
	assert_int_equal(action(KEY_KIND_CHARACTER, 0x1d, 0, false, false), ACTION_PREFIX);
	assert_int_equal(action(KEY_KIND_CHARACTER, 0x1d, 0, false, true), ACTION_NONE);
	assert_int_equal(action(KEY_KIND_CHARACTER, 'h', 0, false, true), ACTION_HINT);
	assert_int_equal(action(KEY_KIND_CHARACTER, 'x', 0, false, true), ACTION_UNKNOWN);
	assert_int_equal(action(KEY_KIND_ENTER, 0, 0, false, true), ACTION_UNKNOWN);
	assert_int_equal(action(KEY_KIND_CHARACTER, '3', 0, true, false), ACTION_DRAWING);
	assert_int_equal(action(KEY_KIND_CHARACTER, '3', 0, false, false), ACTION_NONE);
	assert_int_equal(action(KEY_KIND_UP, 0, 0, true, false), ACTION_LESSON_UP);
	assert_int_equal(action(KEY_KIND_UP, 0, 0, false, false), ACTION_NONE);
}

/* Every action is reached in two ways at most differently named, and no letter twice. */
static void test_key_table(void **state)
{
	(void)state;
	for (size_t i = 0; stage_keys[i].name; i++) {
		assert_ptr_equal(stage_key_of(stage_keys[i].action), &stage_keys[i]);
		assert_true(stage_keys[i].letter && stage_keys[i].help[0]);
		for (size_t k = 0; k < i; k++) {
			assert_int_not_equal(stage_keys[i].letter, stage_keys[k].letter);
			assert_false(stage_keys[i].function &&
			             stage_keys[i].function == stage_keys[k].function);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_all_sizes),
	        cmocka_unit_test(test_known_sizes),
	        cmocka_unit_test(test_keys),
	        cmocka_unit_test(test_key_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
