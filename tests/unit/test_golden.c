/* Drawings of machines made by hand, compared with those kept in tests/golden. After a change that
 * is meant: UPDATE_GOLDEN=1 build/unit/test_golden, then look at the difference. Run from the root.
 */
#include "kernel/base/buf.h"
#include "kernel/base/cleanup.h"
#include "kernel/observe/fact.h"
#include "kernel/observe/observer.h"
#include "render/backend.h"
#include "render/large.h"
#include "tests/unit/golden.h"
#include "tests/unit/model_fixture.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

static void draw(const char *name, const char *view, struct view_input in, bool ascii, bool svg)
{
	char file[128];
	struct scene s;
	struct canvas c;
	auto_buf text = BUF_INIT;

	assert_int_equal(view_find(view)->layout(&in, &s), 0);
	assert_int_equal(canvas_init(&c, s.width, s.height), 0);
	canvas_draw(&c, &s, ascii);
	text_write(&c, THEME_NONE, &text);
	snprintf(file, sizeof file, "%s.txt", name);
	golden_compare(file, &text);
	if (svg) {
		buf_reset(&text);
		svg_write(&s, THEME_LIGHT, &text);
		snprintf(file, sizeof file, "%s.svg", name);
		golden_compare(file, &text);
	}
	canvas_release(&c);
	scene_release(&s);
}

/* As on a projector: spread over the rows, the letters of SVG larger. */
static void draw_large(const char *name, const char *view, struct view_input in)
{
	int rows = in.height;
	char file[128];
	struct scene s;
	struct canvas c;
	auto_buf text = BUF_INIT;

	in.height = large_rows(rows);
	assert_int_equal(view_find(view)->layout(&in, &s), 0);
	svg_write(&s, THEME_LARGE, &text);
	snprintf(file, sizeof file, "%s.svg", name);
	golden_compare(file, &text);
	large_spread(&s, rows);
	assert_true(s.height <= rows);
	assert_int_equal(canvas_init(&c, s.width, rows), 0);
	canvas_draw(&c, &s, false);
	buf_reset(&text);
	text_write(&c, THEME_NONE, &text);
	snprintf(file, sizeof file, "%s.txt", name);
	golden_compare(file, &text);
	canvas_release(&c);
	scene_release(&s);
}

static const struct view_want three_wanted[] = {
        {"container.red", "running"},
        {"container.green", "running"},
        {"container.blue", "running"},
};

static void test_nothing_yet(void **state)
{
	struct model *m = fixture_host();
	struct view_input in = {.now = m,
	        .before = m,
	        .wants = three_wanted,
	        .n_wants = 3,
	        .width = 80,
	        .height = 24};

	(void)state;
	draw("host-wanted-80x24", "host", in, false, false);
	in.width = 50;
	in.height = 28;
	draw("host-wanted-50x28", "host", in, false, false);
	in.width = 20;
	in.height = 5;
	draw("host-wanted-20x5", "host", in, false, false);
	model_free(m);
}

static void test_three(void **state)
{
	struct model *before = fixture_host(), *m = fixture_three();
	struct view_input in = {.now = m, .before = before, .width = 80, .height = 24};

	(void)state;
	draw("host-three-80x24", "host", in, false, false);
	draw("host-three-80x24-ascii", "host", in, true, false);
	in.width = 50;
	in.height = 28;
	draw("host-three-50x28", "host", in, false, false);
	in.width = 90;
	in.height = 48;
	draw("host-three-90x48", "host", in, false, true);
	in.width = 200;
	in.height = 60;
	draw("host-three-200x60", "host", in, false, false);
	in.width = 110;
	in.height = 56;
	draw_large("host-three-large-110x56", "host", in);
	in.now = before;
	in.before = m;
	in.width = 90;
	in.height = 30;
	draw("host-gone-90x30", "host", in, false, false);
	model_free(before);
	model_free(m);
}

static const struct view_want hand_wanted[] = {
        {"container.hand.ns.net", ""},
        {"container.hand.ns.cgroup", ""},
        {"container.hand.layers", ""},
        {"container.hand.cap.sys_admin", "no"},
        {"container.hand.seccomp", ""},
};

static void test_hand(void **state)
{
	struct model *before = fixture_host(), *m = fixture_building(9);
	struct view_input in = {.now = m,
	        .before = before,
	        .wants = hand_wanted,
	        .n_wants = 5,
	        .subject = "hand",
	        .width = 90,
	        .height = 40};

	(void)state;
	draw("host-building-90x40", "host", in, false, false);
	draw("container-building-90x40", "container", in, false, true);
	in.width = 50;
	in.height = 28;
	draw("container-building-50x28", "container", in, false, false);
	in.width = 20;
	in.height = 5;
	draw("container-building-20x5", "container", in, false, false);
	in.now = before;
	draw("container-wanted-20x5", "container", in, false, false);
	in.width = 80;
	in.height = 24;
	draw("container-wanted-80x24", "container", in, false, false);
	model_free(before);
	model_free(m);
}

/* Step by step, and a step that fails: what was done before is undone by then. */
static void test_steps(void **state)
{
	static const struct view_want wants[] = {
	        {"container.hand.mount./proc", "proc"}, {"container.hand.seccomp", ""}};
	struct model *before = fixture_building(8), *m = fixture_building(12);
	struct model *failed = fixture_building(0), *host = fixture_host();
	struct model *groups = fixture_building(3);
	struct view_input in = {.now = m,
	        .before = before,
	        .wants = wants,
	        .n_wants = 2,
	        .width = 80,
	        .height = 24};
	struct model_step *step = (struct model_step *)&failed->containers[0].steps[12];

	(void)state;
	draw("steps-building-80x24", "steps", in, false, true);
	draw("steps-building-80x24-ascii", "steps", in, true, false);
	in.width = 140;
	in.height = 40;
	draw("steps-building-140x40", "steps", in, false, false);
	in.width = 50;
	in.height = 28;
	draw("steps-building-50x28", "steps", in, false, false);
	in.width = 20;
	in.height = 5;
	draw("steps-building-20x5", "steps", in, false, false);
	failed->containers[0].pid = 0; /* ended and undone */
	failed->n_processes--;
	step->status = STEP_FAILED;
	step->error = "step mount-proc: mount: /proc: mounting a /proc takes a pid namespace of "
	              "its own (EPERM)";
	step->advice = "'cutaway step hand' tries it once more";
	in = (struct view_input){.now = failed, .before = m, .width = 80, .height = 24};
	draw("steps-failed-80x24", "steps", in, false, false);
	draw("host-failed-80x24", "host", in, false, false);
	in.now = host;
	in.wants = wants;
	in.n_wants = 2;
	draw("steps-gone-80x24", "steps", in, false, false);
	in.before = NULL;
	in.n_wants = 0;
	draw("steps-none-80x24", "steps", in, false, false);
	m->containers[0].status = CONTAINER_RUNNING; /* there, but not what is asked for */
	in = (struct view_input){.now = m, .subject = "other", .width = 80, .height = 24};
	draw("steps-other-80x24", "steps", in, false, false);
	groups->containers[0].pid = 0; /* only its groups are there: nothing has an inside */
	groups->n_processes--;
	in = (struct view_input){
	        .now = groups, .before = host, .subject = "hand", .width = 80, .height = 24};
	draw("container-groups-80x24", "container", in, false, false);
	model_free(groups);
	model_free(before);
	model_free(m);
	model_free(failed);
	model_free(host);
}

static void test_running(void **state)
{
	struct model *m = fixture_three();
	struct view_input in = {.now = m, .subject = "red", .width = 100, .height = 40};

	(void)state;
	draw("container-running-100x40", "container", in, false, true);
	in.width = 80;
	in.height = 24;
	draw("container-running-80x24", "container", in, false, false);
	draw("container-running-80x24-ascii", "container", in, true, false);
	model_free(m);
}

static void test_many(void **state)
{
	struct model *m = fixture_host();
	struct view_input in = {.now = m, .width = 80, .height = 24};

	(void)state;
	for (int i = 0; i < 1000; i++)
		fixture_container(m, fixture_text(m, "web%03d", i), 1000 + i, 410, "httpd")
		        ->status = CONTAINER_FOREIGN;
	draw("host-thousand-80x24", "host", in, false, false);
	in.width = 200;
	in.height = 60;
	draw("host-thousand-200x60", "host", in, false, false);
	draw("kernel-thousand-200x60", "kernel", in, false, false);
	model_free(m);
}

/* Who shares what: blue has its own, green has the network of blue, red is not isolated at all but
 * for its host name. */
static void test_kernel(void **state)
{
	struct model *m = fixture_three();
	struct view_input in = {.now = m, .width = 100, .height = 40};
	struct model_process *green = NULL, *red = NULL;

	(void)state;
	for (size_t i = 0; i < m->n_processes; i++) {
		green = m->processes[i].container == 1 ? &m->processes[i] : green;
		red = m->processes[i].container == 2 ? &m->processes[i] : red;
	}
	green->ns[NS_NET] = m->containers[0].ns[NS_NET];
	for (int t = 0; t < NS_COUNT; t++)
		red->ns[t] = t == NS_UTS ? red->ns[t] : m->host.ns[t];
	draw("kernel-three-100x40", "kernel", in, false, true);
	in.width = 80;
	in.height = 24;
	draw("kernel-three-80x24", "kernel", in, false, false);
	draw("kernel-three-80x24-ascii", "kernel", in, true, false);
	in.width = 200;
	in.height = 60;
	draw("kernel-three-200x60", "kernel", in, false, false);
	in.width = 20;
	in.height = 5;
	draw("kernel-three-20x5", "kernel", in, false, false);
	model_free(m);
}

/* Groups that use what they have: red nearly all of its processor, which others wait for. */
static void test_kernel_busy(void **state)
{
	static const struct model_use red[] = {{0, 4 << 20}, {100000, 8 << 20}, {250000, 16 << 20},
	        {499000, 40 << 20}, {480000, 60 << 20}};
	static const struct model_use blue[] = {
	        {0, 12 << 20}, {0, 12 << 20}, {MODEL_UNKNOWN, 12 << 20}, {9000, 12 << 20}};
	struct model *m = fixture_three();
	struct view_input in = {.now = m, .width = 160, .height = 40};

	(void)state;
	for (size_t i = 0; i < m->n_cgroups; i++) {
		struct model_cgroup *g = &m->cgroups[i];
		bool is_red = !strcmp(g->path, "/cutaway/red");
		if (!is_red && strcmp(g->path, "/cutaway/blue") != 0)
			continue;
		g->past = is_red ? red : blue;
		g->n_past = is_red ? 5 : 4;
		g->cpu_rate = g->past[g->n_past - 1].cpu_rate;
		g->cpu_quota_us = is_red ? 50000 : MODEL_NO_LIMIT;
		g->memory_current = g->past[g->n_past - 1].memory;
		g->io_read = 4 << 20;
		g->io_written = 0;
		g->io_rate = is_red ? 300 << 10 : 0;
		g->pressure[PRESSURE_CPU] = is_red ? 8312 : 0;
		g->pressure[PRESSURE_MEMORY] = 99;
		g->pressure[PRESSURE_IO] = is_red ? 250 : 0;
	}
	draw("kernel-busy-160x40", "kernel", in, false, true);
	in.width = 80;
	in.height = 24;
	draw("kernel-busy-80x24", "kernel", in, false, false);
	draw("kernel-busy-80x24-ascii", "kernel", in, true, false);
	model_free(m);
}

/* A bridge with two ports: red's and green's other ends; blue has no way out. */
static void test_network(void **state)
{
	struct model *m = fixture_three();
	uint64_t host = m->host.ns[NS_NET];
	struct view_input in = {.now = m, .width = 110, .height = 40};
	struct model_link *port;

	(void)state;
	fixture_link(m, host, 3, "cutaway0", "10.88.0.1/24", true);
	m->links[m->n_links - 1].kind = "bridge";
	for (int i = 1; i < 3; i++) {
		fixture_link(m, m->containers[i].ns[NS_NET], 2, "eth0",
		        fixture_text(m, "10.88.0.%d/24", i + 1), true);
		fixture_link(m, host, 3 + i, fixture_text(m, "cutaway0-%d", i + 1), "", i == 1);
		port = &m->links[m->n_links - 1];
		port->master = 3;
		port->peer = 2;
		port->peer_ns = m->containers[i].ns[NS_NET];
	}
	m->containers[2].ports = "0.0.0.0:8080->80/tcp";
	m->routes[m->n_routes++] = (struct model_route){host, "default", "192.0.2.1", "eth0"};
	draw("network-three-110x40", "network", in, false, true);
	in.width = 80;
	in.height = 24;
	draw("network-three-80x24", "network", in, false, false);
	draw("network-three-80x24-ascii", "network", in, true, false);
	in.width = 20;
	in.height = 5;
	draw("network-three-20x5", "network", in, false, false);
	model_free(m);
}

/* "base", and "shop" of three layers on top of its one. */
static struct model *image_machine(void)
{
	struct model *m = fixture_host();
	int layers[] = {fixture_layer(m, 'a', 1036512, "cutaway: the host's static busybox"),
	        fixture_layer(m, 'b', 12288, "COPY app /srv/app"),
	        fixture_layer(m, 'c', 310, "RUN echo hello > /srv/index.html")};

	fixture_image(m, "base", '1', layers, 1);
	fixture_image(m, "shop", '2', layers, 3);
	return m;
}

static void test_image(void **state)
{
	static const struct model_change changes[] = {
	        {"/bin/ls", CHANGE_REMOVED, 0},
	        {"/etc/passwd", CHANGE_CHANGED, 72},
	        {"/tmp/x", CHANGE_ADDED, 3},
	};
	struct model *before = image_machine(), *m = image_machine();
	struct model_container *c;
	struct view_input in = {
	        .now = m, .before = before, .subject = "shop", .width = 100, .height = 40};

	(void)state;
	fixture_made_from(m, fixture_container(m, "green", 901, 801, "httpd"), &m->images[1]);
	c = fixture_container(m, "red", 903, 801, "httpd");
	fixture_made_from(m, c, &m->images[1]);
	c->changes = changes;
	c->n_changes = 3;
	before->images[1].digest = "sha256:9999999999999999";
	draw("image-shop-100x40", "image", in, false, true);
	in.width = 80;
	in.height = 24;
	draw("image-shop-80x24", "image", in, false, false);
	draw("image-shop-80x24-ascii", "image", in, true, false);
	in.subject = "green";
	in.width = 50;
	in.height = 28;
	draw("image-shop-50x28", "image", in, false, false);
	model_free(before);
	model_free(m);
}

/* Registries in the names of images that were pulled, not made here, and one that runs here. */
static void test_registries(void **state)
{
	struct model *m = image_machine();
	struct view_input in = {.now = m, .width = 120, .height = 40};

	(void)state;
	fixture_daemon(m, 850, "registry", "serves images");
	m->images[1].registry = "127.0.0.1:5000";
	m->images[1].name = "127.0.0.1:5000/library/shop:latest";
	draw("host-registries-120x40", "host", in, false, false);
	in.width = 60;
	draw("host-registries-60x40", "host", in, true, false);
	model_free(m);
}

static void test_image_wanted(void **state)
{
	static const struct view_want wants[] = {{"image.web:1", ""}, {"image.web:1.layers", "3"}};
	struct model *m = image_machine();
	struct view_input in = {.now = m,
	        .before = m,
	        .wants = wants,
	        .n_wants = 2,
	        .subject = "web:1",
	        .width = 80,
	        .height = 24};

	(void)state;
	draw("image-wanted-80x24", "image", in, false, false);
	in.width = 20;
	in.height = 5;
	draw("image-wanted-20x5", "image", in, false, false);
	model_free(m);
}

/* From a container to one of its processes, to the namespaces of a type, to one fact. */
static void test_deep(void **state)
{
	struct model *before = fixture_host(), *m = fixture_three();
	struct view_input in = {
	        .now = m, .before = before, .subject = "red", .width = 100, .height = 44};
	struct model_fact fact;

	(void)state;
	draw("process-red-100x44", "process", in, false, true);
	in.width = 80;
	in.height = 24;
	draw("process-red-80x24-ascii", "process", in, true, false);
	in.width = 20;
	in.height = 5;
	draw("process-red-20x5", "process", in, false, false);
	in.width = 90;
	in.height = 30;
	in.subject = "uts";
	draw("namespace-uts-90x30", "namespace", in, false, false);
	in.height = 9;
	draw("namespace-uts-90x9", "namespace", in, false, false);
	in.height = 24;
	assert_int_equal(fact_find(m, "container.red.ns.uts", &m->arena, &fact), 0);
	in.fact = &fact;
	draw("fact-namespace-90x24", "fact", in, false, true);
	fixture_mount(m, m->host.ns[NS_MNT], "cgroup2", "/sys/fs/cgroup", "cgroup2", "rw");
	assert_int_equal(fact_find(m, "cgroup./cutaway/red.memory.max", &m->arena, &fact), 0);
	draw("fact-memory-90x24", "fact", in, false, false);
	model_free(before);
	model_free(m);
}

/* docker run in the learner's shell: client, daemon, containerd, shim, container. */
static struct model *docker_machine(void)
{
	struct model *m = fixture_host();
	struct model_container *c;

	fixture_process(m, 820, 801, "docker", "docker run -it alpine", ROLE_LAB);
	fixture_process(
	        m, 830, 1, "containerd-shim", "/usr/bin/containerd-shim-runc-v2", ROLE_DAEMON);
	m->daemons[m->n_daemons++] = (struct model_daemon){
	        "containerd-shim", "keeps one container", (int)m->n_processes - 1, ""};
	c = fixture_container(m, "1f2e3d4c5b6a", 840, 830, "sh");
	c->status = CONTAINER_FOREIGN;
	fixture_connection(m, 400, 830, "/run/containerd/s/0123456789abcdef0123456789abcdef");
	fixture_connection(m, 410, 400, "/run/containerd/containerd.sock");
	fixture_connection(m, 820, 410, "/run/docker.sock");
	fixture_connection(m, 830, 400, "/run/containerd/containerd.sock.ttrpc");
	return m;
}

static void test_toolchain(void **state)
{
	struct model *m = docker_machine(), *before = fixture_host(), *many = docker_machine();
	struct view_input in = {.now = m, .width = 120, .height = 40};

	(void)state;
	draw("host-docker-160x50", "host",
	        (struct view_input){.now = m, .width = 160, .height = 50}, false, true);
	draw("host-docker-80x24", "host",
	        (struct view_input){.now = m, .before = before, .width = 80, .height = 24}, false,
	        false);
	draw("toolchain-docker-120x40", "toolchain", in, false, true);
	in.width = 80;
	in.height = 24;
	in.before = before;
	draw("toolchain-docker-80x24", "toolchain", in, false, false);
	draw("toolchain-docker-80x24-ascii", "toolchain", in, true, false);
	in.width = 50;
	in.height = 20;
	draw("toolchain-docker-50x20", "toolchain", in, false, false);
	in.width = 20;
	in.height = 5;
	draw("toolchain-docker-20x5", "toolchain", in, false, false);
	in = (struct view_input){.now = before, .width = 80, .height = 24};
	draw("toolchain-idle-80x24", "toolchain", in, false, false);
	for (int i = 0; i < 40; i++) {
		fixture_process(many, 900 + 2 * i, 1, "containerd-shim", "shim", ROLE_DAEMON);
		many->daemons[many->n_daemons++] = (struct model_daemon){
		        "containerd-shim", "", (int)many->n_processes - 1, ""};
		fixture_container(
		        many, fixture_text(many, "web%02d", i), 901 + 2 * i, 900 + 2 * i, "httpd")
		        ->status = CONTAINER_FOREIGN;
	}
	in.now = many;
	draw("toolchain-many-80x24", "toolchain", in, false, false);
	model_free(many);
	model_free(before);
	model_free(m);
}

/* Machines as they were recorded, not as we think them. */
static void test_recorded(void **state)
{
	static const char *const names[] = {"docker-host-v1", "kubernetes-node-v2",
	        "podman-user-v2", "plain-laptop", "unshare-hybrid"};
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct observer_options options = {.root = path};
		struct observer *o = NULL;
		struct model *m = NULL;

		snprintf(path, sizeof path, "tests/fixtures/%s", names[i]);
		assert_int_equal(observer_new(&options, &o, NULL), 0);
		assert_int_equal(observer_read(o, &m, NULL), 0);
		observer_free(o);
		snprintf(path, sizeof path, "recorded-%s", names[i]);
		draw(path, "host", (struct view_input){.now = m, .width = 100, .height = 40}, false,
		        true);
		snprintf(path, sizeof path, "recorded-%s-container", names[i]);
		draw(path, "container", (struct view_input){.now = m, .width = 80, .height = 24},
		        false, false);
		snprintf(path, sizeof path, "recorded-%s-container-150x60", names[i]);
		draw(path, "container", (struct view_input){.now = m, .width = 150, .height = 60},
		        false, i < 2);
		snprintf(path, sizeof path, "recorded-%s-toolchain", names[i]);
		draw(path, "toolchain", (struct view_input){.now = m, .width = 90, .height = 30},
		        false, false);
		snprintf(path, sizeof path, "recorded-%s-steps", names[i]);
		draw(path, "steps", (struct view_input){.now = m, .width = 80, .height = 24}, false,
		        i == 3);
		model_free(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_nothing_yet),
	        cmocka_unit_test(test_three),
	        cmocka_unit_test(test_hand),
	        cmocka_unit_test(test_steps),
	        cmocka_unit_test(test_running),
	        cmocka_unit_test(test_many),
	        cmocka_unit_test(test_kernel),
	        cmocka_unit_test(test_kernel_busy),
	        cmocka_unit_test(test_network),
	        cmocka_unit_test(test_image),
	        cmocka_unit_test(test_registries),
	        cmocka_unit_test(test_image_wanted),
	        cmocka_unit_test(test_deep),
	        cmocka_unit_test(test_toolchain),
	        cmocka_unit_test(test_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
