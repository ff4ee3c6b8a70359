/* What still shows of processes where nobody tells of them: programs that start and end, and host
 * names that are set. */
#include "kernel/base/cleanup.h"
#include "kernel/observe/watch_source.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { DEADLINE_MS = 10000 };

static bool told_in_time(int fd, short event)
{
	struct pollfd p = {.fd = fd, .events = event};

	return poll(&p, 1, DEADLINE_MS) > 0 && p.revents & event;
}

static void programs(void **state)
{
	char cat[] = "cat", *argv[] = {cat, NULL};
	auto_close fd = watch_programs_open();
	posix_spawn_file_actions_t actions;
	int pipes[2];
	pid_t pid;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pipes[0], STDIN_FILENO);
	assert_int_equal(posix_spawnp(&pid, cat, &actions, NULL, argv, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	close(pipes[0]);
	assert_true(told_in_time(fd, POLLIN));
	assert_true(watch_programs_drain(fd));
	close(pipes[1]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(told_in_time(fd, POLLIN)); /* its end */
	assert_true(watch_programs_drain(fd));
}

/* In a UTS namespace apart: 2 = not allowed. */
static int set_name(void)
{
	if (unshare(CLONE_NEWUTS | (geteuid() ? CLONE_NEWUSER : 0)) < 0)
		return 2;
	return sethostname("elsewhere", 9) < 0 ? 2 : 0;
}

static void names(void **state)
{
	auto_close fd = watch_names_open();
	int status = 0;
	pid_t pid;

	(void)state;
	assert_true(fd >= 0);
	pid = fork();
	if (pid == 0)
		_exit(set_name());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 2) {
		print_message("skip: no UTS namespace for us here\n");
		skip();
	}
	assert_true(told_in_time(fd, POLLPRI));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(programs),
	        cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
