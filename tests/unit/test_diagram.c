/* The drawing exercise: every kind of wrong arrow gets its reason, labels are read forgivingly, the
 * machine has the last word, and a file of anybody is no danger. Run from the root. */
#include "kernel/base/cleanup.h"
#include "kernel/base/file.h"
#include "kernel/observe/observer.h"
#include "shell/diagram/edit.h"
#include "shell/diagram/grade.h"
#include "shell/diagram/label.h"
#include "tests/unit/model_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct diagram_rules *rules;

static int setup(void **state)
{
	struct error err = {0};

	(void)state;
	return diagram_rules_read("lessons/diagram.json", &rules, &err);
}

static int teardown(void **state)
{
	(void)state;
	diagram_rules_free(rules);
	return 0;
}

/* Everything of the vocabulary, where it belongs. */
static void draw_parts(struct sketch *s)
{
	sketch_init(s, "single-host");
	for (size_t i = 0; i < rules->n_parts; i++)
		assert_int_equal(sketch_place(s, rules->parts[i].name, rules->parts[i].band), 0);
}

static void grade_one(const char *from, const char *to, const char *label, const struct model *now,
        enum diagram_verdict verdict, const char *reason)
{
	struct sketch s;
	struct grade g;

	draw_parts(&s);
	assert_int_equal(sketch_connect(&s, from, to, label), 0);
	assert_int_equal(grade_make(rules, rules->tasks, &s, now, &g), 0);
	if (g.arrows[0].verdict != verdict || !strstr(g.arrows[0].reason, reason))
		fail_msg("%s -> %s '%s': verdict %d, reason '%s'; wanted %d, '%s'", from, to, label,
		        (int)g.arrows[0].verdict, g.arrows[0].reason, (int)verdict, reason);
	grade_release(&g);
	sketch_release(&s);
}

static void test_wrong_arrows_have_reasons(void **state)
{
	static const struct {
		const char *from, *to, *label;
		enum diagram_verdict verdict;
		const char *reason;
	} cases[] = {
	        /* what many believe */
	        {"dockerd", "container", "fork", VERDICT_WRONG, "not children of dockerd"},
	        {"podman", "dockerd", "HTTP", VERDICT_WRONG, "podman has no daemon"},
	        {"docker", "registry", "pull", VERDICT_WRONG, "the daemon fetches"},
	        /* the other way round */
	        {"dockerd", "docker", "HTTP", VERDICT_WRONG, "the other way round"},
	        {"runc", "shim", "exec", VERDICT_WRONG, "the other way round"},
	        {"etcd", "apiserver", "gRPC", VERDICT_WRONG, "the other way round"},
	        /* over somebody's head */
	        {"docker", "containerd", "gRPC", VERDICT_WRONG, "another part stands between"},
	        {"docker", "shim", "gRPC", VERDICT_WRONG, "others stand between"},
	        {"you", "dockerd", "types", VERDICT_WRONG, "you cannot call"},
	        {"dockerd", "you", "HTTP", VERDICT_WRONG, "nobody calls you"},
	        /* the kernel */
	        {"namespaces", "cgroups", "mkdir", VERDICT_WRONG, "the kernel calls nobody"},
	        {"kubectl", "seccomp", "seccomp(2)", VERDICT_WRONG, "does not make this call"},
	        /* nothing in common */
	        {"process", "etcd", "gRPC", VERDICT_WRONG, "asks nothing of etcd"},
	        /* the call */
	        {"docker", "dockerd", "fork+exec", VERDICT_WRONG, "not by 'fork+exec'"},
	        {"docker", "dockerd", "HTTP, then gRPC", VERDICT_WRONG, "not 'grpc' as well"},
	        {"docker", "dockerd", "", VERDICT_VAGUE, "say which call"},
	        {"docker", "dockerd", "banana", VERDICT_VAGUE, "names no call"},
	        {"runc", "cgroups", "system calls", VERDICT_VAGUE, "which call?"},
	        {"dockerd", "containerd", "fork+exec", VERDICT_VAGUE, "the lesser half"},
	        {"shim", "container", "fork+exec", VERDICT_WRONG, "subreaper"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		grade_one(cases[i].from, cases[i].to, cases[i].label, NULL, cases[i].verdict,
		        cases[i].reason);
}

static void test_labels_are_read_forgivingly(void **state)
{
	static const char *const right[][3] = {
	        {"docker", "dockerd", "HTTP POST /containers/create over /run/docker.sock"},
	        {"docker", "dockerd", "a REST call"},
	        {"docker", "dockerd", "`http`."},
	        {"shell", "docker", "fork, exec"},
	        {"shell", "docker", "fork/execve(2)"},
	        {"shell", "docker", "starts it"},
	        {"shell", "docker", "clone+execve"},
	        {"dockerd", "containerd", "GRPC over HTTP/2"},
	        {"containerd", "shim", "spawns, later ttrpc"},
	        {"runc", "container", "clone(CLONE_NEWPID), execve"},
	        {"runc", "namespaces", "unshare(2)"},
	        {"runc", "namespaces", "unsahre"},
	        {"runc", "cgroups", "mkdir and write to cgroup.procs"},
	        {"runc", "seccomp", "prctl"},
	        {"runc", "capabilities", "prctl"},
	        {"runc", "mounts", "pivot root"},
	        {"dockerd", "registry", "pull: HTTPS GET of manifest and blobs"},
	        {"kubelet", "cri", "CRI (gRPC)"},
	        {"kubelet", "apiserver", "watch over HTTPS"},
	        {"shim", "container", "is parent of"},
	        {"container", "namespaces", "lives in"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(right) / sizeof(*right); i++)
		grade_one(right[i][0], right[i][1], right[i][2], NULL, VERDICT_RIGHT, "");
}

/* What each title of a call says is that call, and every arrow that is true can be drawn right. */
static void test_the_rules_agree_with_themselves(void **state)
{
	(void)state;
	for (size_t c = 0; c < rules->n_calls; c++) {
		struct label_mention found[LABEL_MENTIONS];
		size_t n = label_read(rules, rules->calls[c].title, found);

		if (!n || !(found[0].calls >> c & 1))
			fail_msg("'%s' is not read as itself", rules->calls[c].title);
	}
	for (size_t i = 0; i < rules->n_arrows; i++) {
		const struct diagram_arrow_rule *a = &rules->arrows[i];
		uint64_t call = a->key ? a->key : a->calls;

		assert_ptr_equal(diagram_arrow_find(rules, a->from, a->to), a);
		assert_null(diagram_wrong_find(rules, a->from, a->to));
		grade_one(rules->parts[a->from].name, rules->parts[a->to].name,
		        rules->calls[__builtin_ctzll(call)].title, NULL, VERDICT_RIGHT, "");
	}
	for (size_t i = 0; i < rules->n_wrong; i++)
		grade_one(rules->parts[rules->wrong[i].from].name,
		        rules->parts[rules->wrong[i].to].name, "", NULL, VERDICT_WRONG,
		        rules->wrong[i].why);
}

/* The solution of each task, as the rules have it, passes; less than it does not. */
static void test_each_task_can_be_solved(void **state)
{
	(void)state;
	for (size_t t = 0; t < rules->n_tasks; t++) {
		const struct diagram_task *task = &rules->tasks[t];
		struct sketch s;
		struct grade g;

		sketch_init(&s, task->name);
		for (size_t i = 0; i <= task->n_parts + task->n_arrows; i++) {
			assert_int_equal(grade_make(rules, task, &s, NULL, &g), 0);
			assert_int_equal(g.faults, 0);
			assert_int_equal(g.n_missing, task->n_parts + task->n_arrows - i);
			assert_int_equal(g.passed, i == task->n_parts + task->n_arrows);
			assert_true(g.passed || g.n_hints);
			grade_release(&g);
			if (i < task->n_parts) {
				const struct diagram_part_rule *p = &rules->parts[task->parts[i]];
				assert_int_equal(sketch_place(&s, p->name, p->band), 0);
			} else if (i < task->n_parts + task->n_arrows) {
				const struct diagram_arrow_rule *a =
				        &rules->arrows[task->arrows[i - task->n_parts]];
				uint64_t call = a->key ? a->key : a->calls;
				assert_int_equal(sketch_connect(&s, rules->parts[a->from].name,
				                         rules->parts[a->to].name,
				                         rules->calls[__builtin_ctzll(call)].title),
				        0);
			}
		}
		sketch_release(&s);
	}
}

static void test_parts_have_bands(void **state)
{
	struct sketch s;
	struct grade g;

	(void)state;
	sketch_init(&s, "single-host");
	assert_int_equal(sketch_place(&s, "dockerd", BAND_KERNEL), 0);
	assert_int_equal(sketch_place(&s, "cgroups", BAND_USER), 0);
	assert_int_equal(sketch_place(&s, "registry", BAND_REMOTE), 0);
	assert_int_equal(sketch_place(&s, "no-such-part", BAND_USER), 0);
	assert_int_equal(grade_make(rules, rules->tasks, &s, NULL, &g), 0);
	assert_int_equal(g.parts[0].verdict, VERDICT_WRONG);
	assert_non_null(strstr(g.parts[0].reason, "ordinary process in user space"));
	assert_int_equal(g.parts[1].verdict, VERDICT_WRONG);
	assert_int_equal(g.parts[2].verdict, VERDICT_RIGHT);
	assert_int_equal(g.parts[3].verdict, VERDICT_WRONG);
	grade_release(&g);
	sketch_release(&s);
}

/* ---- the machine ---- */

static struct model *recorded(const char *root)
{
	struct observer_options options = {.root = root, .no_network = true};
	struct observer *observer = NULL;
	struct model *m = NULL;
	struct error err = {0};

	assert_int_equal(observer_new(&options, &observer, &err), 0);
	assert_int_equal(observer_read(observer, &m, &err), 0);
	observer_free(observer);
	return m;
}

static void test_the_machine_is_asked(void **state)
{
	struct model *docker = recorded("tests/fixtures/docker-host-v1");

	(void)state;
	/* what it shows is named */
	grade_one("dockerd", "containerd", "gRPC", docker, VERDICT_RIGHT,
	        "is connected to pid 401 (containerd) over /run/containerd/containerd.sock");
	/* what it contradicts, too */
	grade_one("dockerd", "container", "fork", docker, VERDICT_WRONG,
	        "Here: pid 1500 (sh) is a child of pid 900 (containerd-shim)");
	grade_one("containerd", "dockerd", "gRPC", docker, VERDICT_WRONG,
	        "Here: pid 480 (dockerd) is connected to pid 401 (containerd)");
	grade_one("shim", "container", "is parent of", docker, VERDICT_RIGHT,
	        "here: pid 921 (nginx) is a child of pid 900 (containerd-shim)");
	/* the true arrow of a program that has ended is not doubted for who adopted its child */
	grade_one("runc", "container", "clone", docker, VERDICT_RIGHT, "");
	grade_one("containerd", "shim", "fork+exec", docker, VERDICT_RIGHT, "");
	model_free(docker);
}

/* By the rules an arrow may be true that this machine contradicts, and the other way round. */
static void test_the_machine_has_the_last_word(void **state)
{
	struct model *m = fixture_new();

	(void)state;
	fixture_process(m, 1, 0, "systemd", "/sbin/init", ROLE_DAEMON);
	fixture_process(m, 300, 1, "containerd", "containerd", ROLE_DAEMON);
	fixture_process(m, 400, 1, "dockerd", "dockerd", ROLE_DAEMON);
	fixture_process(m, 450, 400, "kubelet", "kubelet", ROLE_DAEMON);
	grade_one("dockerd", "containerd", "fork+exec, gRPC", m, VERDICT_WRONG,
	        "pid 300 (containerd) was there before pid 400 (dockerd)");
	grade_one("dockerd", "containerd", "gRPC", m, VERDICT_RIGHT, "");
	grade_one("dockerd", "kubelet", "fork", m, VERDICT_RIGHT,
	        "here: pid 450 (kubelet) is a child of pid 400 (dockerd)");
	grade_one("systemd", "kubelet", "starts", m, VERDICT_WRONG,
	        "not on this machine. Here: pid 450 (kubelet) is a child of pid 400 (dockerd)");
	fixture_connection(m, 450, 300, "/run/containerd/containerd.sock");
	grade_one("kubelet", "dockerd", "HTTP", m, VERDICT_WRONG,
	        "Here: pid 450 (kubelet) is connected to pid 300 (containerd)");
	model_free(m);
}

/* ---- the sketch ---- */

static void test_undo(void **state)
{
	struct sketch s;

	(void)state;
	sketch_init(&s, "t");
	assert_int_equal(sketch_undo(&s), -ENOENT);
	assert_int_equal(sketch_place(&s, "a", BAND_USER), 0);
	assert_int_equal(sketch_place(&s, "a", BAND_USER), -EEXIST);
	assert_int_equal(sketch_place(&s, "b", BAND_USER), 0);
	assert_int_equal(sketch_connect(&s, "a", "a", ""), -ELOOP);
	assert_int_equal(sketch_connect(&s, "a", "c", ""), -ENOENT);
	assert_int_equal(sketch_connect(&s, "a", "b", "x\033[31m"), -EINVAL);
	assert_int_equal(sketch_connect(&s, "a", "b", "x"), 0);
	assert_int_equal(sketch_shift(&s, "a", 1), 0);
	assert_string_equal(s.now.parts[1].name, "a");
	assert_int_equal(sketch_shift(&s, "a", 1), -EEXIST);
	assert_int_equal(sketch_remove_part(&s, "b"), 0);
	assert_int_equal(s.now.n_arrows, 0);
	assert_int_equal(sketch_undo(&s), 0);
	assert_int_equal(s.now.n_arrows, 1);
	assert_int_equal(sketch_redo(&s), 0);
	assert_int_equal(s.now.n_arrows, 0);
	assert_int_equal(sketch_redo(&s), -ENOENT);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(sketch_place(&s, "a", i & 1 ? BAND_USER : BAND_KERNEL), 0);
		assert_int_equal(sketch_redo(&s), -ENOENT);
	}
	assert_int_equal(s.n_undo, SKETCH_UNDO);
	while (sketch_undo(&s) == 0)
		;
	sketch_release(&s);
}

static struct sketch printed_and_read(const struct sketch *s)
{
	struct sketch again;
	struct error err = {0};
	auto_buf text = BUF_INIT;

	assert_int_equal(sketch_print(s, &text), 0);
	assert_int_equal(sketch_parse(buf_text(&text), text.len, &again, &err), 0);
	return again;
}

static void test_kept_as_json(void **state)
{
	struct sketch s, again;
	auto_buf one = BUF_INIT, two = BUF_INIT;

	(void)state;
	draw_parts(&s);
	assert_int_equal(sketch_connect(&s, "docker", "dockerd", "HTTP \"über\" \\ /x"), 0);
	sketch_set_graded(&s, true);
	assert_int_equal(sketch_connect(&s, "you", "shell", "types"), 0);
	assert_int_equal(sketch_undo(&s), 0);
	again = printed_and_read(&s);
	assert_int_equal(sketch_print(&s, &one), 0);
	assert_int_equal(sketch_print(&again, &two), 0);
	assert_string_equal(buf_text(&one), buf_text(&two));
	assert_true(again.now.arrows[0].graded);
	assert_int_equal(again.n_redo, 1);
	sketch_release(&s);
	sketch_release(&again);
}

static void test_bad_files_are_refused(void **state)
{
	static const char *const bad[] = {
	        "",
	        "[]",
	        "{\"version\":2,\"parts\":[],\"arrows\":[]}",
	        "{\"version\":1}",
	        "{\"version\":1,\"parts\":{},\"arrows\":[]}",
	        "{\"version\":1,\"parts\":[7],\"arrows\":[]}",
	        "{\"version\":1,\"parts\":[{\"part\":\"a\",\"band\":\"sky\"}],\"arrows\":[]}",
	        "{\"version\":1,\"parts\":[{\"part\":\"../a\",\"band\":\"user\"}],\"arrows\":[]}",
	        "{\"version\":1,\"parts\":[{\"part\":\"a\",\"band\":\"user\"},{\"part\":\"a\","
	        "\"band\":\"user\"}],\"arrows\":[]}",
	        "{\"version\":1,\"parts\":[],\"arrows\":[{\"from\":\"a\",\"to\":\"b\",\"label\":"
	        "\"\"}]}",
	        "{\"version\":1,\"parts\":[{\"part\":\"a\",\"band\":\"user\"},{\"part\":\"b\","
	        "\"band\":\"user\"}],\"arrows\":[{\"from\":\"a\",\"to\":\"b\",\"label\":"
	        "\"\\u001b[2J\"}]}",
	        "{\"version\":1,\"parts\":[{\"part\":\"a\\u0000b\",\"band\":\"user\"}],\"arrows\":["
	        "]}",
	        "{\"version\":1,\"parts\":[],\"arrows\":[],\"undo\":[{}]}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct sketch s;
		struct error err = {0};

		if (sketch_parse(bad[i], strlen(bad[i]), &s, &err) != -EINVAL || !*err.cause)
			fail_msg("taken, or refused without a word: %s", bad[i]);
	}
}

/* A good file with bytes changed, cut and doubled: refused, or a sketch that can be graded. */
static void test_damaged_files(void **state)
{
	struct sketch s;
	auto_buf good = BUF_INIT;
	unsigned seed = 7, taken = 0;

	(void)state;
	draw_parts(&s);
	assert_int_equal(sketch_connect(&s, "docker", "dockerd", "HTTP"), 0);
	assert_int_equal(sketch_connect(&s, "dockerd", "containerd", "gRPC"), 0);
	assert_int_equal(sketch_print(&s, &good), 0);
	sketch_release(&s);
	for (int round = 0; round < 3000; round++) {
		auto_buf text = BUF_INIT;
		struct error err = {0};
		struct grade g;

		buf_add_bytes(&text, good.data, good.len);
		for (unsigned n = 1 + fixture_random(&seed, 4); n > 0; n--) {
			size_t at = fixture_random(&seed, (unsigned)text.len);
			if (fixture_random(&seed, 8))
				text.data[at] = (char)fixture_random(&seed, 256);
			else
				text.len = at + 1;
		}
		if (sketch_parse(text.data, text.len, &s, &err) < 0)
			continue;
		taken++;
		assert_int_equal(grade_make(rules, rules->tasks, &s, NULL, &g), 0);
		grade_release(&g);
		sketch_release(&s);
	}
	assert_true(taken > 0 && taken < 3000);
}

static void test_parts_go_by_many_names(void **state)
{
	static const char *const same[][2] = {{"docker daemon", "dockerd"}, {"Engine", "dockerd"},
	        {"containerd-shim", "shim"}, {"kube-apiserver", "apiserver"}, {"cri o", "cri"},
	        {"Container Process", "container"}, {"dockred", "dockerd"},
	        {"namespace", "namespaces"}, {"bash", "shell"}};

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		ssize_t at = diagram_part_find(rules, same[i][0]);
		if (at < 0 || strcmp(rules->parts[at].name, same[i][1]))
			fail_msg("'%s' is not %s", same[i][0], same[i][1]);
	}
	assert_int_equal(diagram_part_find(rules, ""), -1);
	assert_int_equal(diagram_part_find(rules, "a part that nobody knows of, with a long name "
	                                          "that does not end where others do"),
	        -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_wrong_arrows_have_reasons),
	        cmocka_unit_test(test_labels_are_read_forgivingly),
	        cmocka_unit_test(test_the_rules_agree_with_themselves),
	        cmocka_unit_test(test_each_task_can_be_solved),
	        cmocka_unit_test(test_parts_have_bands),
	        cmocka_unit_test(test_the_machine_is_asked),
	        cmocka_unit_test(test_the_machine_has_the_last_word),
	        cmocka_unit_test(test_undo),
	        cmocka_unit_test(test_kept_as_json),
	        cmocka_unit_test(test_bad_files_are_refused),
	        cmocka_unit_test(test_damaged_files),
	        cmocka_unit_test(test_parts_go_by_many_names),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
