/* The executor on the real kernel: full speed, a step at a time, back, and the promise that
 * nothing is left when any step fails. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/executor.h"
#include "kernel/do/idmap.h"
#include "kernel/do/options.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

/* A container made of an empty layer that has the host's static busybox in it. */
struct fixture {
	char top[200], name[64];
	char lower[220], upper[220], work[220], merged[220];
	char *layers[1];
	json_t *json;
	struct config *config;
	struct build build;
	struct plan *plan;
	struct executor ex;
};

static void copy_file(const char *from, const char *to)
{
	auto_buf bytes = BUF_INIT;
	auto_close fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);

	assert_int_equal(file_read_at(AT_FDCWD, from, 16 << 20, &bytes), 0);
	assert_true(write(fd, bytes.data, bytes.len) == (ssize_t)bytes.len);
}

static void make_directory(
        char *ret, size_t size, const struct fixture *f, const char *name, uid_t owner)
{
	snprintf(ret, size, "%s/%s", f->top, name);
	assert_int_equal(mkdir(ret, 0755), 0);
	if (geteuid() == 0)
		assert_int_equal(chown(ret, owner, owner), 0);
}

static void make_plan(struct fixture *f, char **command, size_t n)
{
	struct idmap_choice ids = idmap_choose();
	struct container_options o = {
	        .name = f->name,
	        .image = "test",
	        .hostname = "inside",
	        .command = command,
	        .n_command = n,
	};
	struct error err = {0};

	assert_int_equal(config_build(&o, "{}", &ids, f->merged, &f->json, &err), 0);
	assert_int_equal(config_parse(f->json, &f->config, &err), 0);
	build_init(&f->build);
	f->build.name = f->name;
	f->build.config = f->config;
	f->build.overlay = (struct overlay_source){
	        .layers = f->layers,
	        .n_layers = 1,
	        .upper = f->upper,
	        .work = f->work,
	        .merged = f->merged,
	};
	assert_int_equal(plan_new(&f->build, &f->plan, &err), 0);
	executor_init(&f->ex, &f->build, f->plan);
}

static struct fixture *fixture_new(char **command, size_t n)
{
	struct fixture *f = calloc(1, sizeof *f);
	uid_t owner = idmap_choose().offset;
	const char *tmp = getenv("TMPDIR");
	char path[256];

	assert_non_null(f);
	snprintf(f->top, sizeof f->top, "%s/test-executor-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(f->top));
	snprintf(f->name, sizeof f->name, "%s", strrchr(f->top, '/') + 1);
	chmod(f->top, 0755);
	make_directory(f->lower, sizeof f->lower, f, "lower", owner);
	make_directory(f->upper, sizeof f->upper, f, "upper", owner);
	make_directory(f->work, sizeof f->work, f, "work", 0);
	make_directory(f->merged, sizeof f->merged, f, "merged", 0);
	snprintf(path, sizeof path, "%s/bin", f->lower);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof path, "%s/bin/busybox", f->lower);
	copy_file("/bin/busybox", path);
	f->layers[0] = f->lower;
	make_plan(f, command, n);
	return f;
}

/* Nothing is left: no process, no control group, no mount, and the directories can go. */
static void assert_nothing_left(struct fixture *f)
{
	auto_buf mounts = BUF_INIT;

	assert_int_equal(f->ex.done, 0);
	assert_int_equal(f->build.process.pid, 0);
	assert_int_equal(f->build.pidfd, -1);
	errno = 0;
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	if (f->build.cgroup)
		assert_int_not_equal(
		        access(cgroup_directory(f->build.cgroup, CGROUP_PIDS), F_OK), 0);
	assert_int_equal(file_read_at(AT_FDCWD, "/proc/self/mountinfo", 1 << 20, &mounts), 0);
	assert_null(strstr(buf_text(&mounts), f->top));
}

static void fixture_free(struct fixture *f)
{
	assert_int_equal(dir_remove_tree(AT_FDCWD, f->top), 0);
	plan_free(f->plan);
	build_release(&f->build);
	config_free(f->config);
	json_decref(f->json);
	free(f);
}

static size_t last_step(const struct fixture *f)
{
	return f->plan->n - 1;
}

static int exit_status(struct fixture *f)
{
	int status;

	assert_int_equal(waitpid(f->build.process.pid, &status, 0), f->build.process.pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void test_full_speed(void **state)
{
	char *command[] = {(char *)"/bin/busybox", (char *)"sh", (char *)"-c",
	        (char *)"[ $$ = 1 ] && [ $(hostname) = inside ] && [ -d /proc/1 ] && exit 42"};
	struct fixture *f = fixture_new(command, 4);
	struct error err = {0};

	(void)state;
	assert_int_equal(executor_run(&f->ex, last_step(f), &err), 0);
	assert_true(f->ex.program);
	assert_int_equal(exit_status(f), 42);
	assert_int_equal(executor_undo(&f->ex, &err), 0);
	assert_nothing_left(f);
	fixture_free(f);
}

static void assert_verify_fails(struct fixture *f, const struct step *s)
{
	struct error why = {0};
	auto_buf seen = BUF_INIT;

	if (s->ops->verify(s, &f->build, &seen, &why) == 0)
		fail_msg("verify of %s holds before it is done", s->ops->id);
	assert_true(why.cause[0]);
}

/* Each step says what it will do, and reads it back from the machine. A verify that cannot fail
 * proves nothing: before its step is done, each one does fail. */
static void test_step_by_step(void **state)
{
	char *command[] = {(char *)"/bin/busybox", (char *)"sleep", (char *)"1000"};
	struct fixture *f = fixture_new(command, 3);
	struct error err = {0};

	(void)state;
	for (size_t i = 0; i < f->plan->n; i++) {
		const struct step *s = &f->plan->steps[i];
		struct explanation e = {0};
		auto_buf seen = BUF_INIT;
		s->ops->explain(s, &f->build, &e);
		assert_true(e.call.len && e.shell.len && e.why.len);
		explanation_release(&e);
		if (strcmp(s->ops->id, "user") != 0) /* becoming who one is shows nowhere */
			assert_verify_fails(f, s);
		assert_int_equal(executor_run(&f->ex, i, &err), 0);
		assert_int_equal(s->state, STEP_STATE_DONE);
		assert_int_equal(s->ops->verify(s, &f->build, &seen, &err), 0);
		assert_true(seen.len > 0);
	}
	assert_int_equal(executor_undo(&f->ex, &err), 0);
	assert_nothing_left(f);
	fixture_free(f);
}

static void test_explanations_have_real_arguments(void **state)
{
	char *command[] = {(char *)"/bin/busybox", (char *)"echo", (char *)"xyzzy"};
	struct fixture *f = fixture_new(command, 3);
	struct error err = {0};
	char pid[64];

	(void)state;
	assert_int_equal(executor_run(&f->ex, (size_t)plan_find(f->plan, "clone"), &err), 0);
	snprintf(pid, sizeof pid, "/proc/%d/uid_map", (int)f->build.process.pid);
	static const char *const ids[] = {"idmap", "rootfs", "hostname", "exec"};
	const char *wanted[] = {pid, f->lower, "inside", "xyzzy"};
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		const struct step *s = &f->plan->steps[plan_find(f->plan, ids[i])];
		struct explanation e = {0};
		s->ops->explain(s, &f->build, &e);
		assert_non_null(strstr(buf_text(&e.call), wanted[i]));
		assert_non_null(strstr(buf_text(&e.shell), wanted[i]));
		explanation_release(&e);
	}
	executor_undo(&f->ex, NULL);
	fixture_free(f);
}

/* Every step made to fail in turn, in one go and step by step. */
static void test_each_step_fails(void **state)
{
	char *command[] = {(char *)"/bin/busybox", (char *)"true"};
	struct fixture *f = fixture_new(command, 2);

	(void)state;
	for (size_t i = 0; i < f->plan->n; i++) {
		struct error err = {0};
		f->ex.fail_step = f->plan->steps[i].ops->id;
		f->ex.fail_code = ENOSPC;
		if (i % 2)
			assert_int_equal(executor_run(&f->ex, i - 1, &err), 0);
		assert_int_equal(executor_run(&f->ex, last_step(f), &err), -ENOSPC);
		assert_int_equal(err.code, ENOSPC);
		assert_non_null(strstr(err.operation, f->ex.fail_step));
		assert_int_equal(f->plan->steps[i].state, STEP_STATE_FAILED);
		assert_true(f->plan->steps[i].error[0]);
		assert_nothing_left(f);
	}
	fixture_free(f);
}

/* Failures that the kernel makes itself, and what they mean here. */
static void test_real_failures(void **state)
{
	char *command[] = {(char *)"no-such-program"};
	struct fixture *f = fixture_new(command, 1);
	struct error err = {0};

	(void)state;
	assert_int_equal(executor_run(&f->ex, last_step(f), &err), -ENOENT);
	assert_string_equal(err.operation, "step exec: execve");
	assert_string_equal(err.object, "no-such-program");
	assert_non_null(strstr(err.cause, "PATH"));
	assert_nothing_left(f);

	err = (struct error){0};
	assert_int_equal(dir_remove_tree(AT_FDCWD, f->work), 0);
	assert_true(executor_run(&f->ex, last_step(f), &err) < 0);
	assert_non_null(strstr(err.operation, "rootfs"));
	assert_nothing_left(f);
	fixture_free(f);
}

/* The first process is killed between two steps: the next says so, and nothing is left. */
static void test_killed_between_steps(void **state)
{
	char *command[] = {(char *)"/bin/busybox", (char *)"true"};
	struct fixture *f = fixture_new(command, 2);
	struct error err = {0};

	(void)state;
	assert_int_equal(
	        executor_run(&f->ex, (size_t)plan_find(f->plan, "namespace-uts"), &err), 0);
	kill(f->build.process.pid, SIGKILL);
	assert_int_equal(executor_run(&f->ex, last_step(f), &err), -ECHILD);
	assert_nothing_left(f);
	fixture_free(f);
}

/* All the way back from each step, one at a time; then forward again. */
static void test_back(void **state)
{
	char *command[] = {(char *)"/bin/busybox", (char *)"sleep", (char *)"1000"};
	struct fixture *f = fixture_new(command, 3);
	struct error err = {0};

	(void)state;
	assert_int_equal(executor_run(&f->ex, last_step(f), &err), 0);
	for (size_t left = f->plan->n; left > 0; left--) {
		bool rebuilt, reversible = f->plan->steps[left - 1].ops->reversible;
		pid_t before = f->build.process.pid;
		if (executor_back(&f->ex, &rebuilt, &err) < 0)
			fail_msg("back from %s: %s: %s: %s", f->plan->steps[left - 1].ops->id,
			        err.operation, err.object, err.cause);
		assert_int_equal(f->ex.done, left - 1);
		assert_int_equal(rebuilt, !reversible);
		if (reversible && f->build.process.pid)
			assert_int_equal(f->build.process.pid, before);
		assert_int_equal(f->plan->steps[left - 1].state, STEP_STATE_TODO);
	}
	assert_int_equal(executor_back(&f->ex, NULL, &err), -ENOENT);
	assert_nothing_left(f);
	err = (struct error){0};
	assert_int_equal(executor_run(&f->ex, last_step(f), &err), 0);
	executor_undo(&f->ex, NULL);
	assert_nothing_left(f);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_full_speed),
	        cmocka_unit_test(test_step_by_step),
	        cmocka_unit_test(test_explanations_have_real_arguments),
	        cmocka_unit_test(test_each_step_fails),
	        cmocka_unit_test(test_real_failures),
	        cmocka_unit_test(test_killed_between_steps),
	        cmocka_unit_test(test_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
