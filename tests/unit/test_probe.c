/* The doctor's attempts: they see what is blocked, name the knob, and leave nothing. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/probe.h"
#include "kernel/do/probe_try.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

static void every_name_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < probe_count(); i++) {
		struct probe p;
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(probe_name(i), probe_name(j));
		assert_int_equal(probe_run(probe_name(i), &p), 0);
		assert_string_equal(p.name, probe_name(i));
		/* what works is not blocked, and what does not work says why */
		assert_int_equal(p.works, p.blocked_by[0] == '\0');
	}
}

static void unknown_names_are_told(void **state)
{
	struct probe p;

	(void)state;
	assert_int_equal(probe_run("warp drive", &p), -ENOENT);
	assert_int_equal(try_program("no-such-program-anywhere"), -ENOENT);
	assert_int_equal(try_socket("/no/such/socket"), -ENOENT);
}

static void the_mount_table_stays_as_it_was(void **state)
{
	auto_buf before = BUF_INIT, after = BUF_INIT;

	(void)state;
	assert_int_equal(file_read_at(AT_FDCWD, "/proc/self/mountinfo", 1 << 20, &before), 0);
	try_overlay(false);
	try_overlay(true);
	try_user_namespace();
	assert_int_equal(file_read_at(AT_FDCWD, "/proc/self/mountinfo", 1 << 20, &after), 0);
	assert_string_equal(buf_text(&before), buf_text(&after));
}

/* The limit is a user namespace's own: in one of our own we may set it to nothing. */
static void a_closed_knob_is_named(void **state)
{
	pid_t pid;
	int status;

	(void)state;
	if (try_user_namespace() < 0) {
		print_message("skip: no user namespaces here\n");
		skip();
	}
	pid = fork();
	if (pid == 0) {
		struct probe p;
		char map[32];
		snprintf(map, sizeof map, "0 %u 1", (unsigned)geteuid());
		if (unshare(CLONE_NEWUSER) < 0 ||
		        file_write_at(AT_FDCWD, "/proc/self/uid_map", map) < 0 ||
		        file_write_at(AT_FDCWD, "/proc/sys/user/max_user_namespaces", "0") < 0)
			_exit(2);
		if (probe_run("user namespaces", &p) < 0 || p.works)
			_exit(3);
		if (!strstr(p.blocked_by, "max_user_namespaces") || !strstr(p.how, "sysctl"))
			_exit(4);
		if (probe_run("overlay in user namespaces", &p) < 0 || p.works ||
		        !strstr(p.blocked_by, "max_user_namespaces"))
			_exit(5);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void a_missing_program_is_noticed(void **state)
{
	auto_free char *path = strdup(getenv("PATH"));
	struct probe p;

	(void)state;
	setenv("PATH", "/nonexistent", 1);
	assert_int_equal(probe_run("bash", &p), 0);
	setenv("PATH", path, 1);
	assert_false(p.works);
	assert_string_equal(p.how, "apt install bash");
	assert_int_equal(probe_run("bash", &p), 0);
	assert_true(p.works);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_name_answers),
	        cmocka_unit_test(unknown_names_are_told),
	        cmocka_unit_test(the_mount_table_stays_as_it_was),
	        cmocka_unit_test(a_closed_knob_is_named),
	        cmocka_unit_test(a_missing_program_is_noticed),
	};
	return cmocka_run_group_tests_name("probe", tests, NULL, NULL);
}
