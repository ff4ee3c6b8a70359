/* Directories that come and go as a whole. */
#include "kernel/base/staged.h"
#include "tests/unit/ledger_place.h"

static void it_has_its_name_when_it_is_full(void **state)
{
	struct place *p = *state;
	auto_free char *staged = NULL, *file = NULL;

	assert_int_equal(staged_make(p->path, &staged), 0);
	assert_int_equal(strrchr(staged, '/')[1], '.');
	assert_true(asprintf(&file, "%s/x", staged) > 0);
	assert_int_equal(file_replace_at(AT_FDCWD, file, "x", 1, 0600), 0);
	assert_int_equal(staged_publish(staged, full(p, "named")), 0);
	assert_true(inside(p, "named/x"));
	assert_int_equal(access(staged, F_OK), -1);
}

static void the_first_has_the_name(void **state)
{
	struct place *p = *state;
	auto_free char *staged = NULL;

	assert_int_equal(dir_make(full(p, "named"), 0700), 0);
	assert_int_equal(staged_make(p->path, &staged), 0);
	assert_int_equal(staged_publish(staged, full(p, "named")), -EEXIST);
	assert_int_equal(dir_make(full(p, "other"), 0700), 0);
	assert_int_equal(staged_remove(full(p, "other")), 0);
	assert_int_equal(access(staged, F_OK), 0);
	assert_int_equal(staged_remove(staged), 0);
	assert_true(inside(p, "named"));
}

static void what_is_removed_is_gone(void **state)
{
	struct place *p = *state;

	assert_int_equal(dir_make(full(p, "named/deep"), 0700), 0);
	touch(p, "named/deep/x");
	assert_int_equal(staged_remove(full(p, "named")), 0);
	assert_false(inside(p, "named"));
	assert_int_equal(staged_remove(full(p, "named")), 0);
	assert_int_equal(staged_remove("no-slash"), -EINVAL);
}

static void only_the_dead_abandon(void **state)
{
	struct place *p = *state;
	struct process_id alive = self(), dead = dead_process();
	char name[64];

	(void)p;
	snprintf(name, sizeof name, ".new-%d-%" PRIu64, (int)alive.pid, alive.start_time);
	assert_false(staged_abandoned(name));
	snprintf(name, sizeof name, ".new-%d-%" PRIu64, (int)alive.pid, alive.start_time + 1);
	assert_true(staged_abandoned(name));
	snprintf(name, sizeof name, ".new-%d-%" PRIu64, (int)dead.pid, dead.start_time);
	assert_true(staged_abandoned(name));
	strcat(name, "x");
	assert_false(staged_abandoned(name));
	assert_false(staged_abandoned(".."));
	assert_false(staged_abandoned("new-1-1"));
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(it_has_its_name_when_it_is_full),
	        T(the_first_has_the_name),
	        T(what_is_removed_is_gone),
	        T(only_the_dead_abandon),
	};
	return cmocka_run_group_tests_name("staged", tests, NULL, NULL);
}
