/* A directory copied into an empty one: what a test from outside cannot look at. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/copy_up.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cmocka.h>

struct place {
	char path[64];
	int from, to;
};

static int set_up(void **state)
{
	static struct place p;

	strcpy(p.path, "/tmp/cutaway-copy-XXXXXX");
	assert_non_null(mkdtemp(p.path));
	assert_int_equal(chdir(p.path), 0);
	assert_int_equal(mkdir("from", 0755), 0);
	assert_int_equal(mkdir("to", 0755), 0);
	p.from = open("from", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	p.to = open("to", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = &p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	close(p->from);
	close(p->to);
	assert_int_equal(chdir("/"), 0);
	return dir_remove_tree(AT_FDCWD, p->path);
}

static void test_attributes(void **state)
{
	struct place *p = *state;
	char value[16];

	assert_int_equal(mkdirat(p->from, "d", 0700), 0);
	close(openat(p->from, "f", O_WRONLY | O_CREAT, 0600));
	if (setxattr("from/f", "user.a", "one", 3, 0) < 0) {
		print_message("skip: extended attributes of users in /tmp: %s\n", strerror(errno));
		skip();
	}
	assert_int_equal(setxattr("from/d", "user.b", "two", 3, 0), 0);
	assert_int_equal(setxattr("from", "user.c", "top", 3, 0), 0);
	assert_int_equal(copy_up(p->from, p->to), 0);
	assert_int_equal(getxattr("to/f", "user.a", value, sizeof value), 3);
	assert_memory_equal(value, "one", 3);
	assert_int_equal(getxattr("to/d", "user.b", value, sizeof value), 3);
	assert_memory_equal(value, "two", 3);
	assert_int_equal(getxattr("to", "user.c", value, sizeof value), 3);
}

/* More names than one listing of the kernel's holds. */
static void test_many(void **state)
{
	struct place *p = *state;
	struct stat st;
	char name[64];

	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof name, "a-name-that-is-not-short-%d", i);
		close(openat(p->from, name, O_WRONLY | O_CREAT, 0600));
	}
	assert_int_equal(copy_up(p->from, p->to), 0);
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof name, "a-name-that-is-not-short-%d", i);
		assert_int_equal(fstatat(p->to, name, &st, 0), 0);
	}
}

static void test_socket(void **state)
{
	struct place *p = *state;
	struct sockaddr_un at = {.sun_family = AF_UNIX, .sun_path = "from/s"};
	auto_close fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct stat st;

	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(copy_up(p->from, p->to), 0);
	assert_int_equal(fstatat(p->to, "s", &st, 0), 0);
	assert_true(S_ISSOCK(st.st_mode));
}

/* A bound, since the stack has one. */
static void test_depth(void **state)
{
	struct place *p = *state;
	char path[4096] = "";

	for (int i = 0; i < 70; i++) {
		strcat(path, i ? "/d" : "d");
		assert_int_equal(mkdirat(p->from, path, 0700), 0);
	}
	assert_int_equal(copy_up(p->from, p->to), -ELOOP);
}

static void test_not_empty(void **state)
{
	struct place *p = *state;

	close(openat(p->from, "f", O_WRONLY | O_CREAT, 0600));
	assert_int_equal(symlinkat("/etc/passwd", p->to, "f"), 0);
	assert_int_equal(copy_up(p->from, p->to), -EEXIST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_attributes, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(test_many, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(test_socket, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(test_depth, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(test_not_empty, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
