/* A lab's directory: what it tells about itself, also when that is garbage, and its socket. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "shell/lab.h"
#include "shell/lab_state.h"

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
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[64];
static int dir_fd = -1;

static int set_up(void **state)
{
	(void)state;
	strcpy(directory, "/tmp/cutaway-test-lab-XXXXXX");
	if (!mkdtemp(directory))
		return -1;
	dir_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return setenv("XDG_RUNTIME_DIR", directory, 1);
}

static int tear_down(void **state)
{
	(void)state;
	close(dir_fd);
	return dir_remove_tree(AT_FDCWD, directory);
}

static void test_round_trip(void **state)
{
	const bool done[] = {true, false, true};
	const struct lab_unmet unmet[] = {
	        {"container.hand.ns.uts", "", "hand shares the host's host name"},
	        {"container.hand.hostname", "hand", "the \"name\" is\nnot 'hand' ✗"},
	};
	const struct lab_state out = {.shell_pid = 123,
	        .shell_start = 1ULL << 40,
	        .lesson = "containers-are-linux",
	        .lesson_title = "Containers are Linux",
	        .lesson_number = 1,
	        .step = 2,
	        .steps = 10,
	        .step_title = "The plan",
	        .markdown = "# Titel äöü\n\n```\nls\n```{{exec}}\n",
	        .done = done,
	        .n_done = 3,
	        .checked = true,
	        .passed = false,
	        .unmet = unmet,
	        .n_unmet = 2,
	        .view = "container",
	        .subject = "hand",
	        .message = NULL,
	        .serial = 17,
	        .step_serial = 3};
	struct lab_state in = {0};
	struct error err = {0};

	(void)state;
	assert_int_equal(lab_state_write(dir_fd, &out, &err), 0);
	assert_int_equal(lab_state_read(dir_fd, &in, &err), 0);
	assert_int_equal(in.shell_pid, 123);
	assert_true(in.shell_start == 1ULL << 40);
	assert_string_equal(in.lesson, out.lesson);
	assert_string_equal(in.lesson_title, out.lesson_title);
	assert_int_equal(in.lesson_number, 1);
	assert_int_equal(in.step, 2);
	assert_int_equal(in.steps, 10);
	assert_string_equal(in.step_title, out.step_title);
	assert_string_equal(in.markdown, out.markdown);
	assert_int_equal(in.n_done, 3);
	assert_memory_equal(in.done, done, sizeof(done));
	assert_true(in.checked);
	assert_false(in.passed);
	assert_int_equal(in.n_unmet, 2);
	assert_string_equal(in.unmet[1].fact, unmet[1].fact);
	assert_string_equal(in.unmet[1].wanted, "hand");
	assert_string_equal(in.unmet[1].text, unmet[1].text);
	assert_string_equal(in.view, "container");
	assert_string_equal(in.subject, "hand");
	assert_string_equal(in.message, "");
	assert_int_equal(in.serial, 17);
	assert_int_equal(in.step_serial, 3);
	lab_state_release(&in);
}

static void test_bytes_that_are_no_text(void **state)
{
	const struct lab_state out = {.markdown = "a\xff\xfe z", .message = "\033[31mred"};
	struct lab_state in = {0};
	struct error err = {0};

	(void)state;
	assert_int_equal(lab_state_write(dir_fd, &out, &err), 0);
	assert_int_equal(lab_state_read(dir_fd, &in, &err), 0);
	assert_string_equal(in.markdown, "a z");
	lab_state_release(&in);
}

static void test_garbage(void **state)
{
	static const char *const garbage[] = {"", "{", "[]", "null", "{\"version\":2}",
	        "{\"version\":\"1\"}", "\xff\xff", "{\"version\":1}garbage", NULL};
	static const char *const odd[] = {"{\"version\":1}",
	        "{\"version\":1,\"step\":-5,\"steps\":1e99,\"unmet\":7,\"done\":\"x\",\"view\":[]}",
	        "{\"version\":1,\"step\":99999999999,\"unmet\":[1,{},[]],\"serial\":-1}", NULL};
	struct lab_state in = {.step = 42};
	struct error err;

	(void)state;
	for (size_t i = 0; garbage[i]; i++) {
		err = (struct error){0};
		file_replace_at(dir_fd, "lab.json", garbage[i], strlen(garbage[i]), 0600);
		assert_int_equal(lab_state_read(dir_fd, &in, &err), -EINVAL);
		assert_int_equal(in.step, 42);
		assert_int_equal(err.code, EINVAL);
	}
	for (size_t i = 0; odd[i]; i++) {
		err = (struct error){0};
		file_replace_at(dir_fd, "lab.json", odd[i], strlen(odd[i]), 0600);
		assert_int_equal(lab_state_read(dir_fd, &in, &err), 0);
		assert_int_equal(in.step, 0);
		assert_string_equal(in.view, "");
		lab_state_release(&in);
		in.step = 42;
	}
	unlinkat(dir_fd, "lab.json", 0);
	assert_int_equal(lab_state_read(dir_fd, &in, &err), -ENOENT);
}

static void test_directory(void **state)
{
	struct lab *lab;
	struct error err = {0};
	struct stat st;
	char self[4096], link[4096];
	ssize_t n;
	char *path;

	(void)state;
	assert_int_equal(lab_create("stage-test-1", &lab, &err), 0);
	assert_string_equal(lab_id(lab), "stage-test-1");
	assert_int_equal(fstatat(lab_directory_fd(lab), "control", &st, 0), 0);
	assert_true(S_ISSOCK(st.st_mode));
	n = readlinkat(lab_directory_fd(lab), "bin/cutaway", link, sizeof(link));
	assert_true(n > 0 && n == readlink("/proc/self/exe", self, sizeof(self)));
	assert_memory_equal(link, self, (size_t)n);
	assert_int_equal(fstatat(lab_directory_fd(lab), "bin/ct", &st, 0), 0);
	path = strdup(lab_directory(lab));
	lab_remove(lab);
	assert_int_equal(stat(path, &st), -1);
	free(path);
	assert_int_equal(lab_create("../x", &lab, &err), -EINVAL);
	assert_int_equal(lab_create("", &lab, &err), -EINVAL);
}

static void test_control(void **state)
{
	struct lab *lab;
	struct error err = {0};
	auto_buf line = BUF_INIT;
	char big[8192];

	(void)state;
	assert_int_equal(lab_create(NULL, &lab, &err), 0);
	assert_int_equal(lab_control_read(lab, &line), 0);
	assert_int_equal(lab_control_send(lab_directory_fd(lab), "hint", &err), 0);
	assert_int_equal(lab_control_send(lab_directory_fd(lab), "view host", &err), 0);
	assert_int_equal(lab_control_read(lab, &line), 1);
	assert_string_equal(buf_text(&line), "hint");
	buf_reset(&line);
	assert_int_equal(lab_control_read(lab, &line), 1);
	assert_string_equal(buf_text(&line), "view host");
	buf_reset(&line);
	/* Without an end, or too long: dropped. */
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(lab_control_send(lab_directory_fd(lab), big, &err), 0);
	assert_int_equal(lab_control_read(lab, &line), 0);
	assert_int_equal(line.len, 0);
	lab_remove(lab);
	assert_int_equal(lab_control_send(dir_fd, "hint", &err), -ENOENT);
}

/* Somebody else gets no word in, even where the modes of the files would let them. */
static void test_control_of_strangers(void **state)
{
	struct lab *lab;
	struct error err = {0};
	auto_buf line = BUF_INIT;
	int status = -1;
	pid_t child;

	(void)state;
	if (geteuid() != 0)
		skip(); /* nobody else to become */
	assert_int_equal(lab_create(NULL, &lab, &err), 0);
	assert_int_equal(fchmod(lab_directory_fd(lab), 0711), 0);
	assert_int_equal(fchmodat(lab_directory_fd(lab), "control", 0777, 0), 0);
	child = fork();
	if (!child)
		_exit(setresgid(54321, 54321, 54321) < 0 || setresuid(54321, 54321, 54321) < 0 ||
		                        lab_control_send(lab_directory_fd(lab), "quit", &err) < 0
		                ? 1
		                : 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0); /* it could write */
	assert_int_equal(lab_control_read(lab, &line), 0);
	assert_int_equal(line.len, 0);
	assert_int_equal(lab_control_send(lab_directory_fd(lab), "hint", &err), 0);
	assert_int_equal(lab_control_read(lab, &line), 1);
	assert_string_equal(buf_text(&line), "hint");
	lab_remove(lab);
}

/* Root may look at a lab whose owner has put something else in the place of its state. */
static void test_state_that_is_no_file(void **state)
{
	struct lab_state in = {0};
	struct error err = {0};

	(void)state;
	unlinkat(dir_fd, "lab.json", 0);
	assert_int_equal(mkfifoat(dir_fd, "lab.json", 0600), 0);
	assert_int_equal(lab_state_read(dir_fd, &in, &err), -EINVAL);
	assert_int_equal(unlinkat(dir_fd, "lab.json", 0), 0);
	assert_int_equal(symlinkat("/proc/self/status", dir_fd, "lab.json"), 0);
	assert_int_equal(lab_state_read(dir_fd, &in, &err), -ELOOP);
	assert_int_equal(unlinkat(dir_fd, "lab.json", 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_round_trip),
	        cmocka_unit_test(test_bytes_that_are_no_text),
	        cmocka_unit_test(test_garbage),
	        cmocka_unit_test(test_directory),
	        cmocka_unit_test(test_control),
	        cmocka_unit_test(test_control_of_strangers),
	        cmocka_unit_test(test_state_that_is_no_file),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
