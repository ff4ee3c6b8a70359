/* From options to config.json, from config.json to a checked configuration. */
#include "kernel/base/cleanup.h"
#include "kernel/do/capability.h"
#include "kernel/do/config.h"
#include "kernel/do/options.h"
#include "kernel/do/size.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmocka.h>

static const char image[] = "{\"config\":{\"Env\":[\"A=1\",\"PATH=/x\"],\"Cmd\":[\"sh\"],"
                            "\"WorkingDir\":\"/srv\"}}";

static json_t *built(const struct container_options *o, bool range)
{
	struct idmap_choice ids = {.range = range, .offset = range ? IDMAP_OFFSET : 0};
	struct error err = {0};
	json_t *json = NULL;

	assert_int_equal(config_build(o, image, &ids, "/merged", &json, &err), 0);
	return json;
}

static struct config *parsed(const json_t *json)
{
	struct config *c = NULL;
	struct error err = {0};

	assert_int_equal(config_parse(json, &c, &err), 0);
	return c;
}

static void test_defaults(void **state)
{
	struct container_options o = {.name = "n", .image = "base"};
	json_t *json = built(&o, true);
	struct config *c = parsed(json);

	(void)state;
	assert_string_equal(c->args[0], "sh");
	assert_null(c->args[1]);
	assert_string_equal(c->cwd, "/srv");
	assert_string_equal(c->hostname, "n");
	assert_int_equal(c->namespaces, CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS |
	                                        CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP);
	assert_int_equal(c->uid_map[0].outside, IDMAP_OFFSET);
	assert_int_equal(c->uid_map[0].count, IDMAP_COUNT);
	assert_true(c->no_new_privs);
	assert_non_null(c->seccomp);
	assert_true(c->memory_max == CONFIG_UNLIMITED);
	assert_true(c->capabilities.bounding == capability_default());
	assert_true(c->capabilities.effective == capability_default());
	assert_true(c->capabilities.inheritable == 0);
	assert_true(c->capabilities.ambient == 0);
	config_free(c);
	json_decref(json);
}

static void test_options_reach_the_configuration(void **state)
{
	char *command[] = {(char *)"echo", (char *)"hi"};
	const char *env[] = {"A=2", "B=3"};
	struct container_options o = {
	        .name = "n",
	        .image = "base",
	        .hostname = "host",
	        .command = command,
	        .n_command = 2,
	        .env = env,
	        .n_env = 2,
	        .workdir = "/tmp",
	        .user = "7:8",
	        .memory_max = 64 << 20,
	        .pids_max = 32,
	        .cpu_quota_us = 50000,
	        .cap_add = UINT64_C(1) << CAP_SYS_TIME,
	        .cap_drop = UINT64_C(1) << CAP_KILL,
	        .userns_host = true,
	        .seccomp_unconfined = true,
	        .allow_new_privileges = true,
	};
	json_t *json = built(&o, true);
	struct config *c = parsed(json);
	bool a = false, path = false;

	(void)state;
	assert_string_equal(c->args[1], "hi");
	for (size_t i = 0; c->env[i]; i++) {
		a |= !strcmp(c->env[i], "A=2");
		path |= !strcmp(c->env[i], "PATH=/x");
		assert_string_not_equal(c->env[i], "A=1");
	}
	assert_true(a && path);
	assert_string_equal(c->cwd, "/tmp");
	assert_string_equal(c->hostname, "host");
	assert_int_equal(c->uid, 7);
	assert_int_equal(c->gid, 8);
	assert_int_equal(c->memory_max, 64 << 20);
	assert_int_equal(c->pids_max, 32);
	assert_int_equal(c->cpu_quota_us, 50000);
	assert_int_equal(c->cpu_period_us, OPTIONS_CPU_PERIOD_US);
	assert_false(c->namespaces & CLONE_NEWUSER);
	assert_int_equal(c->n_uid_map, 0);
	assert_null(c->seccomp);
	assert_false(c->no_new_privs);
	assert_true(c->capabilities.bounding & UINT64_C(1) << CAP_SYS_TIME);
	assert_false(c->capabilities.bounding & UINT64_C(1) << CAP_KILL);
	assert_true(c->capabilities.effective == 0); /* not root */
	config_free(c);
	json_decref(json);
}

static void test_single_id(void **state)
{
	struct container_options o = {.name = "n", .image = "base"};
	json_t *json = built(&o, false);
	struct config *c = parsed(json);

	(void)state;
	assert_int_equal(c->uid_map[0].count, 1);
	assert_int_equal(c->uid_map[0].outside, geteuid());
	config_free(c);
	json_decref(json);
}

static void test_no_program(void **state)
{
	struct container_options o = {.name = "n", .image = "empty"};
	struct idmap_choice ids = {0};
	struct error err = {0};
	json_t *json = NULL;

	(void)state;
	assert_int_equal(config_build(&o, "{}", &ids, "/merged", &json, &err), -EINVAL);
	assert_string_equal(err.object, "empty");
	assert_true(err.advice[0]);
}

static void test_users(void **state)
{
	static const char *const bad[] = {"", "x", "-1", "1:", "1:2:3", "1 ", "4294967295"};
	uint32_t uid, gid;
	struct error err = {0};

	(void)state;
	assert_int_equal(options_user("10:20", &uid, &gid, &err), 0);
	assert_int_equal(uid, 10);
	assert_int_equal(gid, 20);
	assert_int_equal(options_user("root", &uid, &gid, &err), 0);
	assert_int_equal(uid, 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(options_user(bad[i], &uid, &gid, &err), -EINVAL);
}

/* Each is a good configuration with one thing put in; the error names the member. */
static void test_what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *json, *member;
	} wrong[] = {
	        {"[]", ""},
	        {"{}", "process"},
	        {"{\"process\":{}}", "process.args"},
	        {"{\"process\":{\"args\":[]}}", "process.args"},
	        {"{\"process\":{\"args\":[1]}}", "process.args"},
	        {"{\"process\":{\"args\":[\"a\"],\"cwd\":\"x\"}}", "process.cwd"},
	        {"{\"process\":{\"args\":[\"a\"],\"cwd\":3}}", "process.cwd"},
	        {"{\"process\":{\"args\":[\"a\"],\"user\":{\"uid\":-1}}}", "process.user.uid"},
	        {"{\"process\":{\"args\":[\"a\"],\"capabilities\":{\"bounding\":[1]}}}",
	                "process.capabilities"},
	        {"{\"process\":{\"args\":[\"a\"]},\"mounts\":[{\"destination\":\"\"}]}",
	                "mounts.destination"},
	        {"{\"process\":{\"args\":[\"a\"]},\"linux\":{\"namespaces\":[{\"type\":\"x\"}]}}",
	                "linux.namespaces.type"},
	        {"{\"process\":{\"args\":[\"a\"]},\"linux\":{\"namespaces\":[{\"type\":\"pid\"},"
	         "{\"type\":\"mount\"},{\"type\":\"user\"}]}}",
	                "linux.uidMappings"},
	        {"{\"process\":{\"args\":[\"a\"]},\"linux\":{\"namespaces\":[{\"type\":\"pid\"},"
	         "{\"type\":\"mount\"}],\"resources\":{\"memory\":{\"limit\":0}}}}",
	                "linux.resources.memory.limit"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		json_t *json = json_loads(wrong[i].json, 0, NULL);
		struct config *c = NULL;
		struct error err = {0};
		assert_non_null(json);
		assert_int_equal(config_parse(json, &c, &err), -EINVAL);
		assert_null(c);
		assert_string_equal(err.object, wrong[i].member);
		json_decref(json);
	}
}

/* A good configuration for a bundle, with members put in. */
static json_t *bundle_json(const char *process, const char *linux_, const char *top)
{
	auto_buf text = BUF_INIT;
	json_error_t problem;
	json_t *json;

	buf_addf(&text,
	        "{\"process\":{\"args\":[\"a\"]%s},\"linux\":{\"namespaces\":[{\"type\":\"mount\"},"
	        "{\"type\":\"uts\"},{\"type\":\"network\",\"path\":\"/ns\"}]%s}%s}",
	        process, linux_, top);
	json = json_loads(buf_text(&text), 0, &problem);
	if (!json)
		fail_msg("%s: %s", buf_text(&text), problem.text);
	return json;
}

static void test_bundle_members(void **state)
{
	json_t *json =
	        bundle_json(",\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"soft\":7,\"hard\":"
	                    "18446744073709551615.0}],"
	                    "\"user\":{\"umask\":7,\"additionalGids\":[3]},\"oomScoreAdj\":-5",
	                ",\"sysctl\":{\"net.ipv4.ip_forward\":\"1\",\"net/ipv4/conf/a.b/x\":\"2\"},"
	                "\"devices\":[{\"path\":\"/dev/"
	                "x\",\"type\":\"b\",\"major\":8,\"minor\":1,\"fileMode\":384}],"
	                "\"personality\":{\"domain\":\"LINUX32\"},\"rootfsPropagation\":\"rslave\"",
	                ",\"root\":{\"readonly\":true},\"domainname\":\"d\",\"hooks\":{"
	                "\"poststop\":[{\"path\":\"/h\"}]}");
	struct config *c = parsed(json);

	(void)state;
	assert_int_equal(c->n_limits, 1);
	assert_int_equal(c->limits[0].soft, 7);
	assert_true(c->limits[0].hard == RLIM_INFINITY);
	assert_int_equal(c->umask, 7);
	assert_int_equal(c->groups[0], 3);
	assert_true(c->has_oom_score);
	assert_int_equal(c->oom_score_adj, -5);
	assert_int_equal(c->namespaces, CLONE_NEWNS | CLONE_NEWUTS);
	assert_int_equal(c->n_joined, 1);
	assert_int_equal(c->joined[0].flag, CLONE_NEWNET);
	assert_int_equal(c->n_sysctl, 2);
	assert_string_equal(c->sysctl[0].key, "net/ipv4/ip_forward");
	assert_string_equal(c->sysctl[1].key, "net/ipv4/conf/a.b/x");
	assert_int_equal(c->devices[0].mode, S_IFBLK | 0600);
	assert_int_equal(c->devices[0].major, 8);
	assert_int_equal(c->personality, PER_LINUX32);
	assert_int_equal(c->root_propagation, MS_SLAVE | MS_REC);
	assert_true(c->root_readonly);
	assert_string_equal(c->domainname, "d");
	assert_int_equal(c->hooks[HOOK_POSTSTOP].n, 1);
	assert_string_equal(c->hooks[HOOK_POSTSTOP].hooks[0].args[0], "/h");
	assert_null(c->hooks[HOOK_POSTSTOP].hooks[0].args[1]);
	config_free(c);
	json_decref(json);
}

/* The same limit in the words of both versions of control groups. */
static void test_resources(void **state)
{
	static const struct {
		const char *json, *v1, *v2;
	} cases[] = {
	        {"\"memory\":{\"limit\":4096}", "memory.limit_in_bytes=4096", "memory.max=4096"},
	        {"\"memory\":{\"limit\":-1}", "memory.limit_in_bytes=-1", "memory.max=max"},
	        {"\"cpu\":{\"shares\":2}", "cpu.shares=2", "cpu.weight=1"},
	        {"\"cpu\":{\"shares\":262144}", "cpu.shares=262144", "cpu.weight=10000"},
	        {"\"cpu\":{\"quota\":5000}", "cpu.cfs_quota_us=5000", "cpu.max=5000 100000"},
	        {"\"cpu\":{\"quota\":-1}", "cpu.cfs_quota_us=-1", "cpu.max=max 100000"},
	        {"\"pids\":{\"limit\":-1}", "pids.max=max", "pids.max=max"},
	        {"\"blockIO\":{\"weightDevice\":[{\"major\":8,\"minor\":16,\"weight\":70}]}",
	                "blkio.bfq.weight_device=8:16 70", "io.bfq.weight=8:16 70"},
	        {"\"blockIO\":{\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":1,\"rate\":9}]}",
	                "blkio.throttle.read_bps_device=8:1 9", "io.max=8:1 rbps=9"},
	        {"\"rdma\":{\"mlx5_1\":{\"hcaHandles\":3,\"hcaObjects\":0}}",
	                "rdma.max=mlx5_1 hca_handle=3 hca_object=0",
	                "rdma.max=mlx5_1 hca_handle=3 hca_object=0"},
	        {"\"rdma\":{\"a\":{\"hcaObjects\":5}}", "rdma.max=a hca_object=5",
	                "rdma.max=a hca_object=5"},
	        {"\"network\":{\"priorities\":[{\"name\":\"eth0\",\"priority\":4}]}",
	                "net_prio.ifpriomap=eth0 4", "="},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		auto_buf text = BUF_INIT, v1 = BUF_INIT, v2 = BUF_INIT;
		json_t *json;
		struct config *c;
		buf_addf(&text, ",\"resources\":{%s}", cases[i].json);
		json = bundle_json("", buf_text(&text), "");
		c = parsed(json);
		assert_int_equal(c->n_resources, 1);
		buf_addf(&v1, "%s=%s", c->resources[0].v1_file, c->resources[0].v1_value);
		buf_addf(&v2, "%s=%s", c->resources[0].v2_file ? c->resources[0].v2_file : "",
		        c->resources[0].v2_value ? c->resources[0].v2_value : "");
		assert_string_equal(buf_text(&v1), cases[i].v1);
		assert_string_equal(buf_text(&v2), cases[i].v2);
		config_free(c);
		json_decref(json);
	}
}

/* What is known and not done, and what makes no sense: each by its name. */
static void test_bundle_refusals(void **state)
{
	static const struct {
		const char *process, *linux_, *top, *member;
		int code;
	} cases[] = {
	        {",\"scheduler\":{\"policy\":\"SCHED_ISO\"}", "", "", "process.scheduler.policy",
	                ENOTSUP},
	        {",\"oomScoreAdj\":1001", "", "", "process.oomScoreAdj", EINVAL},
	        {",\"rlimits\":[{\"type\":\"x\"}]", "", "", "process.rlimits.type", EINVAL},
	        {",\"rlimits\":[{\"type\":\"RLIMIT_AS\",\"soft\":2,\"hard\":1}]", "", "",
	                "process.rlimits", EINVAL},
	        {"", ",\"sysctl\":{\"vm.swappiness\":\"1\"}", "", "linux.sysctl", EINVAL},
	        {"", ",\"sysctl\":{\"kernel.msgmax\":\"1\"}", "", "linux.sysctl", EINVAL},
	        {"", ",\"sysctl\":{\"net/../vm/x\":\"1\"}", "", "linux.sysctl", EINVAL},
	        {"", ",\"cgroupsPath\":\"a/../b\"", "", "linux.cgroupsPath", EINVAL},
	        {"", ",\"devices\":[{\"path\":\"x\"}]", "", "linux.devices.path", EINVAL},
	        {"", ",\"devices\":[{\"path\":\"/x\",\"type\":\"z\"}]", "", "linux.devices.type",
	                EINVAL},
	        {"", ",\"resources\":{\"memory\":{\"limit\":10,\"swap\":5}}", "",
	                "linux.resources.memory.swap", EINVAL},
	        {"", ",\"resources\":{\"unified\":{\"cgroup.procs\":\"1\"}}", "",
	                "linux.resources.unified", EINVAL},
	        {"", ",\"resources\":{\"unified\":{\"../memory.max\":\"1\"}}", "",
	                "linux.resources.unified", EINVAL},
	        {"", ",\"resources\":{\"rdma\":{\"a\":{}}}", "", "linux.resources.rdma", EINVAL},
	        {"", ",\"resources\":{\"rdma\":{\"a b\":{\"hcaHandles\":1}}}", "",
	                "linux.resources.rdma", EINVAL},
	        {"",
	                ",\"resources\":{\"network\":{\"priorities\":[{\"name\":\"e 1\","
	                "\"priority\":1}]}}",
	                "", "linux.resources.network.priorities", EINVAL},
	        {"", ",\"resources\":{\"blockIO\":{\"leafWeight\":10}}", "",
	                "linux.resources.blockIO.leafWeight", ENOTSUP},
	        {"",
	                ",\"resources\":{\"blockIO\":{\"weightDevice\":[{\"major\":1,\"minor\":1,"
	                "\"weight\":1001}]}}",
	                "", "linux.resources.blockIO.weightDevice", EINVAL},
	        {"", "", ",\"hooks\":{\"prestart\":[{\"path\":\"h\"}]}", "hooks.path", EINVAL},
	        {"", "", ",\"annotations\":{\"a\":1}", "annotations", EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		json_t *json = bundle_json(cases[i].process, cases[i].linux_, cases[i].top);
		struct config *c = NULL;
		struct error err = {0};
		assert_int_equal(config_parse(json, &c, &err), -cases[i].code);
		assert_string_equal(err.object, cases[i].member);
		json_decref(json);
	}
}

static void test_sizes(void **state)
{
	static const char *const bad[] = {"", "0", "-1", " 1", "1 ", "12x", "1kk", "1bb", "M",
	        "99999999999999999999", "9999999999T", "0x10", "1.5G"};
	uint64_t n = 0;

	(void)state;
	assert_int_equal(size_parse("4096", &n), 0);
	assert_true(n == 4096);
	assert_int_equal(size_parse("64M", &n), 0);
	assert_true(n == 64 << 20);
	assert_int_equal(size_parse("64MiB", &n), 0);
	assert_true(n == 64 << 20);
	assert_int_equal(size_parse("2g", &n), 0);
	assert_true(n == UINT64_C(2) << 30);
	assert_int_equal(size_parse("7b", &n), 0);
	assert_true(n == 7);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(size_parse(bad[i], &n), -EINVAL);
	assert_int_equal(count_parse("32", &n), 0);
	assert_true(n == 32);
	assert_int_equal(count_parse("32M", &n), -EINVAL);
	assert_int_equal(count_parse("-5", &n), -EINVAL);
}

static void test_capability_names(void **state)
{
	auto_buf name = BUF_INIT;

	(void)state;
	assert_int_equal(capability_number("CAP_SYS_ADMIN"), CAP_SYS_ADMIN);
	assert_int_equal(capability_number("net_raw"), CAP_NET_RAW);
	assert_int_equal(capability_number("CAP_"), -1);
	assert_int_equal(capability_number("no_such"), -1);
	assert_int_equal(capability_number(NULL), -1);
	capability_name(CAP_CHOWN, &name);
	assert_string_equal(buf_text(&name), "CAP_CHOWN");
	assert_int_equal(__builtin_popcountll(capability_default()), 14);
	assert_false(capability_default() & UINT64_C(1) << CAP_SYS_ADMIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_defaults),
	        cmocka_unit_test(test_options_reach_the_configuration),
	        cmocka_unit_test(test_single_id),
	        cmocka_unit_test(test_no_program),
	        cmocka_unit_test(test_users),
	        cmocka_unit_test(test_what_is_wrong_is_named),
	        cmocka_unit_test(test_bundle_members),
	        cmocka_unit_test(test_resources),
	        cmocka_unit_test(test_bundle_refusals),
	        cmocka_unit_test(test_sizes),
	        cmocka_unit_test(test_capability_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
