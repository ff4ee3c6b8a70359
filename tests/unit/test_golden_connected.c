/* Connections over TCP in the drawing: between which cards, from where and how many, and that
 * nothing moves when they come and go. */
#include "tests/unit/golden.h"
#include "tests/unit/model_fixture.h"

/* The process of a container, by its place in the list. */
static int first_process(const struct model *m, int container)
{
	for (size_t i = 0; i < m->n_processes; i++)
		if (m->processes[i].container == container)
			return (int)i;
	fail_msg("container %d has no process", container);
	return -1;
}

/* Red listens on port 80, on IPv4 and IPv6, and takes UDP; the host has a server on the loopback,
 * of a program that nobody looked for. */
static struct model *listening(void)
{
	enum { ROOM = 16 };
	struct model *m = fixture_three();
	uint64_t host = m->host.ns[NS_NET], red = m->containers[2].ns[NS_NET];
	int server = first_process(m, 2);
	const struct model_listener all[] = {
	        {host, "tcp", "127.0.0.1", 8123, -1},
	        {host, "udp", "0.0.0.0", 68, -1},
	        {host, "udp", "0.0.0.0", 40123, -1}, /* waits for an answer */
	        {red, "tcp", "0.0.0.0", 80, server},
	        {red, "tcp", "::", 80, server},
	        {red, "udp", "10.88.0.4", 53, server},
	};

	assert_string_equal(m->containers[2].name, "red");
	m->listeners = arena_alloc(&m->arena, ROOM * sizeof *m->listeners);
	memcpy(m->listeners, all, sizeof all);
	m->n_listeners = sizeof all / sizeof *all;
	return m;
}

static void connect_tcp(struct model *m, int from, uint64_t from_net, int to, uint64_t to_net,
        const char *socket, size_t count)
{
	m->connections[m->n_connections++] =
	        (struct model_connection){from, to, socket, count, from_net, to_net};
}

/* Green and somebody far away are connected to red, two programs of the host to the server there.
 */
static void connect_all(struct model *m)
{
	uint64_t host = m->host.ns[NS_NET], red = m->containers[2].ns[NS_NET],
	         green = m->containers[1].ns[NS_NET];
	int server = first_process(m, 2), client = first_process(m, 1);

	m->n_connections = 0;
	connect_tcp(m, -1, host, -1, host, "127.0.0.1:8123/tcp", 2);
	connect_tcp(m, -1, 0, server, red, "10.88.0.4:80/tcp", 1);
	connect_tcp(m, -1, host, server, red, "10.88.0.4:80/tcp", 1);
	connect_tcp(m, client, green, server, red, "10.88.0.4:80/tcp", 12);
	connect_tcp(m, client, green, server, red, "[fd00::4]:80/tcp", 1);
}

static void pictures(void **state)
{
	struct model *m = listening();
	struct view_input in = {.now = m, .width = 110, .height = 40};

	(void)state;
	connect_all(m);
	golden_draw("connected-host-110x40", "host", in, false, true);
	golden_draw("connected-network-110x40", "network", in, false, true);
	in.subject = "red";
	golden_draw("connected-container-110x40", "container", in, false, false);
	in.width = 80;
	in.height = 24;
	in.subject = NULL;
	golden_draw("connected-host-80x24", "host", in, false, false);
	golden_draw("connected-network-80x24", "network", in, false, false);
	golden_draw("connected-network-80x24-ascii", "network", in, true, false);
	model_free(m);
}

static void check_boxes_same(const struct scene *a, const struct scene *b)
{
	assert_int_equal(a->height, b->height);
	assert_int_equal(a->n_boxes, b->n_boxes);
	for (size_t i = 0; i < a->n_boxes; i++) {
		const struct scene_box *x = &a->boxes[i], *y = &b->boxes[i];
		assert_string_equal(x->id, y->id);
		assert_true(x->x == y->x && x->y == y->y && x->width == y->width &&
		            x->height == y->height);
	}
	assert_int_equal(a->n_items, b->n_items);
	for (size_t i = 0; i < a->n_items; i++)
		assert_true(a->items[i].x == b->items[i].x && a->items[i].y == b->items[i].y);
}

static void nothing_moves(void **state)
{
	static const char *const names[] = {"host", "kernel", "network", "container"};
	struct model *without = listening(), *with = listening();
	size_t arrows = 0;

	(void)state;
	connect_all(with);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		for (int width = 20; width <= 200; width += 9)
			for (int height = 6; height <= 60; height += 3) {
				struct view_input a = {.now = without,
				        .subject = strcmp(names[i], "container") ? NULL : "red",
				        .width = width,
				        .height = height};
				struct view_input b = a;
				struct scene first, second;

				b.now = with;
				assert_int_equal(view_find(names[i])->layout(&a, &first), 0);
				assert_int_equal(view_find(names[i])->layout(&b, &second), 0);
				check_boxes_same(&first, &second);
				arrows += second.n_edges - first.n_edges;
				scene_release(&first);
				scene_release(&second);
			}
	assert_true(arrows > 0);
	model_free(without);
	model_free(with);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(pictures),
	        cmocka_unit_test(nothing_moves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
