/* The ledger: what stands in it is taken back, and nothing else. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/cgroup.h"
#include "kernel/do/ledger.h"
#include "kernel/do/ledger_file.h"
#include "kernel/do/sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

struct place {
	char path[64], ledger[80];
	int dir;
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	strcpy(p->path, "/tmp/test-ledger-XXXXXX");
	assert_non_null(mkdtemp(p->path));
	snprintf(p->ledger, sizeof p->ledger, "%s/ledger", p->path);
	p->dir = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	setenv("XDG_RUNTIME_DIR", p->path, 1);
	setenv("XDG_DATA_HOME", p->path, 1);
	unsetenv(LAB_VARIABLE);
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

static struct process_id self(void)
{
	struct process_id id;

	assert_int_equal(process_id_read(getpid(), &id), 0);
	return id;
}

/* A process that waits until it is killed, with `lab` in its environment as execve left it. */
static pid_t sleeper(const char *lab)
{
	pid_t pid = fork();

	if (pid == 0) {
		char variable[64];
		char program[] = "sleep", time[] = "1000";
		char *argv[] = {program, time, NULL}, *envp[] = {variable, NULL};
		snprintf(variable, sizeof variable, LAB_VARIABLE "=%s", lab);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execve("/bin/sleep", argv, envp);
		_exit(127);
	}
	assert_true(pid > 0);
	return pid;
}

static struct process_id id_of(pid_t pid)
{
	struct process_id id;

	assert_int_equal(process_id_read(pid, &id), 0);
	return id;
}

/* One that existed and is no more. */
static struct process_id dead_process(void)
{
	pid_t pid = sleeper("none");
	struct process_id id = id_of(pid);

	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return id;
}

static void touch(struct place *p, const char *name)
{
	assert_int_equal(file_replace_at(p->dir, name, "x", 1, 0600), 0);
}

static bool inside(struct place *p, const char *name)
{
	return faccessat(p->dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static const char *full(struct place *p, const char *name)
{
	static char path[160]; /* valid until the next call */

	snprintf(path, sizeof path, "%s/%s", p->path, name);
	return path;
}

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

/* --- sweeping --- */

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
	        T(only_orphans_are_swept),
	        T(the_end_of_a_lab_ends_what_is_its),
	        T(all_ends_the_living_too),
	};
	return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
