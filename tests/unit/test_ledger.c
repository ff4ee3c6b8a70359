/* The ledger: what stands in it is taken back, and nothing else. */
#include "kernel/do/cgroup/cgroup.h"
#include "kernel/do/ledger_file.h"
#include "tests/unit/ledger_place.h"

#include <net/if.h>
#include <sched.h>
#include <sys/mount.h>

static void every_kind_of_thing_is_undone(void **state)
{
	struct place *p = *state;
	struct process_id id = self();
	struct ledger *l = NULL;
	auto_buf report = BUF_INIT, text = BUF_INIT;
	char object[64];
	pid_t pid = sleeper("none");
	int status;

	id = id_of(pid);
	snprintf(object, sizeof object, "%d %" PRIu64, (int)pid, id.start_time);
	id = self();
	assert_int_equal(ledger_create(p->ledger, &id, &l, NULL), 0);
	assert_int_equal(ledger_add(l, LEDGER_PROCESS, object, NULL), 0);
	assert_int_equal(ledger_add(l, LEDGER_FILE, full(p, "file"), NULL), 0);
	touch(p, "file");
	assert_int_equal(ledger_add(l, LEDGER_TREE, full(p, "tree"), NULL), 0);
	assert_int_equal(dir_make(full(p, "tree/a/b"), 0700), 0);
	touch(p, "tree/a/b/c");
	touch(p, "control");
	assert_int_equal(ledger_add(l, LEDGER_CONTROL, full(p, "control\t-memory"), NULL), 0);
	touch(p, "neighbour");
	ledger_close(l);
	assert_int_equal(ledger_undo(p->ledger, &report, NULL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_false(inside(p, "file"));
	assert_false(inside(p, "tree"));
	assert_false(inside(p, "ledger"));
	assert_true(inside(p, "neighbour"));
	assert_int_equal(file_read_at(p->dir, "control", 100, &text), 0);
	assert_string_equal(buf_text(&text), "-memory");
	assert_non_null(strstr(buf_text(&report), "file /tmp/test-ledger-"));
	assert_non_null(strstr(buf_text(&report), "process "));
	assert_int_equal(ledger_undo(p->ledger, NULL, NULL), 0); /* again: there is none */
}

/* A mount stands in the way of the tree below it: only the reverse order works. */
static void the_last_made_goes_first(void **state)
{
	struct place *p = *state;
	struct process_id id = self();
	pid_t pid;
	int status;

	if (geteuid() != 0) {
		print_message("skip: only root can mount\n");
		skip();
	}
	pid = fork();
	if (pid == 0) {
		struct ledger *l = NULL;
		struct error err = {0};
		bool ok = unshare(CLONE_NEWNS) == 0 &&
		          mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
		          ledger_create(p->ledger, &id, &l, NULL) == 0 &&
		          ledger_add(l, LEDGER_TREE, full(p, "t"), NULL) == 0 &&
		          dir_make(full(p, "t/m"), 0700) == 0 &&
		          ledger_add(l, LEDGER_MOUNT, full(p, "t/m"), NULL) == 0 &&
		          mount("tmpfs", full(p, "t/m"), "tmpfs", 0, NULL) == 0 &&
		          ledger_undo(p->ledger, NULL, &err) == 0 && !inside(p, "t");
		_exit(ok ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void a_link_is_removed(void **state)
{
	struct place *p = *state;
	struct process_id id = self();
	pid_t pid;
	int status;

	if (geteuid() != 0 || system("ip link help >/dev/null 2>&1") == 127) {
		print_message("skip: needs root and ip(8)\n");
		skip();
	}
	pid = fork();
	if (pid == 0) {
		struct ledger *l = NULL;
		if (unshare(CLONE_NEWNET) < 0)
			_exit(2);
		if (ledger_create(p->ledger, &id, &l, NULL) < 0 ||
		        ledger_add(l, LEDGER_LINK, "ground0", NULL) < 0 ||
		        ledger_add(l, LEDGER_LINK, "never", NULL) < 0)
			_exit(3);
		if (system("ip link add ground0 type bridge 2>/dev/null") != 0 &&
		        system("ip link add ground0 type dummy") != 0)
			_exit(4);
		if (!if_nametoindex("ground0") || ledger_undo(p->ledger, NULL, NULL) < 0)
			_exit(5);
		_exit(if_nametoindex("ground0") ? 6 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 4) {
		print_message("skip: this kernel has no bridge and no dummy links\n");
		skip();
	}
	assert_int_equal(status, 0);
}

static void what_is_in_another_namespace_is_left(void **state)
{
	struct place *p = *state;
	struct process_id id = self();
	struct ledger *l = NULL;
	pid_t pid;
	int status;

	if (geteuid() != 0) {
		print_message("skip: only root can mount\n");
		skip();
	}
	assert_int_equal(ledger_create(p->ledger, &id, &l, NULL), 0);
	assert_int_equal(dir_make(full(p, "m"), 0700), 0);
	assert_int_equal(ledger_add(l, LEDGER_MOUNT, full(p, "m"), NULL), 0);
	ledger_close(l);
	pid = fork();
	if (pid == 0) {
		bool ok = unshare(CLONE_NEWNS) == 0 &&
		          mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
		          mount("tmpfs", full(p, "m"), "tmpfs", 0, NULL) == 0 &&
		          ledger_undo(p->ledger, NULL, NULL) == 0;
		struct stat above, mounted;
		/* A mount of the same name, but not the one that was written down. */
		ok = ok && stat(p->path, &above) == 0 && stat(full(p, "m"), &mounted) == 0 &&
		     above.st_dev != mounted.st_dev;
		_exit(ok ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void a_control_group_is_emptied_and_removed(void **state)
{
	struct place *p = *state;
	struct process_id id = self();
	struct ledger *l = NULL;
	struct cgroup *cg = NULL;
	pid_t pid;
	int status;

	if (!(cgroup_controllers_usable() & CGROUP_PIDS)) {
		print_message("skip: cgroup pids is not usable here\n");
		skip();
	}
	assert_int_equal(ledger_create(p->ledger, &id, &l, NULL), 0);
	assert_int_equal(cgroup_new("ground-ledger", CGROUP_PIDS, &cg, NULL), 0);
	assert_int_equal(cgroup_create(cg, l, NULL), 0);
	pid = sleeper("none");
	assert_int_equal(cgroup_attach(cg, pid, NULL), 0);
	ledger_close(l);
	assert_int_equal(ledger_undo(p->ledger, NULL, NULL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(access(cgroup_directory(cg, CGROUP_PIDS), F_OK), -1);
	cgroup_free(cg);
}

static void append(struct place *p, const char *text)
{
	auto_close fd = openat(p->dir, "ledger", O_WRONLY | O_APPEND | O_CLOEXEC);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

/* kill -9 or a full disk in the middle of a line: half a path is not a path. */
static void a_torn_line_is_ignored(void **state)
{
	struct place *p = *state;
	struct process_id id = self();
	struct ledger *l = NULL;
	char line[256];

	assert_int_equal(ledger_create(p->ledger, &id, &l, NULL), 0);
	ledger_close(l);
	assert_int_equal(dir_make(full(p, "precious/thing"), 0700), 0);
	/* the line for "precious/thing", cut after "precious" */
	snprintf(line, sizeof line, "tree 0 %zu %s/precious", strlen(full(p, "precious/thing")),
	        p->path);
	append(p, line);
	/* whoever writes next closes the torn line first */
	assert_int_equal(ledger_open(p->ledger, &l, NULL), 0);
	assert_int_equal(ledger_add(l, LEDGER_FILE, full(p, "file"), NULL), 0);
	ledger_close(l);
	append(p, "tree 0 99 /et");
	touch(p, "file");
	assert_int_equal(ledger_undo(p->ledger, NULL, NULL), 0);
	assert_true(inside(p, "precious/thing"));
	assert_false(inside(p, "file"));
}

static void odd_names_survive(void **state)
{
	struct place *p = *state;
	struct process_id id = self();
	struct ledger *l = NULL;

	assert_int_equal(ledger_create(p->ledger, &id, &l, NULL), 0);
	assert_int_equal(ledger_add(l, LEDGER_FILE, full(p, "a b\nfile 0 9 \\012 x\t"), NULL), 0);
	ledger_close(l);
	touch(p, "a b\nfile 0 9 \\012 x\t");
	assert_int_equal(ledger_undo(p->ledger, NULL, NULL), 0);
	assert_false(inside(p, "a b\nfile 0 9 \\012 x\t"));
}

static void what_cannot_be_undone_stays_written(void **state)
{
	struct place *p = *state;
	struct process_id id = self();
	struct ledger *l = NULL;
	struct error err = {0};
	auto_buf text = BUF_INIT;

	assert_int_equal(ledger_create(p->ledger, &id, &l, NULL), 0);
	assert_int_equal(ledger_add(l, LEDGER_FILE, full(p, "first"), NULL), 0);
	/* a directory is no file: unlink(2) fails */
	assert_int_equal(ledger_add(l, LEDGER_FILE, full(p, "directory"), NULL), 0);
	assert_int_equal(ledger_add(l, LEDGER_FILE, full(p, "last"), NULL), 0);
	ledger_close(l);
	touch(p, "first");
	touch(p, "last");
	assert_int_equal(dir_make(full(p, "directory"), 0700), 0);
	assert_true(ledger_undo(p->ledger, NULL, &err) < 0);
	assert_string_equal(err.object, full(p, "directory"));
	assert_false(inside(p, "first"));
	assert_false(inside(p, "last"));
	assert_int_equal(file_read_at(p->dir, "ledger", 1000, &text), 0);
	assert_non_null(strstr(buf_text(&text), "/directory\n"));
	assert_null(strstr(buf_text(&text), "/first"));
	assert_int_equal(rmdir(full(p, "directory")), 0);
	assert_int_equal(ledger_undo(p->ledger, NULL, NULL), 0);
}

/* Numbers of processes mean nothing after a reboot. */
static void after_a_reboot_no_process_is_touched(void **state)
{
	struct place *p = *state;
	auto_buf text = BUF_INIT;
	pid_t pid = sleeper("none");
	struct process_id id = id_of(pid), owner;
	char object[64];

	snprintf(object, sizeof object, "%d %" PRIu64, (int)pid, id.start_time);
	buf_addf(&text, "cutaway-ledger 1 %d %" PRIu64 " 00000000-another-boot\n", (int)pid,
	        id.start_time);
	buf_addf(&text, "process 0 %zu %s\nfile 0 %zu %s\n", strlen(object), object,
	        strlen(full(p, "file")), full(p, "file"));
	assert_int_equal(file_replace_at(p->dir, "ledger", text.data, text.len, 0600), 0);
	touch(p, "file");
	assert_int_equal(ledger_owner(p->ledger, &owner), 0);
	assert_int_equal(owner.pid, 0);
	assert_int_equal(ledger_undo(p->ledger, NULL, NULL), 0);
	assert_false(inside(p, "file"));
	assert_true(process_id_alive(&id));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void what_is_no_ledger_is_refused(void **state)
{
	struct place *p = *state;
	struct error err = {0};

	touch(p, "ledger");
	assert_int_equal(ledger_undo(p->ledger, NULL, &err), -EBADMSG);
	assert_true(inside(p, "ledger"));
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(every_kind_of_thing_is_undone),
	        T(the_last_made_goes_first),
	        T(a_link_is_removed),
	        T(what_is_in_another_namespace_is_left),
	        T(a_control_group_is_emptied_and_removed),
	        T(a_torn_line_is_ignored),
	        T(odd_names_survive),
	        T(what_cannot_be_undone_stays_written),
	        T(after_a_reboot_no_process_is_touched),
	        T(what_is_no_ledger_is_refused),
	};
	return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
