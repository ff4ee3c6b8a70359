/* A person at the drawing, key by key: over a machine made by hand, without a screen. */
#include "kernel/base/cleanup.h"
#include "kernel/observe/fact.h"
#include "render/backend.h"
#include "shell/stage/explore.h"
#include "shell/stage/explore_keys.h"
#include "tests/unit/model_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* One person with one window. */
struct person {
	struct model *m;
	struct explore e;
	const char *root; /* the view of the page */
	int width, height;
	struct buf shown; /* what the window shows, without colour */
	const struct view *view;
};

static void look(struct person *p)
{
	const struct view *view = view_find(p->root);
	struct view_input in = {.now = p->m,
	        .width = p->width,
	        .height = p->height - explore_bar_rows(&p->e, p->height)};
	struct model_fact fact;
	struct scene s;
	struct canvas c, part;

	explore_begin(&p->e, &view, &in);
	if (!strcmp(view->name, "fact") && fact_find(p->m, in.subject, &p->m->arena, &fact) == 0)
		in.fact = &fact;
	assert_int_equal(view->layout(&in, &s), 0);
	assert_int_equal(explore_scene(&p->e, &s), 0);
	assert_int_equal(canvas_init(&c, s.width, s.height), 0);
	canvas_draw(&c, &s, false);
	part = c;
	part.cells += (ptrdiff_t)p->e.top * c.width;
	part.height = c.height - p->e.top < p->e.height ? c.height - p->e.top : p->e.height;
	buf_reset(&p->shown);
	text_write(&part, THEME_NONE, &p->shown);
	canvas_release(&c);
	scene_release(&s);
	p->view = view;
}

static bool press_key(struct person *p, struct screen_key key)
{
	bool taken = explore_take_key(&p->e, &key);

	look(p);
	return taken;
}

static bool press(struct person *p, enum screen_key_kind kind)
{
	return press_key(p, (struct screen_key){.kind = kind});
}

static void type(struct person *p, const char *text)
{
	for (; *text; text++)
		assert_true(press_key(p, (struct screen_key){.kind = KEY_KIND_CHARACTER,
		                                 .character = (unsigned char)*text}));
}

static struct person begin(struct model *m, const char *root, int width, int height)
{
	struct person p = {.m = m, .root = root, .width = width, .height = height};

	look(&p);
	explore_activate(&p.e, true);
	look(&p);
	return p;
}

static void end(struct person *p)
{
	explore_release(&p->e);
	buf_release(&p->shown);
	model_free(p->m);
}

static void expect_shown(const struct person *p, const char *text)
{
	if (!strstr(buf_text(&p->shown), text))
		fail_msg("no '%s' in\n%s", text, buf_text(&p->shown));
}

static void expect_focus(const struct person *p, const char *id)
{
	assert_string_equal(p->e.focus.id, id);
}

static void expect_view(const struct person *p, const char *view, const char *subject)
{
	assert_string_equal(p->view->name, view);
	assert_string_equal(p->e.n_places ? p->e.places[p->e.n_places - 1].subject : "", subject);
}

/* Nothing is marked for who has not come to the drawing. */
static void test_calm(void **state)
{
	struct person p = {.m = fixture_three(), .root = "host", .width = 80, .height = 24};

	(void)state;
	look(&p);
	assert_null(strstr(buf_text(&p.shown), "▶ "));
	assert_int_equal(explore_bar_rows(&p.e, 24), 0);
	explore_activate(&p.e, true);
	look(&p);
	expect_shown(&p, "▶ your shell");
	explore_activate(&p.e, false);
	look(&p);
	assert_null(strstr(buf_text(&p.shown), "▶ your shell"));
	end(&p);
}

/* The whole way: host, container, process, fact, and back to where it began. */
static void test_all_the_way(void **state)
{
	struct person p = begin(fixture_three(), "host", 120, 40);

	(void)state;
	type(&p, "/red");
	assert_true(press(&p, KEY_KIND_ENTER));
	expect_focus(&p, "process:904"); /* "monitor red" */
	type(&p, "n");
	while (strcmp(p.e.focus.id, "container:red") != 0)
		type(&p, "n");
	press(&p, KEY_KIND_ENTER);
	expect_view(&p, "container", "red");
	for (int i = 0; i < 9 && strcmp(p.e.focus.id, "container:red:inside") != 0; i++)
		press(&p, KEY_KIND_TAB);
	press(&p, KEY_KIND_ENTER);
	expect_view(&p, "process", "red");
	for (int i = 0; i < 9 && strcmp(p.e.focus.id, "process:905:rights") != 0; i++)
		press(&p, KEY_KIND_TAB);
	press(&p, KEY_KIND_DOWN);
	expect_focus(&p, "fact:pid.905.seccomp");
	press(&p, KEY_KIND_ENTER);
	expect_view(&p, "fact", "pid.905.seccomp");
	expect_shown(&p, "/proc/905/status");
	expect_shown(&p, "$ grep Seccomp /proc/905/status");
	press(&p, KEY_KIND_BACKSPACE);
	expect_view(&p, "process", "red");
	expect_focus(&p, "fact:pid.905.seccomp");
	press(&p, KEY_KIND_ESCAPE);
	expect_focus(&p, "container:red:inside");
	press(&p, KEY_KIND_ESCAPE);
	expect_view(&p, "host", "");
	expect_focus(&p, "container:red");
	assert_false(press(&p, KEY_KIND_ESCAPE)); /* out of the drawing */
	end(&p);
}

/* A process stands in its own view as well, among its family: it leads nowhere new. */
static void test_not_into_itself(void **state)
{
	struct person p = begin(fixture_three(), "host", 120, 40);

	(void)state;
	type(&p, "/red");
	press(&p, KEY_KIND_ENTER);
	expect_focus(&p, "process:904");
	press(&p, KEY_KIND_ENTER);
	expect_view(&p, "process", "904");
	press(&p, KEY_KIND_HOME);
	for (int i = 0; i < 200 && strcmp(p.e.focus.id, "process:904") != 0; i++)
		press(&p, i % 5 ? KEY_KIND_DOWN : KEY_KIND_TAB);
	expect_focus(&p, "process:904");
	press(&p, KEY_KIND_ENTER);
	assert_int_equal(p.e.n_places, 1);
	assert_string_equal(p.e.note, "This is it: nothing lies deeper.");
	end(&p);
}

/* From a namespace in the kernel to the processes that are in it. */
static void test_who_is_in_it(void **state)
{
	struct person p = begin(fixture_three(), "host", 120, 40);

	(void)state;
	while (strcmp(p.e.focus.id, "ns:uts") != 0) {
		struct nav_focus before = p.e.focus;
		press(&p, KEY_KIND_TAB);
		while (!strcmp(p.e.focus.id, "namespaces") || !strncmp(p.e.focus.id, "ns:", 3)) {
			press(&p, KEY_KIND_DOWN);
			if (!strcmp(p.e.focus.id, "ns:uts"))
				break;
		}
		assert_string_not_equal(before.id, p.e.focus.id);
	}
	press(&p, KEY_KIND_ENTER);
	expect_view(&p, "namespace", "uts");
	type(&p, "/4026549053");
	press(&p, KEY_KIND_ENTER);
	expect_focus(&p, "ns:uts:4026549053");
	press(&p, KEY_KIND_ENTER);
	expect_view(&p, "fact", "ns.uts.4026549053");
	expect_shown(&p, "905 (1 inside) sleep 1000 red");
	type(&p, "h"); /* there is nothing on the left: back */
	expect_view(&p, "namespace", "uts");
	end(&p);
}

static void test_search(void **state)
{
	struct person p = begin(fixture_three(), "host", 120, 40);
	auto_buf left = BUF_INIT, right = BUF_INIT;

	(void)state;
	type(&p, "/sleep");
	explore_bar(&p.e, "host", false, &left, &right);
	assert_string_equal(buf_text(&left), " /sleep▏");
	assert_non_null(strstr(buf_text(&right), "3 here"));
	expect_focus(&p, "process:901");
	expect_shown(&p, "▶ 901 sleep 1000");
	expect_shown(&p, "» 903 sleep 1000");
	/* A letter of the table is text while one types, and what is no text is nothing. */
	type(&p, "n");
	press(&p, KEY_KIND_TAB);
	press(&p, KEY_KIND_BACKSPACE);
	press(&p, KEY_KIND_ENTER);
	type(&p, "n");
	expect_focus(&p, "process:903");
	type(&p, "N");
	expect_focus(&p, "process:901");
	assert_true(press(&p, KEY_KIND_ESCAPE));
	assert_null(strstr(buf_text(&p.shown), "»"));
	type(&p, "/zzz");
	assert_string_equal(p.e.note, "Nothing here is called so.");
	for (int i = 0; i < 200; i++)
		type(&p, "y");
	for (int i = 0; i < 200 && p.e.typing; i++)
		press(&p, KEY_KIND_BACKSPACE);
	assert_false(p.e.typing);
	type(&p, "n");
	assert_string_equal(p.e.note, "/ searches for a word.");
	end(&p);
}

/* A process that ends takes the focus to what is near; one that stays keeps it. */
static void test_focus_stays(void **state)
{
	struct person p = begin(fixture_three(), "host", 120, 40);

	(void)state;
	type(&p, "/903");
	press(&p, KEY_KIND_ENTER);
	expect_focus(&p, "process:903");
	p.m->processes[p.m->n_processes - 1].comm = "other";
	look(&p);
	expect_focus(&p, "process:903");
	model_free(p.m);
	p.m = fixture_host();
	look(&p);
	assert_string_not_equal(p.e.focus.id, "process:903");
	assert_int_not_equal(p.e.focus.id[0], '\0');
	end(&p);
}

static size_t count_lines(const struct person *p, const char *text)
{
	size_t n = 0;

	for (const char *at = buf_text(&p->shown); (at = strstr(at, text)); at++)
		n++;
	return n;
}

static void test_fold(void **state)
{
	struct person p = begin(fixture_three(), "kernel", 120, 40);

	(void)state;
	type(&p, "/cutaway");
	press(&p, KEY_KIND_ENTER);
	press(&p, KEY_KIND_ESCAPE);
	type(&p, "g ");
	expect_focus(&p, "sharing");
	assert_int_equal(count_lines(&p, "folded"), 1);
	type(&p, " ");
	assert_int_equal(count_lines(&p, "folded"), 0);
	type(&p, "-");
	type(&p, "-");
	assert_int_equal(count_lines(&p, "folded"), 1);
	type(&p, "+");
	assert_int_equal(count_lines(&p, "folded"), 0);
	/* A group of the tree folds with all below it. */
	type(&p, "/-/");
	press(&p, KEY_KIND_ESCAPE);
	while (strcmp(p.e.focus.id, "cgroup:/") != 0)
		press(&p, KEY_KIND_DOWN);
	expect_shown(&p, "red");
	type(&p, "-");
	expect_focus(&p, "cgroup:/");
	expect_shown(&p, "+3 folded");
	type(&p, "g+");
	assert_int_equal(p.e.n_folded, 0);
	end(&p);
}

static struct model *many(int n)
{
	struct model *m = fixture_host();

	for (int i = 0; i < n; i++)
		fixture_container(m, fixture_text(m, "c%02d", i), 1000 + i, 801, "sleep 9");
	return m;
}

/* What is only counted in a small window is reached by going down. */
static void test_pan(void **state)
{
	struct person p = begin(many(20), "host", 80, 24);
	bool seen = false;

	(void)state;
	assert_null(strstr(buf_text(&p.shown), "1019"));
	press(&p, KEY_KIND_PAGE_DOWN);
	assert_true(p.e.tall);
	for (int i = 0; i < 30 && !seen; i++) {
		press(&p, KEY_KIND_PAGE_DOWN);
		seen = strstr(buf_text(&p.shown), "1019");
		assert_in_range(p.e.top, 0, p.e.rows - p.e.height);
	}
	assert_true(seen);
	/* The focus takes the window with it. */
	type(&p, "g");
	assert_int_equal(p.e.top, 0);
	type(&p, "G");
	expect_shown(&p, "▶");
	assert_true(p.e.top > 0);
	for (int i = 0; i < 40 && p.e.tall; i++)
		press(&p, KEY_KIND_PAGE_UP);
	assert_false(p.e.tall);
	end(&p);
}

static void test_mouse(void **state)
{
	struct person p = begin(fixture_three(), "host", 120, 40);
	size_t i = 0;

	(void)state;
	while (strcmp(p.e.map.targets[i].id, "container:green") != 0)
		i++;
	int row = p.e.map.targets[i].y, column = p.e.map.targets[i].x + 3;
	explore_take_mouse(&p.e, row, column, 1);
	look(&p);
	expect_focus(&p, "container:green");
	explore_take_mouse(&p.e, row, column, 1);
	look(&p);
	expect_view(&p, "container", "green");
	explore_take_mouse(&p.e, 5, 5, 5);
	look(&p);
	assert_true(p.e.tall);
	explore_take_mouse(&p.e, 5, 5, 4);
	look(&p);
	assert_false(p.e.tall);
	explore_take_mouse(&p.e, 500, 500, 1);
	explore_take_mouse(&p.e, 0, 0, 1);
	look(&p);
	end(&p);
}

static void test_help(void **state)
{
	struct person p = begin(fixture_three(), "host", 80, 24);
	auto_buf help = BUF_INIT;
	size_t lines = 0;

	(void)state;
	explore_help(&help);
	for (const char *at = buf_text(&help); *at; at++)
		lines += *at == '\n';
	assert_in_range(lines, 8, 20); /* it fits a small terminal */
	type(&p, "?");
	assert_true(p.e.help);
	press(&p, KEY_KIND_DOWN);
	assert_false(p.e.help);
	expect_focus(&p, "lab"); /* the key has only closed it */
	assert_false(
	        press_key(&p, (struct screen_key){.kind = KEY_KIND_CHARACTER, .character = '~'}));
	assert_false(press(&p, KEY_KIND_INSERT));
	end(&p);
}

/* No key means two things, and each action is reached. */
static void test_table(void **state)
{
	bool reached[EXPLORE_HELP + 1] = {0};

	(void)state;
	for (size_t i = 0; explore_keys[i].action; i++) {
		const struct explore_key *k = &explore_keys[i];
		struct screen_key key = {.kind = k->kind, .shift = k->shift};

		if (k->kind != KEY_KIND_CHARACTER)
			assert_int_equal(explore_action_of(&key), k->action);
		key = (struct screen_key){
		        .kind = KEY_KIND_CHARACTER, .character = (unsigned char)k->character};
		if (k->character)
			assert_int_equal(explore_action_of(&key), k->action);
		reached[k->action] = true;
	}
	for (int a = EXPLORE_LEFT; a <= EXPLORE_HELP; a++)
		assert_true(reached[a]);
}

/* Any keys in any order, over machines that change meanwhile: never out of the picture. */
static void test_any_keys(void **state)
{
	static const char letters[] = "hjklgGnN/ -+JK?r 1e";
	static const enum screen_key_kind kinds[] = {KEY_KIND_ENTER, KEY_KIND_ENTER,
	        KEY_KIND_ESCAPE, KEY_KIND_TAB, KEY_KIND_BACKTAB, KEY_KIND_BACKSPACE, KEY_KIND_UP,
	        KEY_KIND_DOWN, KEY_KIND_PAGE_UP, KEY_KIND_PAGE_DOWN, KEY_KIND_HOME};
	struct person p = begin(fixture_three(), "host", 100, 30);
	unsigned seed = 7;

	(void)state;
	for (int i = 0; i < 1500; i++) {
		struct screen_key key = {.kind = KEY_KIND_CHARACTER};

		if (fixture_random(&seed, 2))
			key.character =
			        (uint32_t)letters[fixture_random(&seed, sizeof letters - 1)];
		else
			key.kind = kinds[fixture_random(&seed, sizeof kinds / sizeof *kinds)];
		if (!fixture_random(&seed, 60)) {
			model_free(p.m);
			p.m = fixture_random(&seed, 2) ? fixture_three() : many(9);
		}
		if (!fixture_random(&seed, 20)) {
			p.width = 1 + (int)fixture_random(&seed, 150);
			p.height = 1 + (int)fixture_random(&seed, 50);
		}
		if (!fixture_random(&seed, 15))
			explore_take_mouse(&p.e, (int)fixture_random(&seed, 50),
			        (int)fixture_random(&seed, 150), 1 + (int)fixture_random(&seed, 5));
		press_key(&p, key);
		assert_true(p.e.top >= 0 && (p.e.top == 0 || p.e.top < p.e.rows));
	}
	explore_reset(&p.e);
	look(&p);
	expect_view(&p, "host", "");
	end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_calm),
	        cmocka_unit_test(test_all_the_way),
	        cmocka_unit_test(test_not_into_itself),
	        cmocka_unit_test(test_who_is_in_it),
	        cmocka_unit_test(test_search),
	        cmocka_unit_test(test_focus_stays),
	        cmocka_unit_test(test_fold),
	        cmocka_unit_test(test_pan),
	        cmocka_unit_test(test_mouse),
	        cmocka_unit_test(test_help),
	        cmocka_unit_test(test_table),
	        cmocka_unit_test(test_any_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
