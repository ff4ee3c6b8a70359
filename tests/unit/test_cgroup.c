/* Control groups: the layouts that machines have, read from recorded texts; and the real ones here.
 */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/do/cgroup/base.h"
#include "kernel/do/cgroup/cgroup.h"
#include "kernel/do/cgroup/layout.h"
#include "kernel/do/cgroup/remove.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

static const char debian_v2_mounts[] =
        "22 27 0:20 / /sys rw,nosuid - sysfs sysfs rw\n"
        "29 22 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 "
        "rw,nsdelegate,memory_recursiveprot\n";
static const char laptop_own[] =
        "0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-r1.scope\n";

static const char v1_mounts[] =
        "30 22 0:25 / /sys/fs/cgroup ro,nosuid shared:8 - tmpfs tmpfs ro,mode=755\n"
        "33 30 0:28 / /sys/fs/cgroup/systemd rw shared:10 - cgroup cgroup "
        "rw,xattr,release_agent=/lib/systemd/systemd-cgroups-agent,name=systemd\n"
        "36 30 0:31 / /sys/fs/cgroup/cpu,cpuacct rw shared:13 - cgroup cgroup rw,cpu,cpuacct\n"
        "37 30 0:32 / /sys/fs/cgroup/memory rw shared:14 - cgroup cgroup rw,memory\n"
        "38 30 0:33 / /sys/fs/cgroup/pids rw shared:15 - cgroup cgroup rw,pids\n"
        "39 30 0:34 / /sys/fs/cgroup/my\\040freezer rw shared:16 - cgroup cgroup rw,freezer\n";
static const char v1_own[] = "9:name=systemd:/user.slice\n5:cpuacct,cpu:/a\n4:memory:/b\n"
                             "3:pids:/c\n2:freezer:/\n";

static void layout_of_a_v2_laptop(void **state)
{
	struct cgroup_layout l;

	(void)state;
	assert_int_equal(cgroup_layout_parse(debian_v2_mounts, laptop_own, &l), 0);
	assert_int_equal(l.mode, CGROUP_V2);
	assert_int_equal(l.n, 1);
	assert_string_equal(l.hierarchies[0].mount, "/sys/fs/cgroup");
	assert_string_equal(cgroup_hierarchy_relative(&l.hierarchies[0], l.hierarchies[0].own),
	        "/user.slice/user-1000.slice/user@1000.service/app.slice/run-r1.scope");
	assert_ptr_equal(cgroup_layout_find(&l, CGROUP_MEMORY), &l.hierarchies[0]);
	cgroup_layout_release(&l);
}

static void layout_of_v1_with_joined_controllers(void **state)
{
	struct cgroup_layout l;
	const struct cgroup_hierarchy *h;

	(void)state;
	assert_int_equal(cgroup_layout_parse(v1_mounts, v1_own, &l), 0);
	assert_int_equal(l.mode, CGROUP_V1);
	h = cgroup_layout_find(&l, CGROUP_CPU);
	assert_non_null(h);
	assert_string_equal(h->names, "cpu,cpuacct");
	assert_string_equal(h->own, "/a"); /* the kernel may list them in another order */
	h = cgroup_layout_find(&l, CGROUP_FREEZER);
	assert_non_null(h);
	assert_string_equal(h->mount, "/sys/fs/cgroup/my freezer");
	assert_string_equal(cgroup_hierarchy_relative(h, h->own), "");
	h = cgroup_layout_find(&l, CGROUP_MEMORY);
	assert_non_null(h);
	assert_string_equal(h->own, "/b");
	cgroup_layout_release(&l);
}

static void layout_of_a_hybrid_machine(void **state)
{
	auto_buf mounts = BUF_INIT, own = BUF_INIT;
	struct cgroup_layout l;

	(void)state;
	buf_add(&mounts, v1_mounts);
	buf_add(&mounts, "41 30 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
	buf_add(&own, v1_own);
	buf_add(&own, "0::/x\n");
	assert_int_equal(cgroup_layout_parse(buf_text(&mounts), buf_text(&own), &l), 0);
	assert_int_equal(l.mode, CGROUP_HYBRID);
	/* A controller is where v1 has it, though v2 is there too. */
	assert_string_equal(cgroup_layout_find(&l, CGROUP_MEMORY)->mount, "/sys/fs/cgroup/memory");
	cgroup_layout_release(&l);
}

static void layout_seen_in_a_container(void **state)
{
	struct cgroup_layout l;

	(void)state;
	assert_int_equal(cgroup_layout_parse("9 8 0:3 /docker/7 /sys/fs/cgroup/pids ro - cgroup "
	                                     "cgroup rw,pids\n"
	                                     "10 8 0:3 / /host/pids ro - cgroup cgroup rw,pids\n",
	                         "3:pids:/docker/7/sub\n", &l),
	        0);
	assert_int_equal(l.n, 1); /* two views of one tree: the wider is kept */
	assert_string_equal(l.hierarchies[0].mount, "/host/pids");
	free(l.hierarchies[0].root);
	l.hierarchies[0].root = strdup("/docker/7");
	assert_string_equal(cgroup_hierarchy_relative(&l.hierarchies[0], "/docker/7/sub"), "/sub");
	assert_null(cgroup_hierarchy_relative(&l.hierarchies[0], "/docker/77"));
	assert_null(cgroup_hierarchy_relative(&l.hierarchies[0], "/../other"));
	cgroup_layout_release(&l);
}

static void layout_without_control_groups(void **state)
{
	struct cgroup_layout l;

	(void)state;
	assert_int_equal(cgroup_layout_parse("1 0 8:1 / / rw - ext4 /dev/sda1 rw\nnonsense\n\n- -\n"
	                                     "1 2 3 4 5 6 -\n",
	                         "garbage\n1:x\n", &l),
	        0);
	assert_int_equal(l.mode, CGROUP_NONE);
	assert_null(cgroup_layout_find(&l, CGROUP_MEMORY));
	cgroup_layout_release(&l);
	/* systemd's own tree sorts processes but limits nothing */
	assert_int_equal(cgroup_layout_parse("3 2 0:28 / /sys/fs/cgroup/systemd rw - cgroup cgroup "
	                                     "rw,name=systemd\n",
	                         "1:name=systemd:/\n", &l),
	        0);
	assert_int_equal(l.mode, CGROUP_NONE);
	cgroup_layout_release(&l);
}

/* A group as far as its files tell, in an ordinary directory. */
static void fake_group(const char *dir, const char *controllers, const char *on, const char *procs)
{
	auto_close fd = -1;

	assert_int_equal(dir_make(dir, 0755), 0);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(file_replace_at(fd, "cgroup.type", "domain\n", 7, 0644), 0);
	assert_int_equal(
	        file_replace_at(fd, "cgroup.controllers", controllers, strlen(controllers), 0644),
	        0);
	assert_int_equal(file_replace_at(fd, "cgroup.subtree_control", on, strlen(on), 0644), 0);
	assert_int_equal(file_replace_at(fd, "cgroup.procs", procs, strlen(procs), 0644), 0);
}

static int find_base(const struct cgroup_hierarchy *h, unsigned wanted, const char *expected)
{
	auto_free char *base = NULL;
	int r = cgroup_base_find(h, wanted, &base);

	if (r == 0)
		assert_string_equal(base + strlen(h->mount), expected);
	return r;
}

/* "No internal processes": the nearest group above that can hold children is the place. */
static void the_place_is_found_in_a_delegated_tree(void **state)
{
	char top[] = "/tmp/test-cgroup-XXXXXX", root[] = "/", names[] = "";
	char own[] = "/user.service/app.slice/run.scope", path[128];
	struct cgroup_hierarchy h = {
	        .mount = top, .root = root, .names = names, .own = own, .v2 = true};

	(void)state;
	assert_non_null(mkdtemp(top));
	fake_group(top, "memory pids cpu", "", "1\n2\n");
	snprintf(path, sizeof path, "%s/user.service", top);
	fake_group(path, "memory pids cpu", "memory pids", "");
	strcat(path, "/app.slice");
	fake_group(path, "memory pids", "memory", "");
	strcat(path, "/run.scope");
	fake_group(path, "memory", "", "77\n");
	/* without a controller the top will do, though it has processes */
	assert_int_equal(find_base(&h, CGROUP_FREEZER, ""), 0);
	assert_int_equal(find_base(&h, CGROUP_MEMORY, "/user.service/app.slice"), 0);
	assert_int_equal(find_base(&h, CGROUP_PIDS, "/user.service/app.slice"), 0);
	assert_int_equal(find_base(&h, CGROUP_CPU, "/user.service"), 0);
	own[0] = '\0'; /* nothing is known about where we are: only the top is left */
	assert_int_equal(find_base(&h, CGROUP_MEMORY, ""), -EBUSY);
	fake_group(top, "pids", "pids", "1\n");
	assert_int_equal(find_base(&h, CGROUP_MEMORY, ""), -ENOTSUP);
	assert_int_equal(find_base(&h, CGROUP_PIDS, ""), 0);
	assert_int_equal(dir_remove_tree(AT_FDCWD, top), 0);
}

/* --- for real --- */

static void need(unsigned controllers)
{
	unsigned missing = controllers & ~cgroup_controllers_usable();

	if (!missing)
		return;
	for (unsigned bit = 1; bit <= CGROUP_FREEZER; bit <<= 1)
		if (missing & bit)
			print_message("skip: cgroup %s is not usable here\n",
			        cgroup_controller_name((enum cgroup_controller)bit));
	skip();
}

static struct cgroup *make(const char *name, unsigned controllers, struct ledger *ledger)
{
	struct cgroup *cg = NULL;
	struct error err = {0};

	if (cgroup_new(name, controllers, &cg, &err) < 0 || cgroup_create(cg, ledger, &err) < 0) {
		auto_buf text = BUF_INIT;
		error_format(&err, &text);
		fail_msg("%s", buf_text(&text));
	}
	return cg;
}

static pid_t sleeper(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	assert_true(pid > 0);
	return pid;
}

static bool exists(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0;
}

static void limits_are_read_back(void **state)
{
	struct cgroup *cg;
	uint64_t value = 0;

	(void)state;
	need(CGROUP_MEMORY | CGROUP_PIDS);
	cg = make("ground-limits", CGROUP_MEMORY | CGROUP_PIDS, NULL);
	assert_int_equal(cgroup_get_memory_max(cg, &value, NULL), 0);
	assert_true(value == CGROUP_UNLIMITED);
	assert_int_equal(cgroup_set_memory_max(cg, 64 << 20, NULL), 0);
	assert_int_equal(cgroup_get_memory_max(cg, &value, NULL), 0);
	assert_int_equal(value, 64 << 20);
	assert_int_equal(cgroup_set_memory_max(cg, CGROUP_UNLIMITED, NULL), 0);
	assert_int_equal(cgroup_get_memory_max(cg, &value, NULL), 0);
	assert_true(value == CGROUP_UNLIMITED);
	assert_int_equal(cgroup_set_pids_max(cg, 7, NULL), 0);
	assert_int_equal(cgroup_get_pids_max(cg, &value, NULL), 0);
	assert_int_equal(value, 7);
	assert_int_equal(cgroup_set_pids_max(cg, CGROUP_UNLIMITED, NULL), 0);
	assert_int_equal(cgroup_get_pids_max(cg, &value, NULL), 0);
	assert_true(value == CGROUP_UNLIMITED);
	assert_int_equal(cgroup_set_cpu_max(cg, 1, 1, NULL), -ENOTSUP);
	assert_int_equal(cgroup_remove(cg, NULL), 0);
	assert_false(exists(cgroup_directory(cg, CGROUP_MEMORY)));
	assert_false(exists(cgroup_directory(cg, CGROUP_PIDS)));
	cgroup_free(cg);
}

static void cpu_share_is_written(void **state)
{
	auto_buf text = BUF_INIT;
	auto_free char *file = NULL;
	struct cgroup *cg;
	uint64_t value = 0;

	(void)state;
	need(CGROUP_CPU);
	cg = make("ground-cpu", CGROUP_CPU, NULL);
	assert_int_equal(cgroup_set_cpu_max(cg, 50000, 100000, NULL), 0);
	assert_true(asprintf(&file, "%s/%s", cgroup_directory(cg, CGROUP_CPU),
	                    cgroup_limit_file(cg, CGROUP_CPU)) > 0);
	assert_int_equal(file_read_at(AT_FDCWD, file, 100, &text), 0);
	assert_int_equal(strncmp(buf_text(&text), "50000", 5), 0);
	assert_int_equal(cgroup_get_cpu_max(cg, &value, NULL), 0);
	assert_int_equal(value, 50000);
	assert_int_equal(cgroup_set_cpu_max(cg, CGROUP_UNLIMITED, 100000, NULL), 0);
	assert_int_equal(cgroup_get_cpu_max(cg, &value, NULL), 0);
	assert_true(value == CGROUP_UNLIMITED);
	assert_int_equal(cgroup_remove(cg, NULL), 0);
	cgroup_free(cg);
}

static void removal_ends_the_processes_in_it(void **state)
{
	struct cgroup *cg;
	auto_free char *below = NULL;
	pid_t pid, deep;
	int status;

	(void)state;
	need(CGROUP_MEMORY | CGROUP_PIDS | CGROUP_FREEZER);
	cg = make("ground-kill", CGROUP_MEMORY | CGROUP_PIDS | CGROUP_FREEZER, NULL);
	pid = sleeper();
	deep = sleeper();
	assert_false(cgroup_contains(cg, pid));
	assert_int_equal(cgroup_attach(cg, pid, NULL), 0);
	assert_int_equal(cgroup_attach(cg, deep, NULL), 0);
	assert_true(cgroup_contains(cg, pid));
	/* a group that the container made inside its own */
	assert_true(asprintf(&below, "%s/below", cgroup_directory(cg, CGROUP_PIDS)) > 0);
	assert_int_equal(mkdir(below, 0755), 0);
	assert_int_equal(cgroup_freeze(cg, true, NULL), 0);
	assert_int_equal(cgroup_remove(cg, NULL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_int_equal(waitpid(deep, &status, 0), deep);
	assert_false(exists(cgroup_directory(cg, CGROUP_PIDS)));
	assert_int_equal(cgroup_remove(cg, NULL), 0); /* again: nothing to do */
	cgroup_free(cg);
}

static void a_name_that_is_taken_is_left_alone(void **state)
{
	struct cgroup *first, *second = NULL;
	struct error err = {0};
	pid_t pid;

	(void)state;
	need(CGROUP_PIDS);
	first = make("ground-taken", CGROUP_PIDS, NULL);
	pid = sleeper();
	assert_int_equal(cgroup_attach(first, pid, NULL), 0);
	assert_int_equal(cgroup_new("ground-taken", CGROUP_PIDS, &second, NULL), 0);
	assert_int_equal(cgroup_create(second, NULL, &err), -EEXIST);
	assert_true(err.advice[0]);
	assert_true(cgroup_contains(first, pid));
	assert_int_equal(cgroup_kill(first, NULL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(cgroup_remove(first, NULL), 0);
	cgroup_free(first);
	cgroup_free(second);
}

static char *switches(const char *base)
{
	auto_free char *file = NULL;
	auto_buf text = BUF_INIT;

	assert_true(asprintf(&file, "%s/cgroup.subtree_control", base) > 0);
	assert_int_equal(file_read_at(AT_FDCWD, file, 4096, &text), 0);
	return strdup(buf_text(&text));
}

static int turn(const char *base, const char *text)
{
	auto_free char *file = NULL;

	assert_true(asprintf(&file, "%s/cgroup.subtree_control", base) > 0);
	return file_write_at(AT_FDCWD, file, text);
}

/* Version 2: the first of us switches a controller on, the last switches it off again. */
static void the_last_switches_off(void **state)
{
	auto_free char *base = NULL, *before = NULL, *during = NULL, *after = NULL;
	struct cgroup_layout l;
	struct cgroup *a, *b;
	uint64_t value = 0;
	bool was_on;

	(void)state;
	assert_int_equal(cgroup_layout_read(&l), 0);
	if (l.mode != CGROUP_V2 || !(cgroup_controllers_usable() & CGROUP_PIDS)) {
		cgroup_layout_release(&l);
		print_message("skip: no cgroup v2 with pids here\n");
		skip();
	}
	assert_int_equal(cgroup_base_find(&l.hierarchies[0], CGROUP_PIDS, &base), 0);
	cgroup_layout_release(&l);
	before = switches(base);
	was_on = strstr(before, "pids");
	if (was_on && turn(base, "-pids") < 0) {
		print_message("skip: somebody uses cgroup pids of %s\n", base);
		skip();
	}
	a = make("ground-first", CGROUP_PIDS, NULL);
	b = make("ground-last", CGROUP_PIDS, NULL);
	during = switches(base);
	assert_non_null(strstr(during, "pids"));
	assert_int_equal(cgroup_remove(a, NULL), 0);
	assert_int_equal(cgroup_set_pids_max(b, 9, NULL), 0);
	assert_int_equal(cgroup_get_pids_max(b, &value, NULL), 0);
	assert_int_equal(value, 9);
	assert_int_equal(cgroup_remove(b, NULL), 0);
	after = switches(base);
	assert_null(strstr(after, "pids"));
	if (was_on)
		assert_int_equal(turn(base, "+pids"), 0);
	cgroup_free(a);
	cgroup_free(b);
}

/* Makers and removers at once: nobody may lose the common parent under their feet. */
static void two_at_once(void **state)
{
	pid_t children[3];

	(void)state;
	need(CGROUP_PIDS | CGROUP_MEMORY);
	for (int c = 0; c < 3; c++) {
		children[c] = fork();
		if (children[c] == 0) {
			for (int round = 0; round < 60; round++) {
				char name[32];
				struct cgroup *cg = NULL;
				snprintf(name, sizeof name, "ground-race-%d", c);
				if (cgroup_new(name, CGROUP_PIDS | CGROUP_MEMORY, &cg, NULL) < 0 ||
				        cgroup_create(cg, NULL, NULL) < 0 ||
				        cgroup_remove(cg, NULL) < 0)
					_exit(1);
				cgroup_free(cg);
			}
			_exit(0);
		}
	}
	for (int c = 0; c < 3; c++) {
		int status;
		assert_int_equal(waitpid(children[c], &status, 0), children[c]);
		assert_int_equal(status, 0);
	}
}

static void bad_names_are_refused(void **state)
{
	struct cgroup *cg = NULL;

	(void)state;
	assert_int_equal(cgroup_new("", CGROUP_PIDS, &cg, NULL), -EINVAL);
	assert_int_equal(cgroup_new("..", CGROUP_PIDS, &cg, NULL), -EINVAL);
	assert_int_equal(cgroup_new("a/b", CGROUP_PIDS, &cg, NULL), -EINVAL);
	assert_int_equal(cgroup_new("a\nb", CGROUP_PIDS, &cg, NULL), -EINVAL);
	assert_null(cg);
}

static void only_control_groups_are_removed(void **state)
{
	char dir[] = "/tmp/ground-XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(cgroup_directory_remove(dir, NULL), -EINVAL);
	assert_true(exists(dir));
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(layout_of_a_v2_laptop),
	        cmocka_unit_test(layout_of_v1_with_joined_controllers),
	        cmocka_unit_test(layout_of_a_hybrid_machine),
	        cmocka_unit_test(layout_seen_in_a_container),
	        cmocka_unit_test(layout_without_control_groups),
	        cmocka_unit_test(the_place_is_found_in_a_delegated_tree),
	        cmocka_unit_test(limits_are_read_back),
	        cmocka_unit_test(cpu_share_is_written),
	        cmocka_unit_test(removal_ends_the_processes_in_it),
	        cmocka_unit_test(a_name_that_is_taken_is_left_alone),
	        cmocka_unit_test(the_last_switches_off),
	        cmocka_unit_test(two_at_once),
	        cmocka_unit_test(bad_names_are_refused),
	        cmocka_unit_test(only_control_groups_are_removed),
	};
	return cmocka_run_group_tests_name("cgroup", tests, NULL, NULL);
}
