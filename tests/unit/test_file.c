/* Removing trees: whatever their modes, never through a link, never into another file system. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

struct place {
	char path[64];
	int dir;
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	strcpy(p->path, "/tmp/test-file-XXXXXX");
	assert_non_null(mkdtemp(p->path));
	p->dir = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	close(p->dir);
	assert_int_equal(dir_remove_tree(AT_FDCWD, p->path), 0);
	free(p);
	return 0;
}

static void make(struct place *p, const char *name, mode_t mode)
{
	assert_int_equal(mkdirat(p->dir, name, 0700), 0);
	if (mode != 0700)
		assert_int_equal(fchmodat(p->dir, name, mode, 0), 0);
}

static bool inside(struct place *p, const char *name)
{
	return faccessat(p->dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Run as root, this says little: so it is done as an ordinary user in a child. */
static void closed_directories_are_removed(void **state)
{
	struct place *p = *state;
	pid_t pid;
	int status;

	if (geteuid() == 0)
		assert_int_equal(fchown(p->dir, 65534, 65534), 0);
	pid = fork();
	if (pid == 0) {
		if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
			_exit(2);
		if (mkdirat(p->dir, "t", 0700) < 0 || mkdirat(p->dir, "t/closed", 0) < 0 ||
		        mkdirat(p->dir, "t/read-only", 0700) < 0 ||
		        mkdirat(p->dir, "t/read-only/below", 0700) < 0 ||
		        fchmodat(p->dir, "t/read-only", 0500, 0) < 0)
			_exit(3);
		_exit(dir_remove_tree(p->dir, "t") == 0 ? 0 : 4);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_false(inside(p, "t"));
}

static void links_are_removed_not_followed(void **state)
{
	struct place *p = *state;

	make(p, "precious", 0700);
	make(p, "precious/thing", 0700);
	make(p, "t", 0700);
	assert_int_equal(symlinkat("../precious", p->dir, "t/link"), 0);
	assert_int_equal(dir_remove_tree(p->dir, "t"), 0);
	assert_true(inside(p, "precious/thing"));
	assert_int_equal(dir_remove_tree(p->dir, "t"), 0); /* it is gone: fine */
}

static void a_mount_point_is_not_entered(void **state)
{
	struct place *p = *state;
	pid_t pid;
	int status;

	if (geteuid() != 0) {
		print_message("skip: only root can mount\n");
		skip();
	}
	make(p, "t", 0700);
	make(p, "t/m", 0700);
	pid = fork();
	if (pid == 0) {
		bool ok = unshare(CLONE_NEWNS) == 0 &&
		          mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
		          chdir(p->path) == 0 && mount("tmpfs", "t/m", "tmpfs", 0, NULL) == 0 &&
		          mkdir("t/m/kept", 0700) == 0 && dir_remove_tree(AT_FDCWD, "t") < 0 &&
		          access("t/m/kept", F_OK) == 0;
		_exit(ok ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(closed_directories_are_removed),
	        T(links_are_removed_not_followed),
	        T(a_mount_point_is_not_entered),
	};
	return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
