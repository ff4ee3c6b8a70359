/* Drawings of who calls whom, from you to the kernel, compared with what tests/golden keeps (see
 * tests/unit/golden.h). */
#include "tests/unit/golden.h"
#include "tests/unit/model_fixture.h"

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
	golden_draw("host-docker-160x50", "host",
	        (struct view_input){.now = m, .width = 160, .height = 50}, false, true);
	golden_draw("host-docker-80x24", "host",
	        (struct view_input){.now = m, .before = before, .width = 80, .height = 24}, false,
	        false);
	golden_draw("toolchain-docker-120x40", "toolchain", in, false, true);
	in.width = 80;
	in.height = 24;
	in.before = before;
	golden_draw("toolchain-docker-80x24", "toolchain", in, false, false);
	golden_draw("toolchain-docker-80x24-ascii", "toolchain", in, true, false);
	in.width = 50;
	in.height = 20;
	golden_draw("toolchain-docker-50x20", "toolchain", in, false, false);
	in.width = 20;
	in.height = 5;
	golden_draw("toolchain-docker-20x5", "toolchain", in, false, false);
	in = (struct view_input){.now = before, .width = 80, .height = 24};
	golden_draw("toolchain-idle-80x24", "toolchain", in, false, false);
	for (int i = 0; i < 40; i++) {
		fixture_process(many, 900 + 2 * i, 1, "containerd-shim", "shim", ROLE_DAEMON);
		many->daemons[many->n_daemons++] = (struct model_daemon){
		        "containerd-shim", "", (int)many->n_processes - 1, ""};
		fixture_container(
		        many, fixture_text(many, "web%02d", i), 901 + 2 * i, 900 + 2 * i, "httpd")
		        ->status = CONTAINER_FOREIGN;
	}
	in.now = many;
	golden_draw("toolchain-many-80x24", "toolchain", in, false, false);
	model_free(many);
	model_free(before);
	model_free(m);
}
int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_toolchain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
