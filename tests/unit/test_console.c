/* Handing a terminal to an engine: the descriptor arrives, by a path longer than a socket's name.
 */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/child.h"
#include "kernel/oci/console.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cmocka.h>

static int listen_in(const char *directory)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int dir = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(name.sun_path, sizeof name.sun_path, "/proc/self/fd/%d/console", dir);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof name), 0);
	assert_int_equal(listen(fd, 1), 0);
	close(dir);
	return fd;
}

static void test_terminal_arrives(void **state)
{
	const char *tmp = getenv("TMPDIR");
	char top[200], path[600];
	struct error err = {0};
	struct stat sent, got;

	(void)state;
	snprintf(top, sizeof top, "%s/test-console-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(top));
	snprintf(path, sizeof path, "%s/%0120d", top, 0);
	assert_int_equal(mkdir(path, 0700), 0);
	{
		auto_close listening = listen_in(path),
		           master = open("/dev/ptmx", O_RDWR | O_CLOEXEC);
		auto_close taken = -1, received = -1;
		char what[9];
		strcat(path, "/console");
		assert_true(master >= 0);
		assert_int_equal(console_send(path, master, &err), 0);
		taken = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
		assert_int_equal(control_receive(taken, what, sizeof what, &received), 0);
		assert_memory_equal(what, "/dev/ptmx", 9);
		assert_int_equal(fstat(master, &sent), 0);
		assert_int_equal(fstat(received, &got), 0);
		assert_true(sent.st_rdev == got.st_rdev && sent.st_ino == got.st_ino);
	}
	assert_int_equal(dir_remove_tree(AT_FDCWD, top), 0);
}

static void test_nobody_there(void **state)
{
	struct error err = {0};

	(void)state;
	assert_int_equal(console_send("/no/such/socket", 0, &err), -ENOENT);
	assert_string_equal(err.object, "/no/such/socket");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_terminal_arrives),
	        cmocka_unit_test(test_nobody_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
