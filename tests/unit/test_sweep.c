/* Sweeping: what belongs to the dead goes, what belongs to the living stays. */
#include "kernel/do/network/network.h"
#include "kernel/do/network/record.h"
#include "tests/unit/ledger_place.h"

#include <sched.h>
#include <time.h>

static void make_container(
        struct place *p, const char *name, const struct process_id *owner, const char *lab)
{
	char path[160];
	auto_buf state = BUF_INIT;
	struct ledger *l = NULL;

	snprintf(path, sizeof path, "%s/cutaway/containers/%s", p->path, name);
	assert_int_equal(dir_make(path, 0700), 0);
	buf_addf(&state, "{\"monitor_pid\":%d,\"monitor_start\":%" PRIu64 ",\"lab\":\"%s\"}",
	        (int)owner->pid, owner->start_time, lab);
	strcat(path, "/state.json");
	assert_int_equal(file_replace_at(AT_FDCWD, path, state.data, state.len, 0600), 0);
	strcpy(strrchr(path, '/'), "/ledger");
	assert_int_equal(ledger_create(path, owner, &l, NULL), 0);
	snprintf(path, sizeof path, "%s/thing-of-%s", p->path, name);
	assert_int_equal(ledger_add(l, LEDGER_FILE, path, NULL), 0);
	touch(p, path + strlen(p->path) + 1);
	ledger_close(l);
}

static void make_lab(struct place *p, const char *id, const struct process_id *owner)
{
	char path[160];
	struct ledger *l = NULL;

	snprintf(path, sizeof path, "%s/cutaway/labs/%s", p->path, id);
	assert_int_equal(dir_make(path, 0700), 0);
	strcat(path, "/ledger");
	assert_int_equal(ledger_create(path, owner, &l, NULL), 0);
	ledger_close(l);
}

static void only_orphans_are_swept(void **state)
{
	struct place *p = *state;
	struct process_id dead = dead_process(), alive = self();
	const struct sweep_options dry = {.dry_run = true}, normal = {0};
	auto_buf report = BUF_INIT, again = BUF_INIT;

	make_container(p, "orphan", &dead, "");
	make_container(p, "living", &alive, "");
	make_lab(p, "old-1", &dead);
	make_lab(p, "new-1", &alive);
	assert_int_equal(sweep(&dry, &report, NULL), 0);
	assert_non_null(strstr(buf_text(&report), "container orphan\n"));
	assert_non_null(strstr(buf_text(&report), "/thing-of-orphan\n"));
	assert_non_null(strstr(buf_text(&report), "lab old-1\n"));
	assert_null(strstr(buf_text(&report), "living"));
	assert_true(inside(p, "thing-of-orphan"));
	assert_int_equal(sweep(&normal, &report, NULL), 0);
	assert_false(inside(p, "thing-of-orphan"));
	assert_false(inside(p, "cutaway/containers/orphan"));
	assert_false(inside(p, "cutaway/labs/old-1"));
	assert_true(inside(p, "thing-of-living"));
	assert_true(inside(p, "cutaway/containers/living/ledger"));
	assert_true(inside(p, "cutaway/labs/new-1/ledger"));
	assert_int_equal(sweep(&normal, &again, NULL), 0);
	assert_int_equal(again.len, 0);
}

static void the_end_of_a_lab_ends_what_is_its(void **state)
{
	struct place *p = *state;
	struct process_id dead = dead_process(), monitor, other_monitor;
	pid_t stray = sleeper("gone-7"), other = sleeper("other-7");
	pid_t m = sleeper("none"), o = sleeper("none");
	const struct sweep_options normal = {0};
	struct process_id other_id;

	/* the environment is there to be seen once execve(2) is done, and so is "sleep" */
	for (;;) {
		auto_buf comm = BUF_INIT;
		char path[64];
		snprintf(path, sizeof path, "/proc/%d/comm", (int)other);
		if (file_read_at(AT_FDCWD, path, 64, &comm) == 0 &&
		        !strcmp(buf_text(&comm), "sleep\n")) {
			buf_reset(&comm);
			snprintf(path, sizeof path, "/proc/%d/comm", (int)stray);
			if (file_read_at(AT_FDCWD, path, 64, &comm) == 0 &&
			        !strcmp(buf_text(&comm), "sleep\n"))
				break;
		}
		sched_yield();
	}
	other_id = id_of(other);
	monitor = id_of(m);
	other_monitor = id_of(o);
	make_lab(p, "gone-7", &dead);
	make_container(p, "mine", &monitor, "gone-7");
	make_container(p, "theirs", &other_monitor, "other-7");
	make_lab(p, "other-7", &other_monitor);
	assert_int_equal(sweep(&normal, NULL, NULL), 0);
	assert_int_equal(waitpid(stray, NULL, 0), stray);
	assert_int_equal(waitpid(m, NULL, 0), m);
	assert_false(inside(p, "cutaway/containers/mine"));
	assert_false(inside(p, "cutaway/labs/gone-7"));
	assert_true(inside(p, "cutaway/containers/theirs"));
	assert_true(process_id_alive(&other_id));
	assert_true(process_id_alive(&other_monitor));
	kill(other, SIGKILL);
	kill(o, SIGKILL);
	waitpid(other, NULL, 0);
	waitpid(o, NULL, 0);
}

/* Its monitor lives, but the lab that it belongs to has ended: so it ends too. */
static void a_container_does_not_outlive_its_lab(void **state)
{
	struct place *p = *state;
	pid_t m = sleeper("none");
	struct process_id monitor = id_of(m);
	const struct sweep_options normal = {0};

	make_container(p, "late", &monitor, "nowhere-3");
	assert_int_equal(sweep(&normal, NULL, NULL), 0);
	assert_int_equal(waitpid(m, NULL, 0), m);
	assert_false(inside(p, "cutaway/containers/late"));
	assert_false(inside(p, "thing-of-late"));
}

static void all_ends_the_living_too(void **state)
{
	struct place *p = *state;
	pid_t m = sleeper("none");
	struct process_id monitor = id_of(m);
	const struct sweep_options all = {.all = true};
	int status;

	make_container(p, "running", &monitor, "");
	assert_int_equal(dir_make(full(p, "cutaway/containers/exited"), 0700), 0);
	touch(p, "cutaway/containers/exited/state.json");
	assert_int_equal(sweep(&all, NULL, NULL), 0);
	assert_int_equal(waitpid(m, &status, 0), m);
	assert_false(inside(p, "thing-of-running"));
	assert_false(inside(p, "cutaway/containers/running"));
	assert_false(inside(p, "cutaway/containers/exited"));
}

/* A monitor that is killed before its first state.json has not said which lab it belongs to. */
static void the_end_of_a_lab_takes_orphans_along(void **state)
{
	struct place *p = *state;
	struct process_id dead = dead_process(), alive = self();

	make_lab(p, "gone-7", &dead);
	make_container(p, "early", &dead, "");
	make_container(p, "theirs", &alive, "");
	assert_int_equal(unlink(full(p, "cutaway/containers/early/state.json")), 0);
	assert_int_equal(lab_containers_end("gone-7", NULL, NULL), 0);
	assert_false(inside(p, "thing-of-early"));
	assert_false(inside(p, "cutaway/containers/early"));
	assert_true(inside(p, "cutaway/containers/theirs"));
}

/* Killed between the making of a directory and its ledger, or in the middle of its removal. */
static void half_a_directory_goes(void **state)
{
	struct place *p = *state;
	struct process_id dead = dead_process(), alive = self();
	const struct sweep_options normal = {0}, dry = {.dry_run = true};
	char of_dead[96], of_alive[96], lab_of_dead[96], lab_of_alive[96];

	snprintf(of_dead, sizeof of_dead, "cutaway/containers/.old-%d-%" PRIu64, (int)dead.pid,
	        dead.start_time);
	snprintf(of_alive, sizeof of_alive, "cutaway/containers/.old-%d-%" PRIu64, (int)alive.pid,
	        alive.start_time);
	snprintf(lab_of_dead, sizeof lab_of_dead, "cutaway/labs/%d-0", (int)dead.pid);
	snprintf(lab_of_alive, sizeof lab_of_alive, "cutaway/labs/%d-0", (int)alive.pid);
	assert_int_equal(dir_make(full(p, of_dead), 0700), 0);
	assert_int_equal(dir_make(full(p, of_alive), 0700), 0);
	assert_int_equal(dir_make(full(p, lab_of_dead), 0700), 0);
	assert_int_equal(dir_make(full(p, lab_of_alive), 0700), 0);
	assert_int_equal(sweep(&dry, NULL, NULL), 0);
	assert_true(inside(p, of_dead));
	assert_true(inside(p, lab_of_dead));
	assert_int_equal(sweep(&normal, NULL, NULL), 0);
	assert_false(inside(p, of_dead));
	assert_true(inside(p, of_alive));
	assert_false(inside(p, lab_of_dead));
	assert_true(inside(p, lab_of_alive));
}

/* Root with another user's XDG_RUNTIME_DIR must not remove what that user writes down. */
static void nobody_elses_ledger_is_undone(void **state)
{
	struct place *p = *state;
	struct process_id dead = dead_process();
	const struct sweep_options normal = {0};
	struct error err = {0};

	if (geteuid() != 0)
		skip(); /* only root can make it so */
	make_container(p, "theirs", &dead, "");
	assert_int_equal(chown(full(p, "cutaway/containers/theirs/ledger"), 12345, 12345), 0);
	assert_int_equal(sweep(&normal, NULL, &err), -EPERM);
	assert_true(inside(p, "thing-of-theirs"));
	assert_true(inside(p, "cutaway/containers/theirs"));
	assert_int_equal(chown(full(p, "cutaway/containers/theirs/ledger"), 0, 0), 0);
	assert_int_equal(sweep(&normal, NULL, NULL), 0);
	assert_false(inside(p, "thing-of-theirs"));
}

/* ---- the bridge ---------------------------------------------------------------------------- */

static void put_on_bridge(const char *directory, const char *name, uint32_t host)
{
	json_t *record = record_read(directory);

	assert_int_equal(record_add(record, name, name, host), 0);
	assert_int_equal(record_write(directory, record), 0);
	json_decref(record);
}

/* Whether a process waits for a lock of a file: proc_locks(5), "->". */
static bool waits_for_lock(pid_t pid)
{
	auto_buf locks = BUF_INIT;
	auto_free char *wanted = NULL;

	assert_int_equal(file_read_at(AT_FDCWD, "/proc/locks", 1 << 20, &locks), 0);
	assert_true(asprintf(&wanted, " WRITE %d ", (int)pid) > 0);
	for (const char *line = buf_text(&locks); *line; line += strcspn(line, "\n") + 1) {
		const char *end = strchrnul(line, '\n'), *found = strstr(line, wanted),
		           *arrow = strstr(line, " -> ");
		if (found && found < end && arrow && arrow < end)
			return true;
		if (!*end)
			break;
	}
	return false;
}

/* A sweep that comes to a bridge while a container of the name of a dead one joins it. */
static void who_joins_meanwhile_stays(void **state)
{
	struct place *p = *state;
	const struct timespec short_time = {0, 1000000};
	auto_free char *directory = strdup(full(p, "cutaway/network/main"));
	auto_close lock = record_lock(directory, true);
	json_t *record;
	int status;
	pid_t pid;

	assert_true(lock >= 0);
	put_on_bridge(directory, "red", 2);
	put_on_bridge(directory, "blue", 3);
	pid = fork();
	if (!pid) {
		close(lock); /* a lock of flock(2) is shared with a child */
		_exit(network_sweep(full(p, "cutaway"), false, NULL, NULL) != 0);
	}
	while (!waits_for_lock(pid)) {
		assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
		nanosleep(&short_time, NULL);
	}
	assert_int_equal(dir_make(full(p, "cutaway/containers/red"), 0700), 0);
	assert_int_equal(close(steal_fd(&lock)), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	record = record_read(directory);
	assert_int_equal(record_host(record, "red"), 2);
	assert_int_equal(record_host(record, "blue"), 0);
	json_decref(record);
}

/* When the last one goes, so does the bridge. */
static void nobody_on_the_bridge(void **state)
{
	struct place *p = *state;
	auto_free char *directory = strdup(full(p, "cutaway/network/main"));
	auto_buf report = BUF_INIT;

	assert_int_equal(dir_make(directory, 0700), 0);
	put_on_bridge(directory, "red", 2);
	put_on_bridge(directory, "blue", 3);
	assert_int_equal(network_sweep(full(p, "cutaway"), true, &report, NULL), 0);
	assert_true(inside(p, "cutaway/network/main"));
	assert_int_equal(network_sweep(full(p, "cutaway"), false, &report, NULL), 0);
	assert_false(inside(p, "cutaway/network/main"));
	assert_string_equal(
	        buf_text(&report), "network red\nnetwork blue\nnetwork red\nnetwork blue\n");
	assert_int_equal(dir_make(directory, 0700), 0);
	assert_int_equal(network_sweep(full(p, "cutaway"), false, NULL, NULL), 0);
	assert_false(inside(p, "cutaway/network/main"));
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(only_orphans_are_swept),
	        T(who_joins_meanwhile_stays),
	        T(nobody_on_the_bridge),
	        T(the_end_of_a_lab_ends_what_is_its),
	        T(a_container_does_not_outlive_its_lab),
	        T(all_ends_the_living_too),
	        T(the_end_of_a_lab_takes_orphans_along),
	        T(half_a_directory_goes),
	        T(nobody_elses_ledger_is_undone),
	};
	return cmocka_run_group_tests_name("sweep", tests, NULL, NULL);
}
