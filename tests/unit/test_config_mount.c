/* `mounts` of config.json as the kernel's words: flags, attributes, owners; and what is refused. */
#include "kernel/base/cleanup.h"
#include "kernel/do/bind.h"
#include "kernel/do/config.h"
#include "kernel/do/mount_words.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include <cmocka.h>

static int parse(const char *mounts, const char *linux_, struct config **ret, struct error *err)
{
	auto_buf text = BUF_INIT;
	json_t *json;
	int r;

	buf_addf(&text,
	        "{\"process\":{\"args\":[\"a\"]},\"linux\":{\"namespaces\":[{\"type\":\"mount\"},"
	        "{\"type\":\"user\"}],%s},\"mounts\":[%s]}",
	        linux_, mounts);
	json = json_loads(buf_text(&text), 0, NULL);
	if (!json)
		fail_msg("no JSON: %s", buf_text(&text));
	r = config_parse(json, ret, err);
	json_decref(json);
	return r;
}

static const char ids[] = "\"uidMappings\":[{\"containerID\":0,\"hostID\":7,\"size\":1}],"
                          "\"gidMappings\":[{\"containerID\":0,\"hostID\":8,\"size\":1}]";

static struct config *parsed(const char *mounts)
{
	struct config *c = NULL;
	struct error err = {0};

	if (parse(mounts, ids, &c, &err) < 0)
		fail_msg("%s: %s", err.object, err.cause);
	return c;
}

static void test_options(void **state)
{
	struct config *c =
	        parsed("{\"destination\":\"/a\",\"type\":\"bind\",\"source\":\"/s\",\"options\":"
	               "[\"rbind\",\"ro\",\"rw\",\"nosuid\",\"rslave\",\"rro\",\"rnoatime\"]},"
	               "{\"destination\":\"/b\",\"type\":\"tmpfs\",\"options\":[\"size=1k\","
	               "\"strictatime\",\"mode=755\",\"tmpcopyup\"]}");
	struct bind bind = bind_of_mount(&c->mounts[0]);

	(void)state;
	assert_int_equal(c->mounts[0].flags, MS_BIND | MS_REC | MS_NOSUID);
	assert_int_equal(c->mounts[0].propagation, MS_SLAVE | MS_REC);
	assert_true(c->mounts[0].set == (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOATIME));
	assert_true(c->mounts[0].clear == MOUNT_ATTR__ATIME);
	assert_false(c->mounts[0].copy_up);
	assert_int_equal(c->mounts[1].flags, MS_STRICTATIME);
	assert_string_equal(c->mounts[1].data, "size=1k,mode=755");
	assert_true(c->mounts[1].copy_up);
	assert_true(bind.recursive);
	assert_true(bind.set == MOUNT_ATTR_NOSUID);
	assert_true(bind.deep_set == (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOATIME));
	assert_string_equal(bind.source, "/s");
	config_free(c);
}

/* What is said later wins, and one way to keep access times takes the place of another. */
static void test_deep_options(void **state)
{
	static const struct {
		const char *words;
		uint64_t set, clear;
	} cases[] = {
	        {"\"rro\",\"rrw\"", 0, MOUNT_ATTR_RDONLY},
	        {"\"rrw\",\"rro\"", MOUNT_ATTR_RDONLY, 0},
	        {"\"rnosuid\",\"rsuid\"", 0, MOUNT_ATTR_NOSUID},
	        {"\"rnoatime\",\"rstrictatime\"", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME},
	        {"\"rnoatime\",\"ratime\"", 0, MOUNT_ATTR__ATIME},
	        {"\"rstrictatime\",\"rnostrictatime\"", 0, MOUNT_ATTR__ATIME},
	        {"\"rrelatime\",\"rnorelatime\"", 0, MOUNT_ATTR__ATIME},
	        {"\"rnodiratime\"", MOUNT_ATTR_NODIRATIME, 0},
	        {"\"rdiratime\"", 0, MOUNT_ATTR_NODIRATIME},
	        {"\"rnosymfollow\",\"rnodev\",\"rnoexec\"",
	                MOUNT_ATTR_NOSYMFOLLOW | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		auto_buf text = BUF_INIT;
		struct config *c;
		buf_addf(&text,
		        "{\"destination\":\"/a\",\"source\":\"/s\",\"options\":[\"bind\",%s]}",
		        cases[i].words);
		c = parsed(buf_text(&text));
		if (c->mounts[0].set != cases[i].set || c->mounts[0].clear != cases[i].clear)
			fail_msg("%s: set %#jx, clear %#jx", cases[i].words,
			        (uintmax_t)c->mounts[0].set, (uintmax_t)c->mounts[0].clear);
		config_free(c);
	}
}

/* Those of the table "Linux mount options" in config.md, each known. */
static void test_every_word(void **state)
{
	static const char all[] =
	        "async atime bind defaults dev diratime dirsync exec iversion lazytime loud "
	        "noatime "
	        "nodev nodiratime noexec noiversion nolazytime norelatime nostrictatime nosuid "
	        "nosymfollow private ratime rbind rdev rdiratime relatime remount rexec rnoatime "
	        "rnodev rnodiratime rnoexec rnorelatime rnostrictatime rnosuid rnosymfollow ro "
	        "rprivate rrelatime rro rrw rshared rslave rstrictatime rsuid rsymfollow "
	        "runbindable "
	        "rw shared silent slave strictatime suid symfollow sync tmpcopyup unbindable idmap "
	        "ridmap";
	char word[32];
	int n;

	(void)state;
	for (const char *p = all; sscanf(p, "%31s%n", word, &n) == 1; p += n) {
		size_t i = 0;
		while (mount_word(i) && strcmp(mount_word(i), word) != 0)
			i++;
		if (!mount_word(i))
			fail_msg("%s is not known", word);
	}
}

static void test_destinations(void **state)
{
	struct config *c = parsed("{\"destination\":\"a/b\",\"type\":\"tmpfs\"},"
	                          "{\"destination\":\"/c/\",\"type\":\"tmpfs\"}");

	(void)state;
	assert_string_equal(c->mounts[0].destination, "/a/b");
	assert_string_equal(c->mounts[1].destination, "/c/");
	config_free(c);
}

static void test_owners(void **state)
{
	struct config *c = parsed(
	        "{\"destination\":\"/a\",\"source\":\"/s\",\"options\":[\"bind\",\"idmap\"]},"
	        "{\"destination\":\"/b\",\"source\":\"/s\",\"options\":[\"bind\",\"ridmap\"],"
	        "\"uidMappings\":[{\"containerID\":1,\"hostID\":2,\"size\":3}],"
	        "\"gidMappings\":[{\"containerID\":4,\"hostID\":5,\"size\":6}]},"
	        "{\"destination\":\"/c\",\"source\":\"/s\",\"options\":[\"bind\"]}");

	(void)state;
	assert_int_equal(c->mounts[0].ids, MOUNT_IDS_MAP);
	assert_int_equal(c->mounts[0].n_uid_map, 1);
	assert_int_equal(c->mounts[0].uid_map[0].outside, 7);
	assert_int_equal(c->mounts[0].gid_map[0].outside, 8);
	assert_int_equal(c->mounts[1].ids, MOUNT_IDS_MAP_DEEP);
	assert_int_equal(c->mounts[1].uid_map[0].inside, 1);
	assert_int_equal(c->mounts[1].gid_map[0].count, 6);
	assert_int_equal(c->mounts[2].ids, MOUNT_IDS_KEEP);
	assert_int_equal(c->mounts[2].n_uid_map, 0);
	config_free(c);
}

static void test_refusals(void **state)
{
	static const struct {
		const char *mount, *member;
		int code;
	} cases[] = {
	        {"{\"type\":\"tmpfs\"}", "mounts.destination", EINVAL},
	        {"{\"destination\":3}", "mounts.destination", EINVAL},
	        {"{\"destination\":\"/\"}", "mounts.destination", ENOTSUP},
	        {"{\"destination\":\"./.\"}", "mounts.destination", ENOTSUP},
	        {"{\"destination\":\"/a\",\"options\":\"ro\"}", "mounts.options", EINVAL},
	        {"{\"destination\":\"/a\",\"type\":\"bind\",\"options\":[\"x\"]}", "mounts.options",
	                EINVAL},
	        {"{\"destination\":\"/a\",\"type\":\"proc\",\"options\":[\"tmpcopyup\"]}",
	                "mounts.options", EINVAL},
	        {"{\"destination\":\"/a\",\"type\":\"tmpfs\",\"options\":[\"idmap\"]}",
	                "mounts.uidMappings", EINVAL},
	        {"{\"destination\":\"/a\",\"type\":\"bind\",\"uidMappings\":[{\"size\":1}]}",
	                "mounts.gidMappings", EINVAL},
	        {"{\"destination\":\"/a\",\"type\":\"bind\",\"gidMappings\":[{\"size\":1}]}",
	                "mounts.uidMappings", EINVAL},
	        {"{\"destination\":\"/a\",\"type\":\"bind\",\"gidMappings\":[{\"size\":-1}]}",
	                "mounts.gidMappings", EINVAL},
	};
	struct config *c = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct error err = {0};
		assert_int_equal(parse(cases[i].mount, ids, &c, &err), -cases[i].code);
		assert_string_equal(err.object, cases[i].member);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_options),
	        cmocka_unit_test(test_deep_options),
	        cmocka_unit_test(test_every_word),
	        cmocka_unit_test(test_destinations),
	        cmocka_unit_test(test_owners),
	        cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
