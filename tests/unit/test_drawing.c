/* The drawing as a pane, over this machine: which view it shows, and which keys are its own. */
#include "kernel/base/file.h"
#include "shell/stage/drawing_state.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char runtime[] = "/tmp/cutaway-drawing.XXXXXX";

static int set_up(void **state)
{
	struct drawing *d;

	if (!mkdtemp(runtime) || setenv("XDG_RUNTIME_DIR", runtime, 1) < 0 ||
	        drawing_new(NULL, &d, NULL) < 0)
		return -1;
	*state = d;
	return 0;
}

static int tear_down(void **state)
{
	drawing_free(*state);
	return dir_remove_tree(AT_FDCWD, runtime);
}

static bool press(struct drawing *d, char c)
{
	const struct screen_key key = {.kind = KEY_KIND_CHARACTER, .character = (unsigned char)c};

	return drawing_take_key(d, &key);
}

static void test_view(void **state)
{
	struct lab_state page = {.view = "network", .subject = ""};
	struct drawing *d = *state;

	assert_false(drawing_update(d, &page, 0, 80, false));
	assert_true(drawing_update(d, &page, 24, 80, false));
	assert_string_equal(d->shown->name, "network");
	page.view = "no-such-view";
	drawing_touch(d);
	assert_true(drawing_update(d, &page, 24, 80, false));
	assert_string_equal(d->shown->name, "host");

	assert_false(drawing_choose(d, "no-such-view", NULL));
	assert_false(drawing_is_chosen(d));
	assert_true(drawing_choose(d, "container", "hand"));
	assert_true(drawing_is_chosen(d));
	assert_true(drawing_update(d, &page, 1, 1, true));
	assert_string_equal(d->shown->name, "container");
}

static void test_keys(void **state)
{
	struct lab_state page = {.view = "kernel", .subject = ""};
	struct drawing *d = *state;
	const struct screen_key up = {.kind = KEY_KIND_FUNCTION, .number = 1};
	int n = 0;

	assert_false(press(d, '~'));
	assert_false(drawing_take_key(d, &up));
	assert_true(press(d, '0'));
	assert_true(drawing_update(d, &page, 24, 80, false));
	assert_string_equal(d->shown->name, "kernel");
	do {
		assert_true(press(d, 'v'));
		assert_true(drawing_update(d, &page, 24, 80, false));
		assert_true(drawing_is_chosen(d));
		n++;
	} while (n < 20 && strcmp(d->shown->name, "kernel") != 0);
	assert_in_range(n, 5, 19); /* through all of them */
	assert_true(press(d, '0'));
	assert_false(drawing_is_chosen(d));
}

static void test_past(void **state)
{
	const struct lab_state first = {.view = "network", .subject = "", .step = 1};
	const struct lab_state second = {.view = "kernel", .subject = "", .step = 2};
	struct drawing *d = *state;
	const struct screen_key escape = {.kind = KEY_KIND_ESCAPE};

	assert_true(drawing_choose(d, NULL, NULL));
	drawing_begin(d);
	assert_true(drawing_update(d, &first, 24, 80, false));
	drawing_begin(d);
	assert_true(drawing_update(d, &second, 24, 80, false));
	assert_string_equal(d->shown->name, "kernel");
	assert_true(press(d, ']'));
	assert_null(drawing_past(d));
	assert_false(drawing_take_key(d, &escape)); /* nothing to come back from */

	assert_true(press(d, '{'));
	assert_non_null(drawing_past(d));
	assert_true(drawing_update(d, &second, 24, 80, false));
	assert_string_equal(d->shown->name, "network"); /* the page's of then */
	assert_true(press(d, 'v'));
	assert_non_null(drawing_past(d));
	assert_true(press(d, '}'));
	assert_null(drawing_past(d));
	assert_true(press(d, '0'));

	assert_true(press(d, '['));
	assert_non_null(drawing_past(d));
	assert_true(drawing_take_key(d, &escape));
	assert_null(drawing_past(d));
	assert_true(press(d, '['));
	assert_true(drawing_return(d));
	assert_true(press(d, '['));
	drawing_begin(d); /* a page begins: now */
	assert_null(drawing_past(d));
	/* Hidden it keeps states, and shows them later. */
	assert_false(drawing_update(d, &first, 0, 0, false));
	assert_true(press(d, '{'));
	assert_true(drawing_update(d, &first, 1, 1, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_view),
	        cmocka_unit_test(test_keys),
	        cmocka_unit_test(test_past),
	};

	return cmocka_run_group_tests_name("drawing", tests, set_up, tear_down);
}
