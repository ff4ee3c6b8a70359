/* The title that ps shows: set in a child, read by its parent from /proc. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/base/process_title.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void read_proc(pid_t pid, const char *file, struct buf *out)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
	assert_int_equal(file_read_at(AT_FDCWD, path, 65536, out), 0);
}

static pid_t child_with(const char *title, const char *comm)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		process_title_set(title, comm);
		(void)!write(ready[1], "x", 1);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void others_see_it(void **state)
{
	auto_buf cmdline = BUF_INIT, comm = BUF_INIT;
	pid_t pid = child_with("a b", "cutaway-test");

	(void)state;
	read_proc(pid, "cmdline", &cmdline);
	read_proc(pid, "comm", &comm);
	end(pid);
	assert_string_equal(buf_text(&cmdline), "a b");
	assert_string_equal(buf_text(&comm), "cutaway-test\n");
}

static void a_long_one_is_cut(void **state)
{
	auto_buf before = BUF_INIT, cmdline = BUF_INIT;
	char title[8192];
	pid_t pid;

	(void)state;
	read_proc(getpid(), "cmdline", &before);
	memset(title, 'x', sizeof title - 1);
	title[sizeof title - 1] = '\0';
	pid = child_with(title, "cutaway-test");
	read_proc(pid, "cmdline", &cmdline);
	end(pid);
	assert_int_equal(strlen(buf_text(&cmdline)), before.len - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(others_see_it),
	        cmocka_unit_test(a_long_one_is_cut),
	};

	return cmocka_run_group_tests_name("process_title", tests, NULL, NULL);
}
