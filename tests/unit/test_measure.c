/* Measurements: names, quartiles, what is kept and what is read back, what checks say of it, and
 * the bars. */
#include "kernel/measure/measure.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/sweep.h"
#include "kernel/measure/run.h"
#include "kernel/observe/check.h"
#include "kernel/observe/observer.h"
#include "render/bars.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void test_names(void **state)
{
	static const char *const good[] = {
	        "a", "a-b_c", "0", "copy-up", "abcdefghijklmnopqrstuvwx"};
	static const char *const bad[] = {
	        "", "-a", "_", ".", "..", "a.b", "a/b", "a b", "ä", "abcdefghijklmnopqrstuvwxy"};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(measure_name_ok(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(measure_name_ok(bad[i]));
}

static void expect_summary(const uint64_t *values, size_t n, struct measure_summary expected)
{
	auto_free struct measure_sample *samples = calloc(n + 1, sizeof *samples);
	struct measure m = {.samples = samples, .n = n};
	struct measure_summary got;

	for (size_t i = 0; i < n; i++)
		samples[i] = (struct measure_sample){values[i], values[i] / 2};
	measure_summarize(&m, &got);
	assert_int_equal(got.min, expected.min);
	assert_int_equal(got.q1, expected.q1);
	assert_int_equal(got.median, expected.median);
	assert_int_equal(got.q3, expected.q3);
	assert_int_equal(got.max, expected.max);
	assert_int_equal(got.cpu, expected.cpu);
}

/* The expected numbers are those of R's quantile(), rounded. */
static void test_quartiles(void **state)
{
	(void)state;
	expect_summary(NULL, 0, (struct measure_summary){0});
	expect_summary((uint64_t[]){7}, 1, (struct measure_summary){7, 7, 7, 7, 7, 3});
	expect_summary((uint64_t[]){20, 10}, 2, (struct measure_summary){10, 13, 15, 18, 20, 8});
	expect_summary((uint64_t[]){5, 1, 4, 2, 3}, 5, (struct measure_summary){1, 2, 3, 4, 5, 1});
	expect_summary((uint64_t[]){100, 400, 200, 1000}, 4,
	        (struct measure_summary){100, 175, 300, 550, 1000, 150});
}

/* ---- what is kept -------------------------------------------------------------------------- */

struct place {
	char path[64];
	int fd;
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	strcpy(p->path, "/tmp/test-measure-XXXXXX");
	assert_non_null(mkdtemp(p->path));
	p->fd = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	setenv("XDG_RUNTIME_DIR", p->path, 1);
	unsetenv(LAB_VARIABLE);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	close(p->fd);
	assert_int_equal(dir_remove_tree(AT_FDCWD, p->path), 0);
	free(p);
	return 0;
}

static void keep(const char *name, const char *command, uint64_t time, uint64_t wall)
{
	struct measure_sample samples[] = {{wall, 1}, {wall + 2, 3}};
	struct measure m = {
	        .command = (char *)command, .time_us = time, .samples = samples, .n = 2};
	struct error err = {0};

	strcpy(m.name, name);
	assert_int_equal(measure_store(&m, &err), 0);
}

static void test_kept_and_read(void **state)
{
	const struct place *p = *state;
	struct measure_list list;
	struct error err = {0};

	keep("late", "echo \"a\" \xff", 20, 100);
	keep("early", "true", 10, 1);
	keep("late", "echo \"a\" \xff", 30, 200);
	assert_int_equal(measure_list_read(p->fd, "cutaway/measures", &list), 0);
	assert_int_equal(list.n, 2);
	assert_string_equal(list.all[0].name, "early");
	assert_string_equal(list.all[1].name, "late");
	assert_string_equal(list.all[1].command, "echo \"a\" ?");
	assert_int_equal(list.all[1].n, 2);
	assert_int_equal(list.all[1].samples[0].wall_us, 200);
	assert_int_equal(list.all[1].samples[1].cpu_us, 3);
	assert_ptr_equal(measure_find(&list, "late"), &list.all[1]);
	assert_null(measure_find(&list, "la"));
	measure_list_release(&list);

	assert_int_equal(measure_forget("late", &err), 0);
	assert_int_equal(measure_forget("late", &err), -ENOENT);
	assert_int_equal(measure_forget("../measures/early", &err), -ENOENT);
	assert_int_equal(measure_list_read(p->fd, "cutaway/measures", &list), 0);
	assert_int_equal(list.n, 1);
	measure_list_release(&list);
	assert_int_equal(measure_list_read(p->fd, "cutaway/nothing", &list), 0);
	assert_int_equal(list.n, 0);
}

/* Anything may stand there: none of it is a measurement, and nothing waits for it. */
static void test_what_is_none(void **state)
{
	static const char *const texts[] = {"", "{", "[]", "7",
	        "{\"version\":1,\"name\":\"x\",\"command\":\"c\",\"time_us\":1,\"wall_us\":[],"
	        "\"cpu_us\":[]}",
	        "{\"version\":1,\"name\":\"x\",\"command\":\"c\",\"time_us\":1,\"wall_us\":[1],"
	        "\"cpu_us\":[]}",
	        "{\"version\":1,\"name\":\"x\",\"command\":\"c\",\"time_us\":1,\"wall_us\":[-1],"
	        "\"cpu_us\":[1]}",
	        "{\"version\":1,\"name\":\"x\",\"command\":\"c\",\"time_us\":1,\"wall_us\":[\"1\"],"
	        "\"cpu_us\":[1]}",
	        "{\"version\":1,\"name\":\"x\",\"command\":7,\"time_us\":1,\"wall_us\":[1],\"cpu_"
	        "us\":[1]}",
	        "{\"version\":2,\"name\":\"x\",\"command\":\"c\",\"time_us\":1,\"wall_us\":[1],"
	        "\"cpu_us\":[1]}",
	        "{\"version\":1,\"name\":\"y\",\"command\":\"c\",\"time_us\":1,\"wall_us\":[1],"
	        "\"cpu_us\":[1]}"};
	const struct place *p = *state;
	struct measure_list list;

	keep("good", "true", 1, 1);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		assert_int_equal(file_replace_at(p->fd, "cutaway/measures/x.json", texts[i],
		                         strlen(texts[i]), 0600),
		        0);
		assert_int_equal(measure_list_read(p->fd, "cutaway/measures", &list), 0);
		if (list.n != 1)
			print_error("taken: %s\n", texts[i]);
		assert_int_equal(list.n, 1);
		measure_list_release(&list);
	}
	assert_int_equal(mkfifoat(p->fd, "cutaway/measures/p.json", 0600), 0);
	assert_int_equal(symlinkat("good.json", p->fd, "cutaway/measures/l.json"), 0);
	assert_int_equal(measure_list_read(p->fd, "cutaway/measures", &list), 0);
	assert_int_equal(list.n, 1);
	measure_list_release(&list);
}

static void test_so_many_only(void **state)
{
	struct measure_sample sample = {1, 1};
	struct measure m = {.command = (char *)"true", .samples = &sample, .n = 1};
	struct error err = {0};

	(void)state;
	for (int i = 0; i < MEASURE_KEPT_MAX; i++) {
		snprintf(m.name, sizeof m.name, "m%d", i);
		assert_int_equal(measure_store(&m, &err), 0);
	}
	assert_int_equal(measure_store(&m, &err), 0);
	strcpy(m.name, "more");
	assert_int_equal(measure_store(&m, &err), -ENOSPC);
}

/* A lab has its own, and what is no lab's id leads nowhere. */
static void test_of_a_lab(void **state)
{
	const struct place *p = *state;
	struct measure_list list;

	setenv(LAB_VARIABLE, "7-ab", 1);
	keep("mine", "true", 1, 1);
	setenv(LAB_VARIABLE, "../../x", 1);
	keep("outside", "true", 1, 1);
	unsetenv(LAB_VARIABLE);
	assert_int_equal(measure_list_read(p->fd, "cutaway/labs/7-ab/measures", &list), 0);
	assert_int_equal(list.n, 1);
	assert_string_equal(list.all[0].name, "mine");
	measure_list_release(&list);
	assert_int_equal(measure_list_read(p->fd, "cutaway/measures", &list), 0);
	assert_int_equal(list.n, 1);
	assert_string_equal(list.all[0].name, "outside");
	measure_list_release(&list);
}

/* ---- checks -------------------------------------------------------------------------------- */

static void judged(const char *expression, bool holds, const char *text)
{
	struct model_measure measures[] = {{"fast", "true", 20, 1, 2, 3, 4, 5, 2},
	        {"slow", "sleep 1", 9, 1, 2, 3000, 4, 5, 0}};
	struct model m = {.measures = measures, .n_measures = 2};
	struct check_result result = {0};
	struct error err = {0};

	assert_int_equal(check_eval(&m, expression, &result, &err), 0);
	if (text)
		assert_string_equal(result.text, text);
	assert_int_equal(result.holds, holds);
}

static void test_checks(void **state)
{
	struct check_result result;
	struct model m = {0};

	(void)state;
	judged("measure.fast", true, "fast has been measured");
	judged("!measure.fast", false, "fast has been measured, and should not");
	judged("measure.fas", false, "fas has not been measured yet");
	judged("!measure.fas", true, NULL);
	judged("measure.fast.runs >= 20", true, NULL);
	judged("measure.slow.runs >= 20", false,
	        "number of runs of measurement slow is '9', should be at least '20'");
	judged("measure.fast.median < measure.slow.median", true, NULL);
	judged("measure.slow.median < measure.fast.max", false,
	        "median of measurement slow (in microseconds) is '3000', should be below '5'");
	judged("measure.gone.runs >= 1", false, "gone has not been measured yet");
	judged("measure.slow.command ~ sleep", true, NULL);
	judged("measure.slow.command = \"sleep 2\"", false,
	        "command of measurement slow is 'sleep 1', should be 'sleep 2'");
	judged("measure.fast.min = 1", true, NULL);
	judged("measure.fast.q1 = 2", true, NULL);
	judged("measure.fast.q3 = 4", true, NULL);
	judged("measure.fast.cpu = 2", true, NULL);
	assert_int_equal(check_eval(&m, "measure.fast.mean", &result, NULL), -EINVAL);
	assert_int_equal(check_eval(&m, "measure.gone.mean", &result, NULL), -EINVAL);
	assert_int_equal(check_eval(&m, "measure.", &result, NULL), -EINVAL);
}

/* What the observer reads is what was kept. */
static void test_observed(void **state)
{
	struct observer *o = NULL;
	struct model *m = NULL;

	(void)state;
	keep("seen", "true", 1, 5);
	assert_int_equal(observer_new(&(struct observer_options){.no_network = true}, &o, NULL), 0);
	assert_int_equal(observer_read(o, &m, NULL), 0);
	assert_int_equal(m->n_measures, 1);
	assert_string_equal(m->measures[0].name, "seen");
	assert_int_equal(m->measures[0].runs, 2);
	assert_int_equal(m->measures[0].median_us, 6);
	model_free(m);
	observer_free(o);
}

/* ---- bars ---------------------------------------------------------------------------------- */

static void expect_bars(
        const struct bar *bars, size_t n, struct bars_options options, const char *expected)
{
	auto_buf text = BUF_INIT;

	bars_write(bars, n, &options, &text);
	assert_string_equal(buf_text(&text), expected);
}

static void test_bars(void **state)
{
	static const struct bar two[] = {
	        {"plain", 450, 500, 600, 700, 400, 20}, {"net", 900, 1000, 1100, 9000, 900, 20}};
	static const struct bar none[] = {{"zero", 0, 0, 0, 0, 0, 1}};
	static const struct bar waits[] = {
	        {"waits", 12000000, 12000000, 12000000, 12000000, 999, 3}};

	(void)state;
	expect_bars(NULL, 0, (struct bars_options){.width = 80}, "");
	expect_bars(two, 2, (struct bars_options){.width = 70},
	        "      0                             1.52 ms    median       cpu  ratio\n"
	        "plain ███████████┃▒▒▒··                       0.50 ms   0.40 ms   1.00\n"
	        "net   ██████████████████████▒┃▒▒▒·········>   1.00 ms   0.90 ms   2.00\n"
	        "┃ median of 20 runs  ▒ the middle half  · to the slowest\n");
	expect_bars(two, 2, (struct bars_options){.width = 40, .ascii = true, .unit = BARS_UNIT_US},
	        "      0         1525 us    median  ratio\n"
	        "plain =====|~.             500 us   1.00\n"
	        "net   ==========|~....>   1000 us   2.00\n"
	        "| median of 20 runs  ~ the middle half  . to the slowest\n");
	expect_bars(none, 1, (struct bars_options){.width = 1},
	        "     0             1 µs    median  ratio\n"
	        "zero ┃                       0 µs      -\n"
	        "┃ median of 1 run  ▒ the middle half  · to the slowest\n");
	expect_bars(waits, 1, (struct bars_options){.width = 66},
	        "      0                          12.0 s    median       cpu  ratio\n"
	        "waits ████████████████████████████████┃    12.0 s    0.00 s   1.00\n"
	        "┃ median of 3 runs  ▒ the middle half  · to the slowest\n");
}

/* Any numbers in any order, and no line is longer than it may be. */
static void test_bars_stay_inside(void **state)
{
	unsigned seed = 7;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		struct bar bars[3];
		struct bars_options o = {.width = rand_r(&seed) % 200, .ascii = true};
		size_t limit = o.width < BARS_WIDTH_MIN ? BARS_WIDTH_MIN : (size_t)o.width;
		auto_buf text = BUF_INIT;

		for (int k = 0; k < 3; k++) {
			uint64_t base = (uint64_t)rand_r(&seed) << rand_r(&seed) % 6;
			bars[k] = (struct bar){"a-name-of-twenty-four-ab", base, base * 2, base * 3,
			        base * (3 + (unsigned)rand_r(&seed) % 9), base, 20};
			bars[k].label += rand_r(&seed) % 24;
		}
		bars_write(bars, 3, &o, &text);
		for (char *line = text.data; *line; line = strchr(line, '\n') + 1)
			if (strncmp(line, "| median", 8) != 0)
				assert_true(strcspn(line, "\n") <= limit);
	}
}

/* ---- the runs ------------------------------------------------------------------------------ */

static int run(const char *script, struct measure_sample *ret, int *ret_status)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	struct runner r;
	struct error err = {0};
	int result;

	assert_int_equal(runner_open(&r, &err), 0);
	result = runner_run(&r, (char *const *)argv, ret, ret_status, &err);
	runner_close(&r);
	return result;
}

static void test_a_run(void **state)
{
	struct measure_sample sample;
	int status = -1;

	(void)state;
	assert_int_equal(run("sleep 0.05", &sample, &status), 0);
	assert_int_equal(status, 0);
	assert_true(sample.wall_us >= 50000);
	assert_int_equal(run("exit 3", &sample, &status), 0);
	assert_int_equal(status, 3);
	assert_int_equal(run("kill -9 $$", &sample, &status), 0);
	assert_int_equal(status, 137);
	assert_int_equal(run("read x && exit 9; exit 0", &sample, &status), 0);
	assert_int_equal(status, 0); /* its input is empty */
}

static void test_what_a_run_said(void **state)
{
	const char *const argv[] = {"sh", "-c", "echo out; echo err >&2", NULL};
	const char *const quiet[] = {"true", NULL}, *const missing[] = {"/no/such/program", NULL};
	struct runner r;
	struct measure_sample sample;
	struct error err = {0};
	auto_buf said = BUF_INIT;
	int status;

	(void)state;
	assert_int_equal(runner_open(&r, &err), 0);
	assert_int_equal(runner_run(&r, (char *const *)argv, &sample, &status, &err), 0);
	runner_said(&r, &said);
	assert_string_equal(buf_text(&said), "err\n");
	assert_int_equal(runner_run(&r, (char *const *)quiet, &sample, &status, &err), 0);
	buf_reset(&said);
	runner_said(&r, &said);
	assert_string_equal(buf_text(&said), "");
	assert_int_equal(runner_run(&r, (char *const *)missing, &sample, &status, &err), -ENOENT);
	runner_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_names),
	        cmocka_unit_test(test_quartiles),
	        cmocka_unit_test_setup_teardown(test_kept_and_read, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(test_what_is_none, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(test_so_many_only, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(test_of_a_lab, set_up, tear_down),
	        cmocka_unit_test(test_checks),
	        cmocka_unit_test_setup_teardown(test_observed, set_up, tear_down),
	        cmocka_unit_test(test_bars),
	        cmocka_unit_test(test_bars_stay_inside),
	        cmocka_unit_test(test_a_run),
	        cmocka_unit_test(test_what_a_run_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
