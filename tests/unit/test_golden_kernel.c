/* Drawings of the kernel's side: who shares what, control groups that are busy, the network,
 * compared with what tests/golden keeps (see tests/unit/golden.h). */
#include "tests/unit/golden.h"
#include "tests/unit/model_fixture.h"

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
	golden_draw("kernel-three-100x40", "kernel", in, false, true);
	in.width = 80;
	in.height = 24;
	golden_draw("kernel-three-80x24", "kernel", in, false, false);
	golden_draw("kernel-three-80x24-ascii", "kernel", in, true, false);
	in.width = 200;
	in.height = 60;
	golden_draw("kernel-three-200x60", "kernel", in, false, false);
	in.width = 20;
	in.height = 5;
	golden_draw("kernel-three-20x5", "kernel", in, false, false);
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
	golden_draw("kernel-busy-160x40", "kernel", in, false, true);
	in.width = 80;
	in.height = 24;
	golden_draw("kernel-busy-80x24", "kernel", in, false, false);
	golden_draw("kernel-busy-80x24-ascii", "kernel", in, true, false);
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
	golden_draw("network-three-110x40", "network", in, false, true);
	in.width = 80;
	in.height = 24;
	golden_draw("network-three-80x24", "network", in, false, false);
	golden_draw("network-three-80x24-ascii", "network", in, true, false);
	in.width = 20;
	in.height = 5;
	golden_draw("network-three-20x5", "network", in, false, false);
	model_free(m);
}
int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_kernel),
	        cmocka_unit_test(test_kernel_busy),
	        cmocka_unit_test(test_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
