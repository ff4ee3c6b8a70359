/* Where facts come from, held against the files and the commands that are named: on this machine,
 * and on recorded ones with control groups of version 1, of version 2 and of both. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/observe/fact.h"
#include "kernel/observe/observer.h"
#include "kernel/observe/query.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

static struct model *observe(const char *root)
{
	const struct observer_options options = {.root = root};
	struct observer *o = NULL;
	struct model *m = NULL;

	assert_int_equal(observer_new(&options, &o, NULL), 0);
	assert_int_equal(observer_read(o, &m, NULL), 0);
	observer_free(o);
	return m;
}

static struct model_fact find(const struct model *m, const char *name)
{
	struct model_fact f = {0};

	if (fact_find(m, name, &((struct model *)m)->arena, &f) < 0)
		fail_msg("no fact %s", name);
	return f;
}

static bool read_below(const char *root, const char *path, struct buf *out)
{
	auto_free char *full = NULL;

	assert_true(asprintf(&full, "%s%s", root, path) > 0);
	return file_read_at(AT_FDCWD, full, 1 << 20, out) >= 0;
}

/* Every amount that the model knows stands in the file that is named. */
static size_t check_groups(const char *fixture)
{
	static const char *const attributes[] = {"memory.current", "memory.max", "pids.current",
	        "pids.max", "cpu.usage", "cpu.quota", "cpu.period"};
	auto_free char *root = NULL;
	struct model *m;
	size_t seen = 0;

	assert_true(asprintf(&root, "tests/fixtures/%s", fixture) > 0);
	m = observe(root);
	for (size_t i = 0; i < m->n_cgroups; i++)
		for (size_t k = 0; k < sizeof attributes / sizeof *attributes; k++) {
			auto_free char *name = NULL;
			auto_buf text = BUF_INIT;
			struct model_fact f;

			assert_true(asprintf(&name, "cgroup.%s.%s", m->cgroups[i].path,
			                    attributes[k]) > 0);
			f = find(m, name);
			assert_true(f.there);
			assert_int_equal(f.cgroup, i);
			if (!strcmp(f.value, "not readable"))
				continue;
			if (!read_below(root, f.path, &text))
				fail_msg("%s: there is no %s", name, f.path);
			seen++;
			if (!strcmp(f.field, "in nanoseconds"))
				assert_int_equal(strtoull(buf_text(&text), NULL, 10) / 1000,
				        strtoull(f.value, NULL, 10));
			else if (strcmp(f.value, "no limit") != 0)
				assert_non_null(strstr(buf_text(&text), f.value));
		}
	model_free(m);
	return seen;
}

static void test_groups(void **state)
{
	(void)state;
	assert_in_range(check_groups("docker-host-v1"), 10, 100);
	assert_in_range(check_groups("podman-user-v2"), 10, 100);
	assert_in_range(check_groups("unshare-hybrid"), 5, 100);
}

static void test_group_names(void **state)
{
	struct model *m = observe("tests/fixtures/unshare-hybrid");
	struct model_fact f;

	(void)state;
	f = find(m, "cgroup./cutaway/hand.memory.max");
	assert_string_equal(f.path, "/sys/fs/cgroup/memory/cutaway/hand/memory.limit_in_bytes");
	assert_string_equal(f.value, "67108864");
	assert_string_equal(
	        f.commands[0], "cat /sys/fs/cgroup/memory/cutaway/hand/memory.limit_in_bytes");
	f = find(m, "container.hand.cgroup.memory.max");
	assert_string_equal(f.path, "/sys/fs/cgroup/memory/cutaway/hand/memory.limit_in_bytes");
	f = find(m, "cgroup./cutaway/hand");
	assert_string_equal(f.path, "/sys/fs/cgroup/memory/cutaway/hand");
	f = find(m, "cgroup./not/there.pids.max");
	assert_false(f.there);
	model_free(m);
	m = observe("tests/fixtures/podman-user-v2");
	f = find(m, "cgroup./init.scope.memory.max");
	assert_string_equal(f.path, "/sys/fs/cgroup/init.scope/memory.max");
	assert_string_equal(f.title, "memory limit of group /init.scope");
	model_free(m);
}

static void test_container(void **state)
{
	struct model *m = observe("tests/fixtures/unshare-hybrid");
	struct model_fact f = find(m, "container.hand.ns.uts");
	const struct model_container *c = model_container(m, "hand");

	(void)state;
	assert_string_equal(f.path, "/proc/21098/ns/uts");
	assert_int_equal(f.ns, c->ns[NS_UTS]);
	assert_string_equal(f.commands[0], "readlink /proc/21098/ns/uts");
	assert_string_equal(f.commands[2], "nsenter -t 21098 --uts COMMAND");
	f = find(m, "container.hand.hostname");
	assert_string_equal(f.value, c->hostname);
	assert_string_equal(f.commands[0], "nsenter -t 21098 -u hostname");
	f = find(m, "container.hand.mount./proc");
	assert_string_equal(f.path, "/proc/21098/mountinfo");
	assert_string_equal(f.commands[0], "findmnt -N 21098 /proc");
	f = find(m, "container.hand.cap.net_admin");
	assert_string_equal(f.field, "CapEff");
	f = find(m, "container.never");
	assert_false(f.there);
	model_free(m);
}

static void expect_whole(const char *name, const char *text)
{
	if (!text || strchr(text, '{') || strchr(text, '}'))
		fail_msg("%s: %s", name, text ? text : "nothing");
}

/* What `cutaway check --list` lists of containers and the host has a source, with nothing left open
 * in it. */
static void test_all_that_are_listed(void **state)
{
	struct model *m = observe("tests/fixtures/unshare-hybrid");
	auto_buf names = BUF_INIT;
	size_t seen = 0;
	char *rest, *line;

	(void)state;
	query_list(m, &names);
	rest = names.data;
	while ((line = strsep(&rest, "\n"))) {
		struct model_fact f;

		if (strncmp(line, "container.", 10) && strncmp(line, "host.", 5) &&
		        strncmp(line, "cgroup.", 7))
			continue;
		f = find(m, line);
		expect_whole(line, f.title);
		expect_whole(line, f.path);
		expect_whole(line, f.commands[0]);
		for (int i = 0; i < FACT_COMMANDS && f.commands[i]; i++)
			expect_whole(line, f.commands[i]);
		seen++;
	}
	assert_in_range(seen, 100, 10000);
	model_free(m);
}

static void test_no_such_fact(void **state)
{
	static const char *const names[] = {"", "pid", "pid.", "pid.1", "pid.x.comm", "pid.1.no",
	        "pid.-1.comm", "pid.1.ns.", "pid.1.ns.foo", "pid.1.mount.", "ns.uts", "ns.uts.",
	        "ns.foo.1", "ns.uts.1x", "cgroup.x", "container.hand.no", "host.no", "images.count",
	        "pid.99999999999.comm"};
	struct model *m = observe("tests/fixtures/unshare-hybrid");
	struct model_fact f = {.name = "kept"};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (fact_find(m, names[i], &m->arena, &f) != -EINVAL)
			fail_msg("'%s' is a fact", names[i]);
		assert_string_equal(f.name, "kept");
	}
	f = find(m, "pid.4000000.comm");
	assert_false(f.there);
	assert_string_equal(f.path, "/proc/4000000/comm");
	f = find(m, "ns.uts.17");
	assert_false(f.there);
	model_free(m);
}

/* ---- this machine ---- */

static const char *const of_self[] = {"comm", "cmdline", "state", "parent", "uid", "inside",
        "started", "cgroup", "caps", "bounding", "seccomp", "no_new_privs", "ns.uts", "ns.mnt",
        "ns.user", "ns.pid"};

static void expect_in_file(const char *name, const struct model_fact *f)
{
	auto_buf text = BUF_INIT;
	char target[64] = "";
	ssize_t n;

	if (f->ns) {
		n = readlink(f->path, target, sizeof target - 1);
		assert_true(n > 0);
		assert_string_equal(target, f->value);
		return;
	}
	assert_true(file_read_at(AT_FDCWD, f->path, 1 << 16, &text) >= 0);
	for (size_t i = 0; i + 1 < text.len; i++)
		if (!text.data[i])
			text.data[i] = ' '; /* arguments */
	if (!strcmp(name, "state"))
		return; /* it runs while it reads, and slept when it was read, or not */
	if (!strstr(buf_text(&text), f->value))
		fail_msg("%s: no %s in %s", name, f->value, f->path);
}

/* In user-mode-linux /proc/stat has no time of the boot, and ps(1) no time of a start. */
static bool ps_knows_starts(void)
{
	static int known = -1;

	if (known < 0)
		known = system("ps -o lstart= -p 1 >/dev/null 2>&1") == 0;
	return known;
}

/* 0, or that the program is not here. The placeholder of a command is for a person to fill in, and
 * nsenter(1) wants to be root. */
static void expect_runs(const char *command)
{
	auto_free char *line = NULL;
	int status = 0;

	if (strstr(command, "COMMAND") || !strncmp(command, "nsenter", 7))
		return;
	if (strstr(command, "lstart") && !ps_knows_starts())
		return;
	assert_true(asprintf(&line, "command -v '%.*s' >/dev/null || exit 127; { %s; } >/dev/null",
	                    (int)strcspn(command, " "), command, command) > 0);
	/* lsns(8) gives up when a process, of whomever, ends while it looks. */
	for (int tries = 0; tries < 5 && (status = system(line)); tries++)
		continue;
	if (!WIFEXITED(status) || (WEXITSTATUS(status) && WEXITSTATUS(status) != 127))
		fail_msg("%s: status %d", command, status);
}

static void test_self(void **state)
{
	struct model *m = observe(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof of_self / sizeof *of_self; i++) {
		auto_free char *name = NULL;
		struct model_fact f;

		assert_true(asprintf(&name, "pid.%d.%s", (int)getpid(), of_self[i]) > 0);
		f = find(m, name);
		assert_true(f.there);
		assert_true(*f.value && *f.title && *f.about && *f.page);
		assert_int_equal(f.pid, getpid());
		expect_in_file(of_self[i], &f);
		for (int k = 0; k < FACT_COMMANDS && f.commands[k]; k++)
			expect_runs(f.commands[k]);
	}
	model_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_groups),
	        cmocka_unit_test(test_group_names),
	        cmocka_unit_test(test_container),
	        cmocka_unit_test(test_all_that_are_listed),
	        cmocka_unit_test(test_no_such_fact),
	        cmocka_unit_test(test_self),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
