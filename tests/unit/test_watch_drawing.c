/* Recorded watches drawn: each event has its place or is counted, whatever the size, and pictures
 * of real runs are as they were kept. */
#include "render/backend.h"
#include "shell/watch/lifelines.h"
#include "shell/watch/picture.h"
#include "tests/unit/golden.h"
#include "tests/unit/scene_checks.h"
#include "tests/unit/watch_fixture.h"

#include <errno.h>

static const int widths[] = {1, 20, 39, 60, 80, 100, 160, 200};

/* ---- names, order, words ---- */

static const char *actor(const struct lifelines *l, int i)
{
	assert_in_range(i, 0, l->sequence.n_actors - 1);
	return l->sequence.actors[i].name;
}

static void test_unshare(void **state)
{
	static const struct {
		const char *from, *to, *text;
	} expected[] = {
	        {"you", "unshare", "starts as: unshare --mount --uts --net --pid --fork true"},
	        {"unshare", "kernel",
	                "unshare(CLONE_NEWPID|CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWNET)"},
	        {"unshare", "unshare", "is in another mnt, uts, net: "},
	        {"unshare", "unshare", "begins: process "},
	        {"unshare", "unshare", "is in another pid, mnt, uts, net: "},
	        {"unshare", "kernel", "mount(\"none\", \"/\", NULL, MS_REC|MS_PRIVATE, NULL)"},
	        {"unshare", "true", "starts as: true"},
	        {"true", "true", ""},
	        {"unshare", "unshare", ""},
	        {"unshare", "you", "the command has ended, status 0"},
	};
	struct watch_recording r;
	struct lifelines l;
	struct arena a = {0};

	(void)state;
	fixture_watch("unshare", &r);
	assert_int_equal(lifelines_of(&r, WATCH_LEVEL_KERNEL, 90, &a, &l), 0);
	assert_int_equal(l.sequence.n_messages, sizeof expected / sizeof *expected);
	for (size_t i = 0; i < l.sequence.n_messages; i++) {
		const struct sequence_message *m = &l.sequence.messages[i];
		assert_string_equal(actor(&l, m->from), expected[i].from);
		assert_string_equal(actor(&l, m->to), expected[i].to);
		assert_int_equal(strncmp(m->text, expected[i].text, strlen(expected[i].text)), 0);
	}
	arena_release(&a);
	watch_recording_release(&r);
}

/* From you through client, daemon, containerd, shim and runc to what runs in the container. */
static void test_chain(void **state)
{
	static const char *const chain[] = {
	        "you", "docker", "containerd", "shim", "runc", "true", "kernel"};
	struct watch_recording r;
	struct lifelines l;
	struct arena a = {0};
	size_t found = 0;

	(void)state;
	fixture_watch("docker", &r);
	assert_int_equal(lifelines_of(&r, WATCH_LEVEL_KERNEL, 1000, &a, &l), 0);
	for (size_t i = 0; i < l.sequence.n_actors && found < 7; i++)
		found += !strcmp(l.sequence.actors[i].name, chain[found]);
	assert_int_equal(found, 7);
	assert_string_equal(actor(&l, (int)l.sequence.n_actors - 1), "kernel");
	for (size_t i = 0; i < l.sequence.n_actors; i++)
		if (!strcmp(l.sequence.actors[i].name, "true"))
			assert_int_equal(l.sequence.actors[i].role, SCENE_CONTAINER);
	arena_release(&a);
	watch_recording_release(&r);
}

/* ---- what holds for all ---- */

static void check_lifelines(const struct watch_recording *r, enum watch_level level, int width)
{
	struct lifelines l;
	struct arena a = {0};
	size_t events = 0, last = 0;

	assert_int_equal(lifelines_of(r, level, width, &a, &l), 0);
	for (size_t i = 0; i < l.sequence.n_messages; i++) {
		const struct watch_event *e = &r->events[l.arrows[i].event];
		assert_true(l.arrows[i].count > 0 && (!i || l.arrows[i].event > last));
		assert_true(level < WATCH_LEVEL_ALL || l.arrows[i].count == 1);
		last = l.arrows[i].event;
		assert_int_equal(lifelines_find(&l, last), i);
		events += l.arrows[i].count;
		actor(&l, l.sequence.messages[i].from);
		actor(&l, l.sequence.messages[i].to);
		assert_true(e->kind != WATCH_CALL || level > WATCH_LEVEL_API ||
		            !strncmp(e->name, "execve", 6));
	}
	assert_int_equal(events + l.above, r->n);
	assert_true(level < WATCH_LEVEL_ALL || l.above == 0);
	arena_release(&a);
}

static void check_picture(const struct watch_recording *r, enum watch_level level, int width)
{
	struct scene s;
	struct canvas c;
	auto_buf text = BUF_INIT;

	assert_int_equal(watch_picture(r, level, width, &s), 0);
	assert_int_equal(s.width, width);
	check_boxes(&s);
	check_texts(&s);
	check_edges(&s);
	assert_int_equal(canvas_init(&c, s.width, s.height), 0);
	canvas_draw(&c, &s, true);
	text_write(&c, THEME_NONE, &text);
	for (const char *p = buf_text(&text); *p; p++)
		assert_true(*p == '\n' || (*p >= ' ' && *p < 127));
	buf_reset(&text);
	svg_write(&s, THEME_LIGHT, &text);
	assert_false(buf_failed(&text));
	canvas_release(&c);
	scene_release(&s);
}

static void check_json(const struct watch_recording *r, enum watch_level level)
{
	auto_buf text = BUF_INIT;
	json_int_t events = 0;
	json_t *json, *message;
	size_t i;

	assert_int_equal(watch_picture_json(r, level, &text), 0);
	json = json_loads(buf_text(&text), 0, NULL);
	assert_non_null(json);
	json_array_foreach (json_object_get(json, "messages"), i, message)
		events += json_integer_value(json_object_get(message, "events"));
	assert_int_equal(events + json_integer_value(json_object_get(json, "above")), r->n);
	json_decref(json);
}

static void check_all(const struct watch_recording *r)
{
	for (enum watch_level level = 0; level < WATCH_LEVELS; level++) {
		for (size_t k = 0; k < sizeof widths / sizeof *widths; k++) {
			check_lifelines(r, level, widths[k]);
			check_picture(r, level, widths[k]);
		}
		check_json(r, level);
	}
}

static void test_real(void **state)
{
	struct watch_recording r;

	(void)state;
	for (size_t i = 0; i < sizeof fixture_watches / sizeof *fixture_watches; i++) {
		fixture_watch(fixture_watches[i], &r);
		assert_true(r.n > 5);
		for (size_t k = 1; k < r.n; k++)
			assert_true(r.events[k].t >= r.events[k - 1].t);
		check_all(&r);
		watch_recording_release(&r);
	}
}

static void test_random(void **state)
{
	struct watch_recording r;

	(void)state;
	for (unsigned seed = 1; seed <= 60; seed++) {
		fixture_random_watch(seed, &r);
		check_all(&r);
		watch_recording_release(&r);
	}
}

/* ---- pictures ---- */

static void draw(const char *watch, enum watch_level level, int width, bool ascii, bool svg)
{
	char name[96];
	struct watch_recording r;
	struct scene s;

	fixture_watch(watch, &r);
	assert_int_equal(watch_picture(&r, level, width, &s), 0);
	snprintf(name, sizeof name, "watch-%s-%s-%d%s", watch, watch_level_names[level], width,
	        ascii ? "-ascii" : "");
	golden_text(name, &s, ascii);
	if (svg)
		golden_svg(name, &s, THEME_LIGHT);
	scene_release(&s);
	watch_recording_release(&r);
}

static void test_pictures(void **state)
{
	(void)state;
	draw("unshare", WATCH_LEVEL_KERNEL, 100, false, true);
	draw("unshare", WATCH_LEVEL_ALL, 60, true, false);
	draw("unshare", WATCH_LEVEL_PROCESSES, 30, false, false);
	draw("runc", WATCH_LEVEL_PROCESSES, 80, false, false);
	draw("ours", WATCH_LEVEL_KERNEL, 120, false, false);
	draw("docker", WATCH_LEVEL_API, 80, false, false);
	draw("docker", WATCH_LEVEL_PROCESSES, 160, false, true);
}

/* ---- what is no record ---- */

static int read_text(const char *text, struct error *err)
{
	struct watch_recording r = {0};
	int fds[2], result;

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], text, strlen(text)), strlen(text));
	close(fds[1]);
	result = watch_recording_read(fds[0], &r, err);
	close(fds[0]);
	watch_recording_release(&r);
	return result;
}

static void test_not_a_record(void **state)
{
	static const struct {
		const char *text;
		int code;
	} bad[] = {
	        {"", -EBADMSG},
	        {"nonsense\n", -EBADMSG},
	        {"{\"cutaway-watch\":2}\n", -EPROTONOSUPPORT},
	        {"{\"cutaway-watch\":1,\"command\":[]}\n{\"t\":1", -EBADMSG},
	        {"{\"cutaway-watch\":1}\n[]\n", -EBADMSG},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct error err = {0};
		assert_int_equal(read_text(bad[i].text, &err), bad[i].code);
		assert_true(err.cause[0]);
	}
	assert_int_equal(read_text("{\"cutaway-watch\":1}\n", &(struct error){0}), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_unshare),
	        cmocka_unit_test(test_chain),
	        cmocka_unit_test(test_real),
	        cmocka_unit_test(test_random),
	        cmocka_unit_test(test_pictures),
	        cmocka_unit_test(test_not_a_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
