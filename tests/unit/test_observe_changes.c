/* Observations after a change, which read what was told of and take the rest from the one before:
 * what was told is there at once, what was not is found sooner or later, and a whole look sees the
 * same. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/observe/observer.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { DEADLINE_MS = 10000 };

static char runtime[] = "/tmp/cutaway-changes.XXXXXX";

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(runtime) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return dir_remove_tree(AT_FDCWD, runtime);
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct model *observe(void)
{
	const struct observer_options options = {.runtime = runtime};
	struct observer *o = NULL;
	struct model *m = NULL;

	assert_int_equal(observer_new(&options, &o, NULL), 0);
	assert_int_equal(observer_read(o, &m, NULL), 0);
	observer_free(o);
	return m;
}

static struct model *look_again(struct observer *o, bool all, pid_t pid)
{
	struct observer_changes changes = {.all = all};
	struct model *m = NULL;

	if (pid)
		changes_add(&changes, pid);
	assert_int_equal(observer_read_changed(o, &changes, &m, NULL), 0);
	return m;
}

static const char *comm_of(const struct model *m, pid_t pid)
{
	const struct model_process *p = model_process(m, pid);

	return p ? p->comm : "";
}

/* A child that has another name as soon as it is told to, so that there is a change of which nobody
 * tells the observer. Not of the lab and in no container: those are looked at each time. */
static pid_t start_actor(int *ret_tell)
{
	int pipes[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		close(pipes[1]);
		prctl(PR_SET_NAME, "before");
		if (read(pipes[0], &byte, 1) == 1)
			prctl(PR_SET_NAME, "after");
		while (read(pipes[0], &byte, 1) > 0)
			;
		_exit(0);
	}
	close(pipes[0]);
	*ret_tell = pipes[1];
	return pid;
}

static void wait_for_name(pid_t pid, const char *name)
{
	long deadline = now_ms() + DEADLINE_MS;
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
	for (;;) {
		auto_buf text = BUF_INIT;
		if (file_read_at(AT_FDCWD, path, 64, &text) == 0 &&
		        !strncmp(buf_text(&text), name, strlen(name)))
			return;
		assert_true(now_ms() < deadline);
	}
}

static void changes_alone(void **state)
{
	const struct observer_options options = {.runtime = runtime};
	struct observer *o = NULL;
	struct model *m, *whole;
	const struct model_process *a, *b;
	size_t looks = 0, most;
	int tell;
	pid_t pid;

	(void)state;
	assert_int_equal(observer_new(&options, &o, NULL), 0);
	model_free(look_again(o, true, 0));
	pid = start_actor(&tell);
	wait_for_name(pid, "before");
	m = look_again(o, false, pid); /* told: it is there, and as a whole look has it */
	whole = observe();
	a = model_process(m, pid);
	b = model_process(whole, pid);
	assert_non_null(a);
	assert_non_null(b);
	assert_string_equal(a->comm, "before");
	assert_string_equal(a->cmdline, b->cmdline);
	assert_int_equal(a->ppid, getpid());
	assert_int_equal(a->start_time, b->start_time);
	assert_memory_equal(a->ns, b->ns, sizeof a->ns);
	assert_string_equal(m->cgroups[a->cgroup].path, whole->cgroups[b->cgroup].path);
	model_free(whole);
	model_free(m);

	m = look_again(o, false, 0); /* nobody told anything: it is still there */
	assert_string_equal(comm_of(m, pid), "before");
	most = m->n_processes + 8;
	model_free(m);
	assert_int_equal(write(tell, "x", 1), 1);
	wait_for_name(pid, "after");
	do { /* nobody told, and it is found all the same, sooner or later */
		m = look_again(o, false, 0);
		looks += !strcmp(comm_of(m, pid), "after") ? most : 1;
		model_free(m);
	} while (looks < most);
	m = look_again(o, false, 0);
	assert_string_equal(comm_of(m, pid), "after");
	model_free(m);

	close(tell);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	m = look_again(o, false, pid);
	assert_null(model_process(m, pid));
	model_free(m);
	observer_free(o);
}

/* Nobody tells of processes: who came and who went is found all the same. */
static void nobody_tells(void **state)
{
	const struct observer_options options = {.runtime = runtime};
	const struct observer_changes untold = {.untold = true};
	struct observer *o = NULL;
	struct model *m = NULL;
	int tell;
	pid_t pid;

	(void)state;
	assert_int_equal(observer_new(&options, &o, NULL), 0);
	model_free(look_again(o, true, 0));
	pid = start_actor(&tell);
	wait_for_name(pid, "before");
	assert_int_equal(observer_read_changed(o, &untold, &m, NULL), 0);
	assert_string_equal(comm_of(m, pid), "before");
	assert_non_null(model_process(m, getpid()));
	model_free(m);

	close(tell);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(observer_read_changed(o, &untold, &m, NULL), 0);
	assert_null(model_process(m, pid));
	model_free(m);
	observer_free(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(changes_alone),
	        cmocka_unit_test(nobody_tells),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
