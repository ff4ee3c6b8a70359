/* Conditions and what they say, over a model made by hand. */
#include "kernel/base/cleanup.h"
#include "kernel/observe/check.h"
#include "kernel/observe/query.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static uint64_t own_ns = 4026532500, host_ns = 4026531830;

/* "hand": running, with everything. "half.made": building, shares everything. */
static struct model_process processes[] = {
        {.pid = 10, .comm = "bash", .cmdline = "bash", .cgroup = -1, .container = -1},
        {.pid = 20,
                .comm = "sleep",
                .cmdline = "sleep 9",
                .uid = 100000,
                .no_new_privs = true,
                .seccomp = 2,
                .cap_effective = 1 << 10 | 1 << 0,
                .cgroup = 1,
                .container = 1},
        {.pid = 30,
                .comm = "cutaway",
                .cmdline = "cutaway",
                .cap_effective = 0x1ffffffffff,
                .cgroup = -1,
                .container = 0},
};
static struct model_cgroup groups[] = {
        {.path = "/cutaway", .ours = true},
        {.path = "/cutaway/hand",
                .controllers = "memory pids",
                .ours = true,
                .processes = 1,
                .memory_max = 64 << 20,
                .memory_current = 4096,
                .pids_max = MODEL_NO_LIMIT,
                .pids_current = 1,
                .cpu_usage_us = MODEL_UNKNOWN,
                .cpu_quota_us = MODEL_UNKNOWN,
                .cpu_period_us = MODEL_UNKNOWN},
};
static struct model_step steps[] = {
        {.id = "clone", .title = "a process", .status = STEP_DONE, .error = ""},
        {.id = "hostname", .title = "a name", .status = STEP_FAILED, .error = "EPERM"},
};
static const char *const layers[] = {"/data/a", "/data/b"};
static struct model_mount mounts[] = {
        {.id = 1, .source = "/dev/vda", .target = "/", .fstype = "ext4", .options = "rw"},
        {.id = 2, .source = "proc", .target = "/proc", .fstype = "proc", .options = "rw"},
        {.id = 3, .source = "overlay", .target = "/", .fstype = "overlay", .options = "rw"},
        {.id = 4, .source = "proc", .target = "/proc", .fstype = "proc", .options = "rw"},
        {.id = 5, .source = "none", .target = "/a.b/c", .fstype = "tmpfs", .options = "rw"},
};
static struct model_container containers[] = {
        {.name = "half.made",
                .image = "base",
                .command = "",
                .status = CONTAINER_BUILDING,
                .pid = 30,
                .exit_code = -1,
                .hostname = "vm",
                .uid_map = "",
                .gid_map = "",
                .cgroup = -1,
                .upper = "",
                .rootfs = "/data/merged",
                .cgroup_inside = "/",
                .processes = 1},
        {.name = "hand",
                .image = "base",
                .command = "sleep 9",
                .status = CONTAINER_RUNNING,
                .pid = 20,
                .exit_code = -1,
                .hostname = "vm",
                .uid_map = "0 100000 65536",
                .gid_map = "0 100000 65536",
                .cgroup = 1,
                .layers = layers,
                .n_layers = 2,
                .upper = "/data/u",
                .rootfs = "/data/hand/merged",
                .cgroup_inside = "/",
                .steps = steps,
                .n_steps = 2,
                .processes = 1},
};
static struct model_layer image_layers[] = {
        {.diff_id = "sha256:a1", .digest = "sha256:a2", .images = 2},
        {.diff_id = "sha256:b1", .digest = "sha256:b2", .images = 1},
};
static const int of_shop[] = {0, 1};
static struct model_image images[] = {
        {.name = "base",
                .registry = "docker.io",
                .tag = "latest",
                .digest = "sha256:11",
                .config = "sha256:12",
                .platform = "linux/amd64",
                .command = "sh",
                .layers = of_shop,
                .n_layers = 1},
        {.name = "lab/shop:1.4",
                .registry = "docker.io",
                .tag = "1.4",
                .digest = "sha256:21",
                .config = "sha256:22",
                .platform = "linux/amd64",
                .command = "sh",
                .layers = of_shop,
                .n_layers = 2},
};
static struct model machine = {
        .host = {.hostname = "vm", .kernel = "6.1.0", .machine = "x86_64", .cgroup_mode = "hybrid"},
        .processes = processes,
        .n_processes = 3,
        .cgroups = groups,
        .n_cgroups = 2,
        .mounts = mounts,
        .n_mounts = 5,
        .containers = containers,
        .n_containers = 2,
        .images = images,
        .n_images = 2,
        .layers = image_layers,
        .n_layers = 2,
};

static int set_up(void **state)
{
	(void)state;
	for (int t = 0; t < NS_COUNT; t++) {
		machine.host.ns[t] = host_ns + (uint64_t)t;
		containers[1].ns[t] = t == NS_TIME ? 0 : own_ns + (uint64_t)t;
	}
	for (int i = 0; i < 5; i++)
		mounts[i].mnt_ns = i < 2 ? machine.host.ns[NS_MNT] : containers[1].ns[NS_MNT];
	return 0;
}

static struct check_result eval(const char *expression)
{
	struct check_result result = {0};
	struct error err = {0};
	int r = check_eval(&machine, expression, &result, &err);

	if (r < 0)
		print_error("%s: %s: %s\n", expression, err.object, err.cause);
	assert_int_equal(r, 0);
	return result;
}

static void holding(void **state)
{
	static const char *const hold[] = {"container.hand", "container.hand = running",
	        "container.half.made = building", "!container.nobody", "!container.nobody.ns.uts",
	        "container.hand.ns.uts", "!container.hand.ns.time", "!container.half.made.ns.uts",
	        "container.hand.ns.uts != host.ns.uts", "container.hand.hostname = host.hostname",
	        "container.hand.hostname!=hand", "container.hand.command = \"sleep 9\"",
	        "container.hand.command ~ sleep", "container.hand.cgroup.memory.max = 64M",
	        "container.hand.cgroup.memory.max <= 64MiB",
	        "container.hand.cgroup.memory.max=67108864", "container.hand.cgroup.pids.max = max",
	        "container.hand.cgroup.pids.max > 100", "!container.hand.cgroup.cpu.usage",
	        "container.hand.cgroup = /cutaway/hand", "container.hand.cap.net_bind_service",
	        "container.hand.cap.CAP_CHOWN = yes", "!container.hand.cap.sys_admin",
	        "container.hand.caps = 2", "container.hand.caps < container.half.made.caps",
	        "container.hand.seccomp = yes", "container.hand.no_new_privs",
	        "!container.half.made.seccomp", "container.hand.root = 100000",
	        "container.hand.uid > 0", "container.hand.layers = 2", "container.hand.exit = -1",
	        "container.hand.step.clone = done", "container.hand.step.hostname = failed",
	        "container.hand.step.hostname.error ~ EPERM", "!container.hand.step.clone.error",
	        "container.hand.mount./ = overlay", "container.hand.mount./proc = proc",
	        "container.hand.mount./a.b/c", "!container.hand.mount./sys",
	        "!container.half.made.mount./proc", "containers.count = 1", "process.sleep = 20",
	        "!process.nothing", "processes.sleep.count = 1", "processes.nothing.count = 0",
	        "cgroup./cutaway/hand", "!cgroup./nothing", "host.cgroups = hybrid",
	        "host.hostname = \"vm\"", "lab.containers.count = 2", "lab.cgroups.count = 1",
	        "image.lab/shop:1.4", "image.lab/shop:1.4.layers = 2",
	        "image.lab/shop:1.4.shared = 1", "image.base.layer.1 = image.lab/shop:1.4.layer.1",
	        "image.lab/shop:1.4.diff_id.2 = sha256:b1", "!image.base.layer.2",
	        "!image.lab/shop", "images.count = 2", "layers.count = 2", "lab.mounts.count = 0",
	        "  host.kernel  ~  6.1  ", "! container.nobody"};

	(void)state;
	for (size_t i = 0; i < sizeof hold / sizeof *hold; i++) {
		struct check_result result = eval(hold[i]);
		if (!result.holds)
			print_error("%s does not hold: %s\n", hold[i], result.text);
		assert_true(result.holds);
	}
}

static void saying_what_is_missing(void **state)
{
	static const char *const said[][2] = {
	        {"container.nobody", "no container is called nobody"},
	        {"container.nobody.ns.uts", "no container is called nobody"},
	        {"container.nobody.hostname = x", "no container is called nobody"},
	        {"container.hand.hostname = hand",
	                "hostname of container hand is 'vm', should be 'hand'"},
	        {"container.half.made.ns.uts",
	                "container half.made has no UTS namespace of its own yet"},
	        {"container.half.made.ns.mnt",
	                "container half.made has no mount namespace of its own yet"},
	        {"container.half.made.seccomp", "container half.made has no seccomp filter yet"},
	        {"container.half.made.cgroup", "container half.made has no control group yet"},
	        {"container.hand.mount./sys", "container hand has nothing mounted at /sys yet"},
	        {"container.hand.cap.sys_admin", "container hand does not have CAP_SYS_ADMIN"},
	        {"!container.hand.cap.chown", "container hand has CAP_CHOWN, and should not"},
	        {"!container.hand", "container hand exists (running), and should not"},
	        {"container.hand.cgroup.memory.max = 32M",
	                "memory limit of container hand is '67108864', should be '32M'"},
	        {"container.hand.cgroup.cpu.quota = 5",
	                "CPU quota of container hand is not there yet, should be '5'"},
	        {"container.hand.caps < 2",
	                "number of capabilities of container hand is '2', should be below '2'"},
	        {"process.nothing", "no process is called nothing"},
	        {"cgroup./nothing", "there is no control group /nothing"},
	        {"!cgroup./cutaway/hand",
	                "there is the control group /cutaway/hand, and should not"},
	        {"image.lab/shop", "no image is called lab/shop"},
	        {"image.lab/shop.layer.2 = x", "no image is called lab/shop"},
	        {"image.base.layer.2", "digest of layer 2 of image base is not there"},
	        {"image.base.diff_id.1 = image.base.layer.1",
	                "diff id of layer 1 of image base is 'sha256:a1', should be 'sha256:a2'"},
	        {"containers.count = 3", "containers.count is '1', should be '3'"},
	        {"container.hand.step.nothing", "container hand has no step nothing"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
		struct check_result result = eval(said[i][0]);
		assert_false(result.holds);
		assert_string_equal(result.text, said[i][1]);
	}
}

static void telling_fact_and_value(void **state)
{
	struct check_result result = eval("container.hand.hostname = hand");

	(void)state;
	assert_string_equal(result.fact, "container.hand.hostname");
	assert_string_equal(result.wanted, "hand");
	result = eval("container.hand.ns.uts = host.ns.uts");
	assert_string_equal(result.wanted, "4026531833");
	assert_string_equal(eval("!container.hand").wanted, "");
}

static void pointing_at_the_bad_character(void **state)
{
	static const char *const wrong[][2] = {
	        {"", "the name of a fact is missing, at its end"},
	        {"   ", "the name of a fact is missing, at its end"},
	        {"= 3", "the name of a fact is missing, at character 1 ('=')"},
	        {"host.hostname @ 3", "an operator is missing, at character 15 ('@')"},
	        {"host.hostname =", "a value is missing, at its end"},
	        {"host.hostname = \"vm", "the closing quote is missing, at its end"},
	        {"host.hostname = a b", "something follows the value (put a value with spaces in "
	                                "quotes), at character 19 ('b')"},
	        {"!host.hostname = vm", "'!' takes a fact alone, at character 16 ('=')"},
	        {"host.nothing", "no fact is called 'host.nothing', at character 1"},
	        {"nothing", "no fact is called 'nothing', at character 1"},
	        {"container.", "no fact is called 'container.', at character 1"},
	        {"container.hand.", "no fact is called 'container.hand.', at character 1"},
	        {"container.hand.colour", "no fact is called 'container.hand.colour', at "
	                                  "character 1"},
	        {"container.nobody.colour",
	                "no fact is called 'container.nobody.colour', at character 1"},
	        {"container.hand.ns.colour",
	                "no fact is called 'container.hand.ns.colour', at character 1"},
	        {"container.hand.cap.fly", "no fact is called 'container.hand.cap.fly', at "
	                                   "character 1"},
	        {"host.hostname = host.nothing",
	                "no fact is called 'host.nothing', at character 17"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct check_result result;
		struct error err = {0};
		assert_int_equal(check_eval(&machine, wrong[i][0], &result, &err), -EINVAL);
		assert_string_equal(err.cause, wrong[i][1]);
		assert_true(err.advice[0]);
	}
}

/* Any bytes: an answer or an error, in bounds (the sanitizers look on). */
static void any_bytes(void **state)
{
	static const char alphabet[] = "!=<>~\"\\ .abhost.container.cgroup./\n\t\x01\xff{}0123MGk";
	unsigned seed = 1;
	char text[700];

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct check_result result;
		size_t n = (seed = seed * 1103515245 + 12345) / 65536 % (round % 100 ? 40 : 699);
		for (size_t i = 0; i < n; i++)
			text[i] = alphabet[(seed = seed * 1103515245 + 12345) / 65536 %
			                   (sizeof alphabet - 1)];
		text[n] = '\0';
		if (check_eval(&machine, text, &result, NULL) == 0)
			assert_true(memchr(result.text, '\0', sizeof result.text) != NULL);
	}
}

static void every_listed_fact_can_be_asked(void **state)
{
	auto_buf list = BUF_INIT;
	char *at, *fact;
	size_t n = 0;

	(void)state;
	query_list(&machine, &list);
	for (at = list.data; (fact = strsep(&at, "\n")) && *fact; n++) {
		auto_buf value = BUF_INIT;
		int r = query_fact(&machine, fact, &value);
		if (r != 0)
			print_error("%s: %d\n", fact, r);
		assert_int_equal(r, 0);
	}
	assert_true(n > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(holding),
	        cmocka_unit_test(saying_what_is_missing),
	        cmocka_unit_test(telling_fact_and_value),
	        cmocka_unit_test(pointing_at_the_bad_character),
	        cmocka_unit_test(any_bytes),
	        cmocka_unit_test(every_listed_fact_can_be_asked),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
