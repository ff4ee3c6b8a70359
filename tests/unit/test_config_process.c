/* linux.namespaces, linux.timeOffsets and what `process` says of how it is run: from JSON to a
 * checked configuration. */
#include "kernel/do/config.h"
#include "kernel/do/label.h"
#include "kernel/do/schedule.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A configuration with these members of `process` and of `linux`. */
static json_t *configured(const char *process, const char *namespaces, const char *linux_)
{
	json_t *json = json_pack("{s:{s:[s]}, s:{}}", "process", "args", "true", "linux");
	json_t *part = json_loads(process, 0, NULL);

	assert_non_null(part);
	json_object_update(json_object_get(json, "process"), part);
	json_decref(part);
	part = json_loads(linux_, 0, NULL);
	assert_non_null(part);
	json_object_update(json_object_get(json, "linux"), part);
	json_decref(part);
	part = json_loads(namespaces, 0, NULL);
	assert_non_null(part);
	json_object_set_new(json_object_get(json, "linux"), "namespaces", part);
	return json;
}

static struct config *parsed(json_t *json)
{
	struct config *c = NULL;
	struct error err = {0};

	assert_int_equal(config_parse(json, &c, &err), 0);
	json_decref(json);
	return c;
}

/* It is refused, and by this name. */
static void refused(json_t *json, const char *object)
{
	struct config *c = NULL;
	struct error err = {0};

	assert_true(config_parse(json, &c, &err) < 0);
	assert_string_equal(err.object, object);
	json_decref(json);
}

static const char mount_only[] = "[{\"type\":\"mount\"}]";

static void test_all_kinds(void **state)
{
	struct config *c = parsed(configured("{}",
	        "[{\"type\":\"mount\"},{\"type\":\"pid\"},{\"type\":\"time\"},"
	        "{\"type\":\"network\",\"path\":\"/n\"},{\"type\":\"user\",\"path\":\"/u\"},"
	        "{\"type\":\"ipc\",\"path\":\"/i\"},{\"type\":\"uts\",\"path\":\"\"},"
	        "{\"type\":\"cgroup\"}]",
	        "{}"));

	(void)state;
	assert_int_equal(c->namespaces,
	        CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWTIME | CLONE_NEWUTS | CLONE_NEWCGROUP);
	assert_int_equal(config_joined(c), CLONE_NEWNET | CLONE_NEWUSER | CLONE_NEWIPC);
	assert_int_equal(c->n_joined, 3);
	assert_string_equal(c->joined[0].path, "/n");
	assert_null(c->time_offsets);
	config_free(c);
	c = parsed(configured("{}", "[{\"type\":\"mount\",\"path\":\"/m\"}]", "{}"));
	assert_int_equal(c->namespaces, 0);
	assert_int_equal(config_joined(c), CLONE_NEWNS);
	config_free(c);
}

static void test_bad_namespaces(void **state)
{
	static const struct {
		const char *list, *object;
	} cases[] = {
	        {"{}", "linux.namespaces"},
	        {"[{\"type\":\"mount\"},{\"type\":\"mnt\"}]", "linux.namespaces.type"},
	        {"[{\"type\":\"mount\"},{}]", "linux.namespaces.type"},
	        {"[{\"type\":\"mount\"},7]", "linux.namespaces.type"},
	        {"[{\"type\":\"mount\"},{\"type\":\"mount\",\"path\":\"/m\"}]",
	                "linux.namespaces.type"},
	        {"[{\"type\":\"user\",\"path\":\"u\"}]", "linux.namespaces.path"},
	        {"[{\"type\":\"user\",\"path\":7}]", "linux.namespaces.path"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		refused(configured("{}", cases[i].list, "{}"), cases[i].object);
}

static void test_time_offsets(void **state)
{
	static const char both[] = "[{\"type\":\"mount\"},{\"type\":\"time\"}]";
	struct config *c = parsed(configured("{}", both,
	        "{\"timeOffsets\":{\"boottime\":{\"secs\":-7},"
	        "\"monotonic\":{\"secs\":9223372036854775807,\"nanosecs\":999999999}}}"));

	(void)state;
	assert_string_equal(
	        c->time_offsets, "monotonic 9223372036854775807 999999999\nboottime -7 0\n");
	config_free(c);
	c = parsed(configured("{}", mount_only, "{\"timeOffsets\":{}}"));
	assert_null(c->time_offsets);
	config_free(c);
	refused(configured("{}", mount_only, "{\"timeOffsets\":{\"boottime\":{\"secs\":1}}}"),
	        "linux.timeOffsets");
	refused(configured("{}", "[{\"type\":\"mount\"},{\"type\":\"time\",\"path\":\"/t\"}]",
	                "{\"timeOffsets\":{\"boottime\":{\"secs\":1}}}"),
	        "linux.timeOffsets");
	refused(configured("{}", both, "{\"timeOffsets\":{\"realtime\":{\"secs\":1}}}"),
	        "linux.timeOffsets");
	refused(configured("{}", both, "{\"timeOffsets\":{\"boottime\":{\"secs\":\"1\"}}}"),
	        "linux.timeOffsets.boottime.secs");
	refused(configured("{}", both, "{\"timeOffsets\":{\"monotonic\":{\"nanosecs\":-1}}}"),
	        "linux.timeOffsets.monotonic.nanosecs");
}

static void test_maps(void **state)
{
	static const char map[] = "{\"uidMappings\":[{\"containerID\":0,\"hostID\":1,\"size\":1},"
	                          "{\"containerID\":5,\"hostID\":9,\"size\":3}],"
	                          "\"gidMappings\":[{\"containerID\":0,\"hostID\":1,\"size\":1}]}";
	struct config *c =
	        parsed(configured("{}", "[{\"type\":\"mount\"},{\"type\":\"user\"}]", map));

	(void)state;
	assert_int_equal(c->n_uid_map, 2);
	assert_int_equal(c->uid_map[1].outside, 9);
	config_free(c);
	/* Of one that is entered they are its own. */
	c = parsed(configured(
	        "{}", "[{\"type\":\"mount\"},{\"type\":\"user\",\"path\":\"/u\"}]", map));
	assert_int_equal(c->n_uid_map, 0);
	assert_int_equal(c->n_gid_map, 0);
	config_free(c);
	refused(configured("{}", mount_only, map), "linux.uidMappings");
	refused(configured("{}", "[{\"type\":\"mount\"},{\"type\":\"user\"}]", "{}"),
	        "linux.uidMappings");
}

static void test_scheduler(void **state)
{
	struct config *c = parsed(configured(
	        "{\"scheduler\":{\"policy\":\"SCHED_DEADLINE\",\"runtime\":1,\"deadline\":2,"
	        "\"period\":3,\"flags\":[\"SCHED_FLAG_RESET_ON_FORK\",\"SCHED_FLAG_RECLAIM\"]},"
	        "\"ioPriority\":{\"class\":\"IOPRIO_CLASS_BE\",\"priority\":4}}",
	        mount_only, "{}"));

	(void)state;
	assert_int_equal(c->scheduler->policy, 6);
	assert_int_equal(c->scheduler->flags, 3);
	assert_int_equal(c->scheduler->runtime, 1);
	assert_int_equal(c->scheduler->deadline, 2);
	assert_int_equal(c->scheduler->period, 3);
	assert_int_equal(c->io_priority, 2 << IO_CLASS_SHIFT | 4);
	config_free(c);
	c = parsed(configured("{}", mount_only, "{}"));
	assert_null(c->scheduler);
	assert_int_equal(c->io_priority, IO_PRIORITY_NOT_SAID);
	assert_null(c->exec_cpus_initial);
	config_free(c);
	refused(configured("{\"scheduler\":{\"policy\":7}}", mount_only, "{}"),
	        "process.scheduler.policy");
	refused(configured("{\"scheduler\":{\"policy\":\"SCHED_IDLE\",\"nice\":\"1\"}}", mount_only,
	                "{}"),
	        "process.scheduler.nice");
}

static void test_cpus(void **state)
{
	static const char *const wrong[] = {
	        "", ",", "1,", ",1", "1-", "-1", "2-1", "1024", "a", "1 ", "18446744073709551616"};
	cpu_set_t set;

	(void)state;
	assert_int_equal(schedule_cpus("0-3,7", &set), 0);
	assert_int_equal(CPU_COUNT(&set), 5);
	assert_true(CPU_ISSET(7, &set));
	assert_int_equal(schedule_cpus("1023", &set), 0);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_equal(schedule_cpus(wrong[i], &set), -EINVAL);
}

static void test_labels_and_warnings(void **state)
{
	struct config *c =
	        parsed(configured("{\"apparmorProfile\":\"p\",\"selinuxLabel\":\"l\","
	                          "\"capabilities\":{\"bounding\":[\"CAP_KILL\",\"CAP_FLY\"]}}",
	                mount_only, "{\"mountLabel\":\"m\"}"));

	(void)state;
	assert_string_equal(c->apparmor, "exec p");
	assert_string_equal(c->selinux, "l");
	assert_string_equal(c->mount_label, "m");
	assert_int_equal(c->capabilities.bounding, 1 << 5);
	assert_string_equal(buf_text(&c->warnings),
	        "process.capabilities.bounding: CAP_FLY: left out, since this kernel has no "
	        "such\n");
	config_free(c);
	c = parsed(configured("{\"apparmorProfile\":\"\"}", mount_only, "{}"));
	assert_string_equal(c->apparmor, "");
	assert_string_equal(c->selinux, "");
	config_free(c);
	refused(configured("{\"selinuxLabel\":7}", mount_only, "{}"), "process.selinuxLabel");
}

/* What is made for the container gets it; what is the kernel's or somebody else's does not. */
static void test_mount_labels(void **state)
{
	json_t *json = configured("{}", mount_only, "{\"mountLabel\":\"a:b:c:s0:c1,c2\"}");
	struct error err = {0};
	struct config *c;

	(void)state;
	json_object_set_new(json, "mounts",
	        json_pack("[{s:s,s:s,s:s,s:[s]},{s:s,s:s,s:s},{s:s,s:s,s:s,s:[s]}]", "destination",
	                "/t", "type", "tmpfs", "source", "t", "options", "size=1k", "destination",
	                "/proc", "type", "proc", "source", "proc", "destination", "/b", "type",
	                "bind", "source", "/b", "options", "rbind"));
	c = parsed(json);
	assert_int_equal(label_mounts(c, &err), 0);
	assert_string_equal(c->mounts[0].data, "size=1k,context=\"a:b:c:s0:c1,c2\"");
	assert_string_equal(c->mounts[1].data, "");
	assert_string_equal(c->mounts[2].data, "");
	config_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_all_kinds),
	        cmocka_unit_test(test_bad_namespaces),
	        cmocka_unit_test(test_time_offsets),
	        cmocka_unit_test(test_maps),
	        cmocka_unit_test(test_scheduler),
	        cmocka_unit_test(test_cpus),
	        cmocka_unit_test(test_labels_and_warnings),
	        cmocka_unit_test(test_mount_labels),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
