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
	        {"{\"process\":{\"args\":[\"a\"],\"capabilities\":{\"bounding\":[\"CAP_FLY\"]}}}",
	                "CAP_FLY"},
	        {"{\"process\":{\"args\":[\"a\"]},\"root\":{\"readonly\":true}}", "root.readonly"},
	        {"{\"process\":{\"args\":[\"a\"]},\"mounts\":[{\"destination\":\"x\"}]}",
	                "mounts.destination"},
	        {"{\"process\":{\"args\":[\"a\"]}}", "linux.namespaces"},
	        {"{\"process\":{\"args\":[\"a\"]},\"linux\":{\"namespaces\":[{\"type\":\"x\"}]}}",
	                "linux.namespaces.type"},
	        {"{\"process\":{\"args\":[\"a\"]},\"linux\":{\"namespaces\":[{\"type\":\"pid\"},"
	         "{\"type\":\"mount\"},{\"type\":\"user\"}]}}",
	                "linux.uidMappings"},
	        {"{\"process\":{\"args\":[\"a\"]},\"linux\":{\"namespaces\":[{\"type\":\"pid\"},"
	         "{\"type\":\"mount\"}],\"resources\":{\"pids\":{\"limit\":0}}}}",
	                "linux.resources.pids.limit"},
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
	        cmocka_unit_test(test_sizes),
	        cmocka_unit_test(test_capability_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
