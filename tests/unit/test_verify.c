/* Scripts of lessons: both contracts, what they may do wrong, and what they tell. */
#include "kernel/base/cleanup.h"
#include "shell/lesson/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static struct verify_result check(const char *text, int limit_ms)
{
	struct scenario_script script = {.path = "step1/verify.sh", .text = text};
	struct verify_options options = {.limit_ms = limit_ms, .directory = "/"};
	struct verify_result result;
	struct error err = {0};

	assert_int_equal(verify_run(&script, &options, &result, &err), 0);
	return result;
}

static void expect_passed(const char *text, bool passed)
{
	struct verify_result r = check(text, 0);

	if (r.passed != passed)
		fail_msg("passed = %d for: %s", r.passed, text);
	verify_result_release(&r);
}

static void test_contract_of_statuses(void **state)
{
	(void)state;
	expect_passed("true", true);
	expect_passed("", true);
	expect_passed("# no shebang\n[ 1 = 1 ]\n", true);
	expect_passed("false", false);
	expect_passed("for i in 1; do true; done", true);
	expect_passed("no-such-command-of-mine", false);
	expect_passed("kill -9 $$", false);
	expect_passed("if then", false);
}

static void test_contract_of_done(void **state)
{
	(void)state;
	expect_passed("echo done", true);
	expect_passed("if [ 1 = 2 ]; then echo \"done\"; fi", false);
	expect_passed("[ 1 = 1 ] && echo \"done\"", true);
	expect_passed("printf 'done'", true);
	expect_passed("echo -n done; exit 1", true);
	expect_passed("true || echo done", false);
	expect_passed("echo 'not done yet'; false", false);
}

static void test_unmet_and_output(void **state)
{
	struct verify_result r =
	        check("echo hello; echo $'\\033[31mred' >&2\n"
	              "echo '{\"fact\":\"container.x\",\"wanted\":\"\",\"text\":\"no x\"}' "
	              ">>$CUTAWAY_UNMET\n"
	              "echo 'no JSON' >>$CUTAWAY_UNMET\n"
	              "echo '{\"fact\":\"container.y\",\"wanted\":\"1\",\"text\":\"no y\"}' "
	              ">>$CUTAWAY_UNMET\n"
	              "exit 3",
	                0);

	(void)state;
	assert_false(r.passed);
	assert_int_equal(r.status, 3);
	assert_int_equal(r.n_unmet, 2);
	assert_string_equal(r.unmet[0].text, "no x");
	assert_string_equal(r.unmet[1].fact, "container.y");
	assert_string_equal(r.unmet[1].wanted, "1");
	assert_string_equal(buf_text(&r.output), "hello\nred\n");
	verify_result_release(&r);
}

static void test_environment(void **state)
{
	struct verify_result r =
	        check("pwd; echo $0; type -p $(basename $(readlink /proc/$PPID/exe))", 0);

	(void)state;
	assert_true(r.passed);
	assert_non_null(strstr(buf_text(&r.output), "/\nstep1/verify.sh\n/"));
	verify_result_release(&r);
}

static void test_limits(void **state)
{
	struct verify_result r = check("sleep 100 & echo started; sleep 100", 3000);

	(void)state;
	assert_true(r.timed_out);
	assert_false(r.passed);
	assert_string_equal(buf_text(&r.output), "started\n");
	verify_result_release(&r);
	/* Somebody who holds the output open does not hold us up. */
	r = check("sleep 100 & echo $!", 10000);
	assert_true(r.passed);
	assert_false(r.timed_out);
	assert_int_equal(kill((pid_t)strtol(buf_text(&r.output), NULL, 10), SIGKILL), 0);
	verify_result_release(&r);
	r = check("head -c 1000000 /dev/zero | tr '\\0' x", 0);
	assert_true(r.passed);
	assert_int_equal(r.output.len, VERIFY_OUTPUT);
	verify_result_release(&r);
}

static void test_no_script(void **state)
{
	struct scenario_script none = {0};
	struct verify_options options = {0};
	struct verify_result r;
	struct error err = {0};

	(void)state;
	assert_int_equal(verify_run(&none, &options, &r, &err), 0);
	assert_true(r.passed);
	verify_result_release(&r);
}

static void test_opening_of_a_page(void **state)
{
	struct scenario_page page = {
	        .background = {.path = "it's.sh", .text = "echo 'bg'\" $0\" >&3"},
	        .foreground = {.path = "fg.sh", .text = "x=fg\necho $x\n"},
	};
	struct scenario_page none = {0};
	auto_buf line = BUF_INIT, nothing = BUF_INIT;
	char text[64] = "", file[] = "/tmp/cutaway-verify-XXXXXX";
	FILE *out;
	int fd = mkstemp(file);

	(void)state;
	buf_addf(&line, "exec 3>%s\n", file);
	verify_page_opening(&page, &line);
	out = popen(buf_text(&line), "r");
	assert_non_null(out);
	assert_non_null(fgets(text, sizeof text, out));
	assert_string_equal(text, "fg\n");
	assert_int_equal(pclose(out), 0);
	for (int i = 0; i < 5000 && lseek(fd, 0, SEEK_END) < 11; i++)
		poll(NULL, 0, 1); /* nobody tells when the background is done */
	assert_int_equal(pread(fd, text, sizeof text, 0), 11);
	assert_memory_equal(text, "bg it's.sh\n", 11);
	close(fd);
	unlink(file);
	verify_page_opening(&none, &nothing);
	assert_int_equal(nothing.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_contract_of_statuses),
	        cmocka_unit_test(test_contract_of_done),
	        cmocka_unit_test(test_unmet_and_output),
	        cmocka_unit_test(test_environment),
	        cmocka_unit_test(test_limits),
	        cmocka_unit_test(test_no_script),
	        cmocka_unit_test(test_opening_of_a_page),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
