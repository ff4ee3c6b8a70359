/* Moving about in drawings: small ones made by hand, where each answer is known, and drawings of
 * machines, where what must hold of all is looked at. */
#include "kernel/base/buf.h"
#include "kernel/base/cleanup.h"
#include "render/backend.h"
#include "render/card.h"
#include "render/navigate.h"
#include "tests/unit/model_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void add_card(struct scene *s, int x, int y, int width, int height, const char *id,
        const char *const *rows)
{
	struct card card = {.id = id, .title = id, .role = SCENE_CONTAINER};

	for (; *rows; rows++) {
		struct card_line *l = card_line(s, &card);
		card_add(l, *rows, SCENE_PLAIN, MARK_NONE);
		card_stand(l, scene_format(s, "process:%s", *rows));
	}
	card_draw(s, &card, x, y, width, height, 1);
}

/*   ┌ band ──────────────────────────┐
 *   │ ╭ red ──────╮ ╭ blue ────────╮ │
 *   │ │ 1 one     │ │ 2 two        │ │
 *   │ │ 3 Three   │ │              │ │
 *   │ ╰───────────╯ ╰──────────────╯ │
 *   │ ╭ low ───────────────────────╮ │ */
static void draw_two(struct scene *s)
{
	static const char *const red[] = {"1 one", "3 Three", NULL};
	static const char *const blue[] = {"2 two", NULL}, *const low[] = {"4 four", NULL};

	scene_init(s, 40, 12);
	scene_add_box(s, &(struct scene_box){0, 0, 40, 11, "band", SCENE_FRAME, MARK_NONE,
	                         "band:user space", 0});
	add_card(s, 2, 1, 14, 4, "container:red", red);
	add_card(s, 17, 1, 20, 4, "container:blue", blue);
	add_card(s, 2, 5, 35, 4, "cgroups", low);
}

static const char *id_of(const struct nav_map *m, ssize_t i)
{
	return i < 0 ? "" : m->targets[i].id;
}

static ssize_t by_id(const struct nav_map *m, const char *id)
{
	for (size_t i = 0; i < m->n; i++)
		if (!strcmp(m->targets[i].id, id))
			return (ssize_t)i;
	fail_msg("no target %s", id);
	return -1;
}

static void expect_move(const struct nav_map *m, const char *from, enum nav_way way, const char *to)
{
	assert_string_equal(id_of(m, nav_move(m, by_id(m, from), way)), to);
}

static void test_moves(void **state)
{
	struct scene s;
	struct nav_map m;

	(void)state;
	draw_two(&s);
	assert_int_equal(nav_map_init(&m, &s), 0);
	assert_int_equal(m.n, 7); /* the band is none */
	expect_move(&m, "container:red", NAV_DOWN, "process:1 one");
	expect_move(&m, "process:1 one", NAV_DOWN, "process:3 Three");
	expect_move(&m, "process:3 Three", NAV_DOWN, "cgroups");
	expect_move(&m, "cgroups", NAV_DOWN, "process:4 four");
	expect_move(&m, "process:4 four", NAV_DOWN, "process:4 four");
	expect_move(&m, "cgroups", NAV_UP, "process:3 Three");
	expect_move(&m, "process:2 two", NAV_DOWN, "cgroups");
	expect_move(&m, "container:red", NAV_RIGHT, "container:blue");
	expect_move(&m, "process:1 one", NAV_RIGHT, "process:2 two");
	expect_move(&m, "process:3 Three", NAV_RIGHT, "process:2 two");
	expect_move(&m, "process:2 two", NAV_LEFT, "process:1 one");
	expect_move(&m, "container:red", NAV_LEFT, "container:red");
	expect_move(&m, "container:red", NAV_NEXT_BOX, "container:blue");
	expect_move(&m, "cgroups", NAV_NEXT_BOX, "container:red");
	expect_move(&m, "process:2 two", NAV_PREVIOUS_BOX, "container:blue");
	expect_move(&m, "process:2 two", NAV_FIRST, "container:red");
	expect_move(&m, "process:2 two", NAV_LAST, "process:4 four");
	assert_int_equal(nav_move(&m, -1, NAV_DOWN), 0);
	nav_map_release(&m);
	scene_release(&s);
}

static void test_at(void **state)
{
	struct scene s;
	struct nav_map m;

	(void)state;
	draw_two(&s);
	assert_int_equal(nav_map_init(&m, &s), 0);
	assert_string_equal(id_of(&m, nav_at(&m, 5, 2)), "process:1 one");
	assert_string_equal(id_of(&m, nav_at(&m, 5, 1)), "container:red");
	assert_string_equal(id_of(&m, nav_at(&m, 20, 3)), "container:blue");
	assert_int_equal(nav_at(&m, 0, 0), -1);
	assert_int_equal(nav_at(&m, 39, 11), -1);
	nav_map_release(&m);
	scene_release(&s);
}

static void expect_focus(struct nav_focus focus, const struct nav_map *m, const char *id)
{
	assert_string_equal(id_of(m, nav_find(m, &focus)), id);
	assert_string_equal(focus.id, id);
}

static void test_focus_stays(void **state)
{
	struct scene s;
	struct nav_map m;

	(void)state;
	draw_two(&s);
	assert_int_equal(nav_map_init(&m, &s), 0);
	expect_focus((struct nav_focus){"process:2 two", 0, 0}, &m, "process:2 two");
	/* A part that is gone gives way to the whole, the rest to what is near. */
	expect_focus((struct nav_focus){"container:red:process", 30, 9}, &m, "container:red");
	expect_focus((struct nav_focus){"process:9 nine", 19, 3}, &m, "process:2 two");
	expect_focus((struct nav_focus){"process:9 nine", 4, 9}, &m, "process:4 four");
	expect_focus((struct nav_focus){"", 4, 9}, &m, "");
	nav_map_release(&m);
	scene_release(&s);
	scene_init(&s, 5, 5);
	assert_int_equal(nav_map_init(&m, &s), 0);
	expect_focus((struct nav_focus){"process:2 two", 3, 3}, &m, "");
	assert_int_equal(nav_move(&m, -1, NAV_DOWN), -1);
	assert_int_equal(nav_search(&m, -1, "a", false), -1);
	nav_map_release(&m);
	scene_release(&s);
}

static void test_search(void **state)
{
	struct scene s;
	struct nav_map m;
	ssize_t at;

	(void)state;
	draw_two(&s);
	scene_add_text(&s, &(struct scene_text){19, 3, 6, "aside", SCENE_DIM, MARK_NONE});
	assert_int_equal(nav_map_init(&m, &s), 0);
	at = nav_search(&m, -1, "t", false);
	assert_string_equal(id_of(&m, at), "container:red");
	at = nav_search(&m, -1, "tHREE", false);
	assert_string_equal(id_of(&m, at), "process:3 Three");
	assert_int_equal(nav_search(&m, at, "three", false), at);
	assert_string_equal(id_of(&m, nav_search(&m, at, "o", false)), "container:blue");
	assert_string_equal(id_of(&m, nav_search(&m, at, "o", true)), "process:1 one");
	assert_string_equal(id_of(&m, nav_search(&m, -1, "o", true)), "process:4 four");
	/* What stands in no row is the box's. */
	assert_string_equal(id_of(&m, nav_search(&m, -1, "aside", false)), "container:blue");
	assert_int_equal(nav_search(&m, -1, "nowhere", false), -1);
	assert_int_equal(nav_search(&m, -1, "", false), -1);
	assert_int_equal(nav_count(&m, "e"), 4);
	nav_map_release(&m);
	scene_release(&s);
}

static void draw_text(const struct scene *s, enum theme theme, bool ascii, struct buf *out)
{
	struct canvas c;

	assert_int_equal(canvas_init(&c, s->width, s->height), 0);
	canvas_draw(&c, s, ascii);
	text_write(&c, theme, out);
	canvas_release(&c);
}

/* Seen without colour, without UTF-8, and by those who have only weight. */
static void test_marks_are_seen(void **state)
{
	struct scene s;
	struct nav_map m;
	auto_buf plain = BUF_INIT, ascii = BUF_INIT, mono = BUF_INIT;

	(void)state;
	draw_two(&s);
	assert_int_equal(nav_map_init(&m, &s), 0);
	nav_mark(&s, &m, by_id(&m, "process:1 one"), "two");
	draw_text(&s, THEME_NONE, false, &plain);
	assert_non_null(strstr(buf_text(&plain), "▶ 1 one      ◀"));
	assert_non_null(strstr(buf_text(&plain), "» 2 two            «"));
	draw_text(&s, THEME_NONE, true, &ascii);
	assert_non_null(strstr(buf_text(&ascii), "> 1 one      <"));
	assert_non_null(strstr(buf_text(&ascii), "[ 2 two            ]"));
	draw_text(&s, THEME_MONO, false, &mono);
	assert_non_null(strstr(buf_text(&mono), ";7m▶ 1 one      ◀\033[0"));
	assert_non_null(strstr(buf_text(&mono), ";4m» 2 two            «\033[0"));
	nav_map_release(&m);
	scene_release(&s);
}

static void test_marks_on_titles(void **state)
{
	struct scene s;
	struct nav_map m;
	auto_buf plain = BUF_INIT;

	(void)state;
	draw_two(&s);
	assert_int_equal(nav_map_init(&m, &s), 0);
	nav_mark(&s, &m, by_id(&m, "container:red"), NULL);
	draw_text(&s, THEME_NONE, false, &plain);
	assert_non_null(strstr(buf_text(&plain), "▶ container… ◀"));
	nav_map_release(&m);
	scene_release(&s);
}

static void expect_zoom(const char *id, const char *view, const char *subject)
{
	struct nav_zoom z = {0};

	assert_true(nav_zoom(id, &z));
	assert_string_equal(z.view, view);
	assert_string_equal(z.subject, subject);
}

static void test_zoom(void **state)
{
	struct nav_zoom z;
	char long_id[600] = "fact:";

	(void)state;
	expect_zoom("container:red", "container", "red");
	expect_zoom("container:a:b", "container", "a:b");
	expect_zoom("container:red:rights", "process", "red");
	expect_zoom("process:4711", "process", "4711");
	expect_zoom("ns:uts", "namespace", "uts");
	expect_zoom("ns:uts:4026531838", "fact", "ns.uts.4026531838");
	expect_zoom("cgroup:/cutaway/red", "fact", "cgroup./cutaway/red");
	expect_zoom("fact:pid.1.comm", "fact", "pid.1.comm");
	expect_zoom("namespaces", "kernel", "");
	expect_zoom("network", "network", "");
	assert_false(nav_zoom("container:red:all", &z));
	assert_false(nav_zoom("containers:more", &z));
	assert_false(nav_zoom("process:1:rights", &z));
	assert_false(nav_zoom("lab", &z));
	assert_false(nav_zoom("", &z));
	memset(long_id + 5, 'x', 500);
	assert_false(nav_zoom(long_id, &z));
}

/* From any target all others are reached, and no key leads out of the drawing. */
static void test_all_is_reached(void **state)
{
	static const int sizes[][2] = {{200, 60}, {160, 50}, {90, 40}, {80, 24}, {50, 28}, {20, 5}};
	struct model *model = fixture_three();

	(void)state;
	for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
		for (const struct view *v = views; v->name; v++) {
			struct view_input in = {
			        .now = model, .width = sizes[k][0], .height = sizes[k][1]};
			struct scene s;
			struct nav_map m;
			size_t reached = 0;
			bool *seen;

			assert_int_equal(v->layout(&in, &s), 0);
			assert_int_equal(nav_map_init(&m, &s), 0);
			seen = calloc(m.n + 1, sizeof *seen);
			assert_non_null(seen);
			if (m.n)
				seen[0] = true;
			for (size_t round = 0; round < m.n; round++)
				for (size_t i = 0; i < m.n; i++)
					for (int way = NAV_LEFT; seen[i] && way <= NAV_LAST;
					        way++) {
						ssize_t to =
						        nav_move(&m, (ssize_t)i, (enum nav_way)way);
						assert_in_range(to, 0, m.n - 1);
						seen[to] = true;
					}
			for (size_t i = 0; i < m.n; i++)
				reached += seen[i];
			assert_int_equal(reached, m.n);
			free(seen);
			nav_map_release(&m);
			scene_release(&s);
		}
	model_free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_moves),
	        cmocka_unit_test(test_at),
	        cmocka_unit_test(test_focus_stays),
	        cmocka_unit_test(test_search),
	        cmocka_unit_test(test_marks_are_seen),
	        cmocka_unit_test(test_marks_on_titles),
	        cmocka_unit_test(test_zoom),
	        cmocka_unit_test(test_all_is_reached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
