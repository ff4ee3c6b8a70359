/* The editor of diagrams, key by key, without a screen; and a hand at the prompt beside it. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "shell/diagram/edit.h"
#include "shell/diagram/keep.h"
#include "shell/stage/board.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct person {
	char directory[64];
	struct board *b;
	const struct diagram_picture *seen;
	char focus[256];
};

static int setup(void **state)
{
	struct person *p = calloc(1, sizeof(*p));
	struct error err = {0};

	*state = p;
	snprintf(p->directory, sizeof(p->directory), "/tmp/cutaway-board-XXXXXX");
	if (!mkdtemp(p->directory) || setenv("XDG_STATE_HOME", p->directory, 1) ||
	        setenv("CUTAWAY_LESSONS", "lessons", 1))
		return -1;
	return board_new(&p->b, &err);
}

static int teardown(void **state)
{
	struct person *p = *state;
	int r = dir_remove_tree(AT_FDCWD, p->directory);

	board_free(p->b);
	free(p);
	return r;
}

static void look(struct person *p)
{
	p->seen = board_picture(p->b, "podman", NULL);
	assert_non_null(p->seen);
}

static bool press(struct person *p, enum screen_key_kind kind, char letter)
{
	struct screen_key key = {.kind = kind, .character = (unsigned char)letter};
	char focus[256];
	bool taken = board_take_key(p->b, &key, p->focus, focus);

	if (*focus)
		snprintf(p->focus, sizeof(p->focus), "%s", focus);
	look(p);
	return taken;
}

static void type(struct person *p, const char *text)
{
	for (; *text; text++)
		assert_true(press(p, KEY_KIND_CHARACTER, *text));
}

static void enter(struct person *p)
{
	assert_true(press(p, KEY_KIND_ENTER, 0));
}

static void says(struct person *p, const char *words)
{
	auto_buf left = BUF_INIT, right = BUF_INIT;

	board_bar(p->b, p->focus, false, &left, &right);
	if (!strstr(buf_text(&left), words))
		fail_msg("the bar says '%s', not '%s'", buf_text(&left), words);
}

static void add(struct person *p, const char *name, const char *band)
{
	type(p, "a");
	type(p, name);
	enter(p);
	type(p, band);
}

static void test_parts(void **state)
{
	struct person *p = *state;
	auto_buf choices = BUF_INIT;

	look(p);
	assert_int_equal(p->seen->n_parts, 0);
	assert_false(press(p, KEY_KIND_DOWN, 0));
	type(p, "adock");
	board_choices(p->b, &choices);
	assert_memory_equal(buf_text(&choices), "[docker]  dockerd ", 18);
	assert_true(press(p, KEY_KIND_TAB, 0));
	enter(p);
	says(p, "dockerd stands in");
	type(p, "xk"); /* x is no band */
	assert_int_equal(p->seen->n_parts, 1);
	assert_int_equal(p->seen->parts[0].band, BAND_KERNEL);
	assert_string_equal(p->focus, "part:dockerd");
	type(p, "bu");
	assert_int_equal(p->seen->parts[0].band, BAND_USER);
	type(p, "adockerd"); /* it is there already */
	buf_reset(&choices);
	board_choices(p->b, &choices);
	assert_non_null(strstr(buf_text(&choices), "No part is called so"));
	enter(p);
	assert_true(press(p, KEY_KIND_ESCAPE, 0));
	type(p, "d");
	assert_int_equal(p->seen->n_parts, 0);
	type(p, "uu");
	assert_int_equal(p->seen->parts[0].band, BAND_KERNEL);
	type(p, "U");
	assert_int_equal(p->seen->parts[0].band, BAND_USER);
}

static void test_arrows_and_grade(void **state)
{
	struct person *p = *state;

	look(p);
	type(p, "c");
	says(p, "First move to a part");
	add(p, "podman", "u");
	add(p, "conmon", "u");
	type(p, "<");
	assert_string_equal(p->seen->parts[0].name, "conmon");
	snprintf(p->focus, sizeof(p->focus), "part:podman");
	enter(p);
	says(p, "from podman to");
	assert_false(press(p, KEY_KIND_RIGHT, 0)); /* it moves about */
	enter(p);
	says(p, "from podman to"); /* itself is no target */
	snprintf(p->focus, sizeof(p->focus), "part:conmon");
	enter(p);
	says(p, "by which call?");
	type(p, "HTTPx");
	assert_true(press(p, KEY_KIND_BACKSPACE, 0));
	enter(p);
	assert_int_equal(p->seen->n_arrows, 1);
	assert_string_equal(p->seen->arrows[0].label, "HTTP");
	assert_int_equal(p->seen->arrows[0].verdict, VERDICT_NONE);
	type(p, "g");
	assert_int_equal(p->seen->arrows[0].verdict, VERDICT_WRONG);
	says(p, "2 of 9 parts, 0 of 8 arrows");
	snprintf(p->focus, sizeof(p->focus), "arrow:podman:conmon");
	type(p, "l");
	says(p, "HTTP");
	for (int i = 0; i < 4; i++)
		press(p, KEY_KIND_BACKSPACE, 0);
	type(p, "fork");
	enter(p);
	/* It has changed since: it says nothing before it is graded again. */
	assert_int_equal(p->seen->arrows[0].verdict, VERDICT_NONE);
	assert_int_equal(p->seen->parts[0].verdict, VERDICT_RIGHT);
	type(p, "g");
	assert_int_equal(p->seen->arrows[0].verdict, VERDICT_RIGHT);
	type(p, "d");
	assert_int_equal(p->seen->n_arrows, 0);
}

static void test_a_click_connects(void **state)
{
	struct person *p = *state;

	look(p);
	add(p, "podman", "u");
	assert_false(board_take_click(p->b, "part:podman"));
	add(p, "conmon", "u");
	type(p, "c");
	assert_false(board_take_click(p->b, "part:conmon"));
	assert_true(board_take_click(p->b, "part:podman"));
	look(p);
	assert_int_equal(p->seen->n_arrows, 1);
	says(p, "by which call?");
}

/* A line at the prompt changes what is shown, and the board is told that there is something new. */
static void test_the_prompt_beside_it(void **state)
{
	struct person *p = *state;
	struct diagram_rules *rules = NULL;
	struct error err = {0};
	struct pollfd fd;
	char *path = NULL;
	struct diagram_edit edit;

	look(p);
	assert_int_equal(board_pollfds(p->b, &fd, 1), 1);
	board_drain(p->b);
	assert_int_equal(diagram_rules_read(NULL, &rules, &err), 0);
	assert_int_equal(keep_path("podman", &path, &err), 0);
	edit = (struct diagram_edit){
	        rules, 3, (const char *const[]){"place", "registry", "remote"}, BUF_INIT};
	assert_int_equal(keep_edit(path, "podman", diagram_edit_apply, &edit, NULL, &err), 0);
	assert_int_equal(poll(&fd, 1, 10000), 1);
	assert_true(board_drain(p->b));
	look(p);
	assert_string_equal(p->seen->parts[0].name, "registry");
	/* A file that is damaged meanwhile is told, not drawn. */
	assert_int_equal(file_replace_at(AT_FDCWD, path, "{", 1, 0600), 0);
	assert_null(board_picture(p->b, "podman", NULL));
	says(p, "podman.json");
	buf_release(&edit.said);
	free(path);
	diagram_rules_free(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_parts, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_arrows_and_grade, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_a_click_connects, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_the_prompt_beside_it, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
