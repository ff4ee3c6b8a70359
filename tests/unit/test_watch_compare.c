/* Two recorded watches beside each other, and a recorded watch as a trace: every call is told once,
 * in order, and times add up. */
#include "kernel/base/cleanup.h"
#include "render/glyph.h"
#include "shell/watch/compare.h"
#include "shell/watch/normal.h"
#include "shell/watch/trace_events.h"
#include "tests/unit/watch_fixture.h"

#include <stdlib.h>

static void test_normal(void **state)
{
	static const struct {
		const char *name, *text, *expected;
	} all[] = {
	        {"mount", "\"proc\", \"/proc/self/fd/6\", \"proc\", 0, NULL",
	                "mount(\"proc\", \"/proc/self/fd/N\", \"proc\", 0, NULL)"},
	        {"mkdirat", "AT_FDCWD, \"/sys/fs/cgroup/cpu/hand\", 0755",
	                "mkdirat(AT_FDCWD, \"/sys/fs/cgroup/cpu/hand\", 0755)"},
	        {"write", "14</sys/fs/cgroup/cpu/hand/cgroup.procs>, \"90\", 2",
	                "write(N</sys/fs/cgroup/cpu/hand/cgroup.procs>, \"N\", N)"},
	        {"seccomp", "SECCOMP_GET_NOTIF_SIZES, 0, 0x7ffcd2f85a22",
	                "seccomp(SECCOMP_GET_NOTIF_SIZES, 0, ADDRESS)"},
	        {"setresuid", "1000, 1000, 1000", "setresuid(1000, 1000, 1000)"},
	        {"setns", "7, CLONE_NEWNET", "setns(N, CLONE_NEWNET)"},
	        {"mount", "\"/run/runc/hand/runc.rtD4Zh\", \"/x.conf/size=65536k\"",
	                "mount(\"/run/runc/hand/runc.…\", \"/x.conf/size=65536k\")"},
	        {"execve", "\"/usr/bin/runc\", [\"runc\"], /* 37 vars */",
	                "execve(\"/usr/bin/runc\", [\"runc\"])"},
	        {"mkdir",
	                "\"/docker/"
	                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\", 0755",
	                "mkdir(\"/docker/ID\", 0755)"},
	        {"rmdir", "\"/libpod-0123456789ab/0123456789ab-init\"",
	                "rmdir(\"/libpod-ID/ID-init\")"},
	        {"keyctl", "KEYCTL_SETPERM, 690258737, 0x3f3f0000",
	                "keyctl(KEYCTL_SETPERM, N, ADDRESS)"},
	        {"keyctl", "KEYCTL_LINK, -3, 12", "keyctl(KEYCTL_LINK, -3, 12)"},
	        {"mkdir", "\"/run/hand/handle/a.hand/x-hand\", 0700",
	                "mkdir(\"/run/ID/handle/a.ID/x-ID\", 0700)"},
	        {"write", "5</sys/fs/cgroup/pids/x/tasks>, \"132\\n\", 4",
	                "write(N</sys/fs/cgroup/pids/x/tasks>, \"N\\n\", N)"},
	        {"http",
	                "POST /v1.41/containers/"
	                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef/start",
	                "http POST /v1.41/containers/ID/start"},
	        {"ttrpc", "/containerd.ttrpc.v1.Events/Forward",
	                "ttrpc /containerd.ttrpc.v1.Events/Forward"},
	        {"oci", "create hand", "oci create ID"},
	};

	enum { PLAIN = 10 }; /* of these nobody told the container's name */

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		bool call = all[i].expected[strlen(all[i].name)] == '(';
		struct watch_event e = {.kind = call ? WATCH_CALL : WATCH_API,
		        .name = all[i].name,
		        .text = all[i].text,
		        .failure = ""};
		auto_buf out = BUF_INIT;
		watch_normal(&out, &e, i < PLAIN ? "" : "hand");
		assert_string_equal(buf_text(&out), all[i].expected);
	}
}

static void check_times(const struct watch_times *t)
{
	uint64_t sum = 0;

	for (int i = 0; i < WATCH_LAYERS; i++)
		sum += t->layers[i];
	assert_true(sum == t->whole);
}

/* What one side of the lines below the last empty one says, without blanks. */
static void add_side_of(const char *text, int width, int side, struct buf *out)
{
	const char *line = strstr(strstr(text, "\nSide by side"), "\n\n") + 2;
	int half = (width - 3) / 2;

	for (; *line; line += strcspn(line, "\n") + 1) {
		size_t n = strcspn(line, "\n"), left = text_fit(line, half);
		const char *part = side ? line + left + 2 : line;
		size_t length = side ? (n > left + 2 ? n - left - 2 : 0) : left < n ? left : n;

		for (size_t i = 0; i < length; i++)
			if (part[i] != ' ')
				buf_addc(out, part[i]);
	}
}

/* Nothing is cut: each side says all of its calls. */
static void check_whole(const struct watch_compare *c, const char *text, int width)
{
	for (int side = 0; side < 2; side++) {
		auto_buf all = BUF_INIT, said = BUF_INIT;

		for (size_t i = 0; i < c->sides[side].n; i++) {
			const struct compared_call *call = &c->sides[side].calls[i];
			if (call->count > 1)
				buf_addf(&all, "%zutimes", call->count);
			for (const char *p = call->text; *p; p++)
				if (*p != ' ')
					buf_addc(&all, *p);
		}
		add_side_of(text, width, side, &said);
		assert_string_equal(buf_text(&said), buf_text(&all));
	}
}

/* All calls of both, each once and in its order. */
static void check_pairs(const struct watch_compare *c)
{
	size_t first = 0, second = 0, sum = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct watch_pair *p = &c->pairs[i];
		if (p->kind != PAIR_SECOND)
			assert_int_equal(p->first, first++);
		if (p->kind != PAIR_FIRST)
			assert_int_equal(p->second, second++);
		if (p->kind == PAIR_SAME)
			assert_string_equal(c->sides[0].calls[p->first].text,
			        c->sides[1].calls[p->second].text);
		if (p->kind == PAIR_OTHER) {
			assert_string_equal(c->sides[0].calls[p->first].name,
			        c->sides[1].calls[p->second].name);
			/* Not what is only elsewhere in the other. */
			assert_false(c->sides[0].calls[p->first].there);
			assert_false(c->sides[1].calls[p->second].there);
		}
	}
	assert_int_equal(first, c->sides[0].n);
	assert_int_equal(second, c->sides[1].n);
	for (int i = 0; i < PAIR_KINDS; i++)
		sum += c->kinds[i];
	assert_int_equal(sum, c->n);
	check_times(&c->sides[0].times);
	check_times(&c->sides[1].times);
}

static void check_written(const struct watch_compare *c)
{
	static const int widths[] = {20, 80, 100, 160};
	auto_buf json = BUF_INIT;
	json_t *read;

	for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
		auto_buf text = BUF_INIT;
		char *pairs, *save = NULL;
		watch_compare_text(c, widths[i], false, &text);
		if (c->n)
			check_whole(c, buf_text(&text), widths[i]);
		pairs = strstr(buf_text(&text), "\nonly 2:");
		assert_non_null(pairs);
		pairs = strstr(pairs, "\n\n");
		for (char *l = pairs ? strtok_r(pairs, "\n", &save) : NULL; l;
		        l = strtok_r(NULL, "\n", &save))
			assert_in_range(text_width(l), 0, widths[i]);
	}
	assert_int_equal(watch_compare_json(c, &json), 0);
	read = json_loads(buf_text(&json), 0, NULL);
	assert_int_equal(json_array_size(json_object_get(read, "pairs")), c->n);
	json_decref(read);
}

static void compare(const struct watch_recording *a, const struct watch_recording *b,
        enum watch_level level, struct watch_compare *ret)
{
	struct error err = {0};

	assert_int_equal(watch_compare(a, b, level, ret, &err), 0);
	check_pairs(ret);
	check_written(ret);
}

static void test_real(void **state)
{
	enum { N = sizeof fixture_watches / sizeof *fixture_watches };
	struct watch_recording all[N];
	struct watch_compare c;

	(void)state;
	for (size_t i = 0; i < N; i++)
		fixture_watch(fixture_watches[i], &all[i]);
	for (size_t i = 0; i < N; i++)
		for (size_t k = 0; k < N; k++) {
			compare(&all[i], &all[k], WATCH_LEVEL_KERNEL, &c);
			if (i == k)
				assert_int_equal(c.kinds[PAIR_SAME], c.n);
			watch_compare_release(&c);
		}
	/* Both runtimes change the root and set up /proc the same way. */
	compare(&all[1], &all[2], WATCH_LEVEL_ALL, &c);
	assert_true(c.kinds[PAIR_SAME] > 10);
	assert_true(c.sides[0].times.layers[LAYER_RUNTIME] > c.sides[0].times.whole / 2);
	assert_true(c.sides[0].times.layers[LAYER_CONTAINER] > 0);
	assert_int_equal(c.sides[0].times.layers[LAYER_DAEMON], 0);
	watch_compare_release(&c);
	compare(&all[3], &all[1], WATCH_LEVEL_KERNEL, &c);
	for (int i = 0; i < WATCH_LAYERS; i++)
		assert_true(c.sides[0].times.layers[i] > 0);
	watch_compare_release(&c);
	for (size_t i = 0; i < N; i++)
		watch_recording_release(&all[i]);
}

static void take_line(struct watch_recording *r, const char *line)
{
	json_t *json = json_loads(line, 0, NULL);
	struct error err = {0};

	assert_non_null(json);
	assert_int_equal(watch_recording_add(r, json, &err), 0);
	json_decref(json);
}

static void take_run(struct watch_recording *r, const char *const *lines)
{
	*r = (struct watch_recording){0};
	for (; *lines; lines++)
		take_line(r, *lines);
}

/* The same work in another order, and once more; only what the other does nowhere is its own. */
static void test_order(void **state)
{
#define RUN(who)                                                                                   \
	"{\"cutaway-watch\":1,\"command\":[\"" who "\"]}",                                         \
	        "{\"t\":1,\"pid\":5,\"comm\":\"cutaway\",\"call\":\"execve\",\"args\":\"x\"}",     \
	        "{\"t\":2,\"pid\":5,\"comm\":\"runc\",\"api\":\"oci\",\"request\":\"run " who      \
	        "\"}"
#define CALL(t, name, args)                                                                        \
	"{\"t\":" #t ",\"pid\":5,\"comm\":\"runc\",\"call\":\"" name "\",\"args\":\"" args         \
	"\",\"us\":1,\"result\":0}"
	static const char *const first[] = {RUN("one"), CALL(3, "mkdir", "/cg/cpu/one"),
	        CALL(4, "mkdir", "/cg/pids/one"), CALL(5, "setuid", "0"), CALL(6, "mount", "a, b"),
	        "{\"t\":9,\"pid\":5,\"event\":\"finish\"}", NULL};
	static const char *const second[] = {RUN("two"), CALL(3, "mkdir", "/cg/pids/two"),
	        CALL(4, "mkdir", "/cg/cpu/two"), CALL(5, "mkdir", "/cg/pids/two"),
	        CALL(6, "mount", "a, c"), "{\"t\":9,\"pid\":5,\"event\":\"finish\"}", NULL};
#undef CALL
#undef RUN
	struct watch_recording a, b;
	struct watch_compare c;
	auto_buf text = BUF_INIT;

	(void)state;
	take_run(&a, first);
	take_run(&b, second);
	compare(&a, &b, WATCH_LEVEL_KERNEL, &c);
	assert_int_equal(c.kinds[PAIR_SAME], 3);  /* oci run ID, and two that make a directory */
	assert_int_equal(c.kinds[PAIR_OTHER], 1); /* mount */
	assert_int_equal(c.kinds[PAIR_FIRST], 1); /* setuid */
	assert_int_equal(c.kinds[PAIR_SECOND], 1);
	assert_int_equal(c.there[0], 0);
	assert_int_equal(c.there[1], 1);
	assert_int_equal(c.sides[0].times.layers[LAYER_DAEMON], 0); /* a runtime is none */
	watch_compare_text(&c, 100, false, &text);
	assert_int_equal(strncmp(buf_text(&text), "1: one\n2: two\n\n", 15), 0);
	assert_non_null(strstr(buf_text(&text), "\nonly 1: setuid 1\nonly 2: nothing\n"));
	assert_non_null(strstr(buf_text(&text), " ) mkdir(/cg/pids/ID)\n"));
	assert_non_null(strstr(buf_text(&text), " | mount(a, c)\n"));
	watch_compare_release(&c);
	compare(&a, &b, WATCH_LEVEL_API, &c);
	assert_int_equal(c.n, 1);
	assert_string_equal(c.sides[1].calls[0].text, "oci run ID");
	watch_compare_release(&c);
	watch_recording_release(&a);
	watch_recording_release(&b);
}

/* ---- traces, by the Trace Event Format ---- */

static json_int_t number(const json_t *e, const char *name)
{
	return json_integer_value(json_object_get(e, name));
}

static void check_trace(const struct watch_recording *r)
{
	auto_buf text = BUF_INIT;
	json_t *trace, *events, *e;
	size_t i, calls = 0, starts = 0, ends = 0, expected = 0;

	assert_int_equal(watch_trace_events(r, &text), 0);
	trace = json_loads(buf_text(&text), 0, NULL);
	assert_non_null(trace);
	events = json_object_get(trace, "traceEvents");
	json_array_foreach (events, i, e) {
		const char *phase = json_string_value(json_object_get(e, "ph"));
		assert_true(phase && strlen(phase) == 1 && strchr("MXisf", *phase));
		assert_true(json_is_string(json_object_get(e, "name")));
		assert_true(json_is_integer(json_object_get(e, "pid")));
		assert_true(json_is_integer(json_object_get(e, "tid")));
		assert_true(*phase == 'M' || json_is_integer(json_object_get(e, "ts")));
		assert_true(*phase != 'X' || number(e, "dur") >= 0);
		assert_true(*phase != 'f' || number(e, "id") == (json_int_t)++ends);
		starts += *phase == 's';
		calls += *phase == 'X' && json_object_get(e, "args") != NULL;
	}
	for (i = 0; i < r->n; i++)
		expected += r->events[i].kind == WATCH_CALL;
	assert_int_equal(calls, expected);
	assert_int_equal(starts, ends);
	json_decref(trace);
}

static void test_traces(void **state)
{
	struct watch_recording r;

	(void)state;
	for (size_t i = 0; i < sizeof fixture_watches / sizeof *fixture_watches; i++) {
		fixture_watch(fixture_watches[i], &r);
		check_trace(&r);
		watch_recording_release(&r);
	}
}

static void test_random(void **state)
{
	struct watch_recording a, b;
	struct watch_compare c;

	(void)state;
	for (unsigned seed = 1; seed <= 80; seed++) {
		fixture_random_watch(seed, &a);
		fixture_random_watch(seed * 7 + 1, &b);
		check_trace(&a);
		compare(&a, &b, WATCH_LEVEL_ALL, &c);
		watch_compare_release(&c);
		watch_recording_release(&a);
		watch_recording_release(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_normal),
	        cmocka_unit_test(test_real),
	        cmocka_unit_test(test_order),
	        cmocka_unit_test(test_traces),
	        cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
