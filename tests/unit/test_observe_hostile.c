/* Trees that no kernel writes, made to hurt: the observer answers, in bounds, or leaves out. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/observe/model_json.h"
#include "kernel/observe/observer.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

/* Unsigned fields behind the comm of a stat file, start time 77. */
#define STAT_REST " 2 2 0 -1 4194560 1 1 0 0 1 2 0 0 20 0 1 0 77 4194304 200\n"

static char tree[] = "/tmp/cutaway-hostile.XXXXXX";

static int set_up(void **state)
{
	(void)state;
	strcpy(tree + strlen(tree) - 6, "XXXXXX");
	return mkdtemp(tree) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return dir_remove_tree(AT_FDCWD, tree);
}

static void put(const char *path, const void *bytes, size_t n)
{
	auto_free char *full = NULL, *directory = NULL;

	assert_true(asprintf(&full, "%s/%s", tree, path) > 0);
	directory = strdup(full);
	*strrchr(directory, '/') = '\0';
	assert_int_equal(dir_make(directory, 0755), 0);
	assert_int_equal(file_replace_at(AT_FDCWD, full, bytes, n, 0644), 0);
}

static void put_text(const char *path, const char *text)
{
	put(path, text, strlen(text));
}

static void put_link(const char *path, const char *target)
{
	auto_free char *full = NULL, *directory = NULL;

	assert_true(asprintf(&full, "%s/%s", tree, path) > 0);
	directory = strdup(full);
	*strrchr(directory, '/') = '\0';
	assert_int_equal(dir_make(directory, 0755), 0);
	assert_int_equal(symlink(target, full), 0);
}

static struct model *observe(void)
{
	const struct observer_options options = {.root = tree};
	struct observer *o = NULL;
	struct model *m = NULL;
	struct error err = {0};
	json_t *json;

	assert_int_equal(observer_new(&options, &o, &err), 0);
	assert_int_equal(observer_read(o, &m, &err), 0);
	observer_free(o);
	json = model_to_json(m); /* whatever the bytes, it is JSON */
	assert_non_null(json);
	assert_int_equal(json_array_size(json_object_get(json, "processes")), m->n_processes);
	json_decref(json);
	return m;
}

static void names_with_anything(void **state)
{
	struct model *m;

	(void)state;
	put_text("proc/5/stat", "5 (a) S 9 (b c\n) R 2" STAT_REST);
	put_text("proc/6/stat", "6 (\x1b[31mred\xff\xfe) S 5" STAT_REST);
	put_text("proc/7/stat", "7 () S 1" STAT_REST);
	m = observe();
	assert_int_equal(m->n_processes, 3);
	assert_string_equal(m->processes[0].comm, "a) S 9 (b c\n");
	assert_int_equal(m->processes[0].state, 'R');
	assert_int_equal(m->processes[0].ppid, 2);
	assert_int_equal(m->processes[0].start_time, 77);
	assert_string_equal(m->processes[1].comm, "\x1b[31mred\xff\xfe");
	assert_string_equal(m->processes[2].comm, "");
	model_free(m);
}

static void broken_stat_is_left_out(void **state)
{
	static const char *const broken[] = {"", "5", "5 (", "5 (a", "5 )a( S 1", "5 (a)", "5 (a) ",
	        "5 (a) S", "5 (a) S 1", "5 (a) S x y z", "5 (a) S 1 2 3 4 5 6 7 8 9 10 11 12"};
	char path[64];
	struct model *m;

	(void)state;
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		snprintf(path, sizeof path, "proc/%zu/stat", 100 + i);
		put_text(path, broken[i]);
	}
	put_text("proc/42x/stat", "42 (a) S 2" STAT_REST);
	put_text("proc/007/stat", "7 (a) S 2" STAT_REST);
	put_text("proc/99999999999/stat", "9 (a) S 2" STAT_REST);
	put_text("proc/50/stat", "50 (good) S 2" STAT_REST);
	m = observe();
	assert_int_equal(m->n_processes, 1);
	assert_int_equal(m->processes[0].pid, 50);
	model_free(m);
}

static void truncated_status(void **state)
{
	static const char whole[] = "Name:\ta\nUid:\t0\t1000\t0\t0\nNSpid:\t5\t3\t1\nCapEff:\t"
	                            "00000000a80425fb\nNoNewPrivs:\t1\nSeccomp:\t2\n"
	                            "Seccomp_filters:\t3\n";
	struct model *m;

	(void)state;
	put_text("proc/5/stat", "5 (a) S 2" STAT_REST);
	for (size_t n = 0; n < sizeof whole; n++) {
		put("proc/5/status", whole, n);
		m = observe();
		assert_int_equal(m->n_processes, 1);
		if (n == sizeof whole - 1) {
			assert_int_equal(m->processes[0].uid, 1000);
			assert_int_equal(m->processes[0].ns_pid, 1);
			assert_int_equal(m->processes[0].cap_effective, 0xa80425fb);
			assert_int_equal(m->processes[0].seccomp_filters, 3);
		}
		model_free(m);
	}
}

static void long_command_line(void **state)
{
	const size_t n = 2 << 20;
	auto_free char *bytes = malloc(n);
	struct model *m;

	(void)state;
	assert_non_null(bytes);
	memset(bytes, 'x', n);
	put_text("proc/5/stat", "5 (a) S 2" STAT_REST);
	put("proc/5/cmdline", bytes, n);
	put("proc/5/status", bytes, n);
	put("proc/5/cgroup", bytes, n);
	put("proc/5/mountinfo", bytes, n);
	put_text("proc/6/stat", "6 (b) S 2" STAT_REST);
	put("proc/6/cmdline", "\0\0\0", 3);
	put_text("proc/7/stat", "7 (c) S 2" STAT_REST);
	put("proc/7/cmdline", "sh\0-c\0a b\0\0", 11);
	m = observe();
	assert_in_range(strlen(m->processes[0].cmdline), 1000, 4096);
	assert_string_equal(m->processes[1].cmdline, "[b]");
	assert_string_equal(m->processes[2].cmdline, "sh -c a b");
	model_free(m);
}

static void links_that_name_no_namespace(void **state)
{
	static const char *const odd[] = {"", "uts", "uts:[", "uts:[]", "uts:[12", "uts:[x]",
	        "uts:[-1]", "uts:[99999999999999999999999]", "/etc/passwd"};
	char path[64], stat[128];
	struct model *m;

	(void)state;
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		snprintf(path, sizeof path, "proc/%zu/stat", 10 + i);
		snprintf(stat, sizeof stat, "%zu (a) S 2" STAT_REST, 10 + i);
		put_text(path, stat);
		snprintf(path, sizeof path, "proc/%zu/ns/uts", 10 + i);
		if (odd[i][0]) /* no file system makes a link to nothing */
			put_link(path, odd[i]);
	}
	put_link("proc/10/ns/user", "user:[4026531837]");
	m = observe();
	assert_int_equal(m->n_processes, sizeof odd / sizeof *odd);
	for (size_t i = 0; i < m->n_processes; i++)
		assert_int_equal(m->processes[i].ns[NS_UTS], 0);
	assert_int_equal(m->n_namespaces, 1);
	model_free(m);
}

static void odd_mount_tables(void **state)
{
	struct model *m;

	(void)state;
	put_text("proc/5/stat", "5 (a) S 2" STAT_REST);
	put_link("proc/5/ns/user", "user:[1]");
	put_link("proc/5/ns/mnt", "mnt:[2]");
	put_text("proc/5/mountinfo",
	        "\n1\n1 2 3\n1 2 0:1 / / rw\n1 2 0:1 / / rw -\n1 2 0:1 / / rw - ext4\n"
	        "1 2 0:1 / / rw shared:1 master:2\n"
	        "3 2 0:1 / /a\\040b\\134\\9\\012 rw master:7 - tmpfs no\\011ne rw,x\n"
	        "4 2 0:1 / /b rw unbindable - tmpfs none\n"
	        "5 2 0:1 / /../../etc rw - cgroup2 none rw\n"
	        "6 2 0:1 / relative rw - cgroup none rw");
	m = observe();
	assert_int_equal(m->n_mounts, 4);
	assert_string_equal(m->mounts[0].target, "/a b\\\\9\n");
	assert_string_equal(m->mounts[0].source, "no\tne");
	assert_string_equal(m->mounts[0].propagation, "slave");
	assert_string_equal(m->mounts[1].propagation, "unbindable");
	assert_string_equal(m->mounts[1].options, "");
	model_free(m);
}

static void parents_in_a_ring(void **state)
{
	struct model *m;

	(void)state;
	put_text("proc/5/stat", "5 (cutaway) S 6" STAT_REST);
	put_text("proc/6/stat", "6 (a) S 5" STAT_REST);
	put_text("proc/7/stat", "7 (a) S 7" STAT_REST);
	for (int pid = 5; pid < 8; pid++) {
		char path[64];
		snprintf(path, sizeof path, "proc/%d/status", pid);
		put_text(path, "NSpid:\t5\t1\n");
	}
	m = observe();
	assert_int_equal(m->n_processes, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(m->processes[i].role, ROLE_CONTAINERIZED);
	model_free(m);
}

static void states_that_are_garbage(void **state)
{
	static const char *const bad[] = {"", "{", "[]", "null", "\"text\"",
	        "{\"name\":", "\xff\xfe", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["};
	static const char odd[] =
	        "{\"name\":7,\"pid\":\"x\",\"start_time\":-1,\"status\":[],\"command\":{},"
	        "\"layers\":"
	        "[1,null,\"/a\"],\"steps\":[1,{\"id\":3},{}],\"exit_code\":1e99,\"cgroup\":[]}";
	const size_t huge = 3 << 20;
	auto_free char *spaces = malloc(huge);
	char path[128];
	struct model *m;

	(void)state;
	put_text("proc/5/stat", "5 (a) S 2" STAT_REST);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		snprintf(path, sizeof path, "run/cutaway/containers/bad%zu/state.json", i);
		put_text(path, bad[i]);
	}
	assert_non_null(spaces);
	memset(spaces, ' ', huge);
	put("run/cutaway/containers/huge/state.json", spaces, huge);
	put_link("run/cutaway/containers/link", "/");
	put_text("run/cutaway/containers/file", "x");
	put_text("run/cutaway/containers/empty/state.json", "{}");
	put_text("run/cutaway/containers/odd/state.json", odd);
	put_text("run/cutaway/containers/lying/state.json",
	        "{\"status\":\"running\",\"pid\":5,\"start_time\":78}");
	m = observe();
	assert_int_equal(m->n_containers, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(m->containers[i].status, CONTAINER_EXITED);
	assert_int_equal(model_container(m, "odd")->n_layers, 3);
	assert_int_equal(model_container(m, "odd")->n_steps, 3);
	model_free(m);
}

static void odd_network_files(void **state)
{
	struct model *m;

	(void)state;
	put_text("proc/5/stat", "5 (a) S 2" STAT_REST);
	put_link("proc/5/ns/user", "user:[1]");
	put_link("proc/5/ns/net", "net:[3]");
	put_text("proc/5/net/dev", "h\nh\n:\n  :1\n eth0: 1\n a:b: 1\nno colon\n");
	put_text("proc/5/net/igmp",
	        "7\n\t\t010000E0\n9 eth0 : 1\n\t\t\t010000E0 x\n999999999999 q :");
	put_text("proc/5/net/route", "eth0 zz\neth0\t0000A8C0\t00000000\t1\t0\t0\t0\t0000FFFF\n");
	put_text("proc/5/net/fib_trie", "|-- \n/32 host LOCAL\n|-- 999.1.1.1\n/32 host LOCAL\n"
	                                "|-- 192.168.0.9\n/32 host LOCAL\n/32 host LOCAL\n");
	put_text("proc/5/net/if_inet6", "zz\nfe80 1 40 20 80 eth0\n"
	                                "fe800000000000000000000000000001 09 40 20 80 eth0\n"
	                                "fe800000000000000000000000000001 09 40 20 80 other\n");
	m = observe();
	assert_int_equal(m->n_links, 2);
	assert_string_equal(m->links[0].name, "eth0");
	assert_int_equal(m->links[0].index, 9);
	assert_true(m->links[0].up);
	assert_string_equal(m->links[0].addresses, "192.168.0.9/16 fe80::1/64");
	model_free(m);
}

static void tree_without_processes(void **state)
{
	const struct observer_options options = {.root = "/tmp/there/is/no/such"};
	struct observer *o = NULL;
	struct error err = {0};
	struct model *m;

	(void)state;
	put_text("proc/meminfo", "nothing");
	m = observe();
	assert_int_equal(m->n_processes, 0);
	assert_string_equal(m->host.hostname, "");
	assert_string_equal(m->host.cgroup_mode, "none");
	model_free(m);
	assert_int_equal(observer_new(&options, &o, &err), -ENOENT);
	assert_null(o);
	assert_true(err.advice[0]);
	assert_int_equal(observer_new(&options, &o, NULL), -ENOENT);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        TEST(names_with_anything),
	        TEST(broken_stat_is_left_out),
	        TEST(truncated_status),
	        TEST(long_command_line),
	        TEST(links_that_name_no_namespace),
	        TEST(odd_mount_tables),
	        TEST(parents_in_a_ring),
	        TEST(states_that_are_garbage),
	        TEST(odd_network_files),
	        TEST(tree_without_processes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
