/* A watch in a lab: written beside the record, read as it grows, drawn by the view toolchain. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "render/sequence.h"
#include "render/view.h"
#include "shell/stage/watched.h"
#include "shell/watch/lab_record.h"
#include "shell/watch/lifelines.h"
#include "tests/unit/scene_checks.h"
#include "tests/unit/watch_fixture.h"

#include <stdlib.h>
#include <sys/stat.h>

static char runtime[] = "/tmp/cutaway-watch.XXXXXX";

static int set_up(void **state)
{
	char path[128];

	(void)state;
	if (!mkdtemp(runtime))
		return -1;
	setenv("XDG_RUNTIME_DIR", runtime, 1);
	for (const char *const *p = (const char *const[]){"/cutaway", "/cutaway/labs",
	             "/cutaway/labs/one", NULL};
	        *p; p++) {
		snprintf(path, sizeof path, "%s%s", runtime, *p);
		if (mkdir(path, 0700) < 0)
			return -1;
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return dir_remove_tree(AT_FDCWD, runtime);
}

static void put(struct lab_record *l, const char *text)
{
	lab_record_put(l, text, strlen(text));
}

static void test_grows(void **state)
{
	char path[128];
	struct lab_record first, second;
	struct watched_run run;
	auto_close lab = -1;

	(void)state;
	snprintf(path, sizeof path, "%s/cutaway/labs/one", runtime);
	lab = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	watched_run_init(&run);
	assert_false(watched_run_take(&run, lab));
	assert_null(watched_run_recording(&run));

	unsetenv("CUTAWAY_LAB");
	lab_record_open(&first);
	assert_int_equal(first.fd, -1);
	setenv("CUTAWAY_LAB", "../one", 1);
	lab_record_open(&first);
	assert_int_equal(first.fd, -1);

	setenv("CUTAWAY_LAB", "one", 1);
	lab_record_open(&first);
	assert_true(first.fd >= 0);
	put(&first, "{\"cutaway-watch\":1,\"command\":[\"a\"]}\n{\"t\":1,\"pid\":2,\"event\":\"e");
	lab_record_wait(&first, 0); /* never written before: due at once */
	assert_true(watched_run_take(&run, lab));
	assert_int_equal(watched_run_recording(&run)->n, 0);
	put(&first, "nd\",\"status\":0}\n");
	lab_record_close(&first);
	assert_true(watched_run_take(&run, lab));
	assert_int_equal(watched_run_recording(&run)->n, 1);
	assert_false(watched_run_take(&run, lab));
	assert_int_equal(run.runs, 1);

	/* The next one takes its place; what is no record is not shown. */
	lab_record_open(&second);
	put(&second, "{\"cutaway-watch\":1,\"command\":[\"b\"]}\n");
	lab_record_close(&second);
	assert_true(watched_run_take(&run, lab));
	assert_string_equal(watched_run_recording(&run)->command, "b");
	assert_int_equal(run.runs, 2);
	lab_record_open(&second);
	put(&second, "nonsense\n");
	lab_record_close(&second);
	watched_run_take(&run, lab);
	assert_null(watched_run_recording(&run));
	watched_run_release(&run);
}

/* The newest messages, in any size. */
static void test_view(void **state)
{
	static const int sizes[][2] = {{20, 5}, {80, 24}, {120, 40}, {160, 50}, {100, 400}};
	struct model *m = fixture_host();
	struct watch_recording r;

	(void)state;
	fixture_watch("docker", &r);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct arena a = {0};
		struct lifelines l;
		struct scene s;
		struct view_input in = {.now = m, .width = sizes[i][0], .height = sizes[i][1]};
		bool last = false;

		assert_int_equal(lifelines_of(&r, WATCH_LEVEL_KERNEL, in.width - 15, &a, &l), 0);
		in.watch = &l.sequence;
		in.watch_title = r.command;
		in.watch_level = "kernel";
		assert_int_equal(view_toolchain_layout(&in, &s), 0);
		assert_true(s.width <= in.width && s.height <= in.height);
		check_texts(&s);
		check_edges(&s);
		for (size_t k = 0; k < s.n_texts; k++)
			last |= strstr(s.texts[k].text, "the command has ended") != NULL;
		assert_true(last);
		scene_release(&s);
		arena_release(&a);
	}
	watch_recording_release(&r);
	model_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_grows),
	        cmocka_unit_test(test_view),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
