/* What must hold for every drawing of any machine in any size: nothing lies outside, no card covers
 * its neighbour, words do not collide, and the same machine gives the same picture. Machines are
 * random, from a seed. */
#include "kernel/base/cleanup.h"
#include "kernel/observe/fact.h"
#include "render/backend.h"
#include "render/glyph.h"
#include "render/host.h"
#include "render/large.h"
#include "render/view.h"
#include "tests/unit/model_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *const words[] = {"red", "green", "a-very-long-name-that-does-not-fit-anywhere",
        "日本語", "e\xCC\x81\xCC\x81", "\x1b[31mred\x1b]0;x\x07", "\xff\xfe", "", "x\ny\tz",
        "</text>&\""};

static const char *any_word(unsigned *seed)
{
	return words[fixture_random(seed, sizeof words / sizeof *words)];
}

static const char *any_tool(unsigned *seed)
{
	static const char *const tools[] = {"dockerd", "containerd", "containerd-shim", "docker",
	        "podman", "conmon", "runc", "registry", "kubelet", "ctr"};

	return tools[fixture_random(seed, sizeof tools / sizeof *tools)];
}

/* Some containers stand on them, and have written. */
static void random_images(unsigned *seed, struct model *m)
{
	static const char digits[] = "0123456789abcdef";
	int layers[40], n = 0;

	for (unsigned k = fixture_random(seed, 17); k > 0; k--)
		layers[n++] = fixture_layer(
		        m, digits[k - 1], fixture_random(seed, 1u << 30), any_word(seed));
	for (unsigned k = fixture_random(seed, 5); k > 0; k--)
		fixture_image(m,
		        fixture_random(seed, 2) ? fixture_text(m, "shop%u", k) : any_word(seed),
		        digits[k], layers, fixture_random(seed, (unsigned)n + 1));
	for (size_t i = 0; m->n_images && i < m->n_containers; i++) {
		struct model_container *c = &m->containers[i];
		unsigned changes = fixture_random(seed, 20);
		struct model_change *list = arena_alloc(&m->arena, (changes + 1) * sizeof *list);
		for (unsigned k = 0; k < changes; k++)
			list[k] = (struct model_change){any_word(seed),
			        (enum change_kind)fixture_random(seed, 3),
			        fixture_random(seed, 5000)};
		c->changes = list;
		c->n_changes = changes;
		c->more_changes = changes > 10;
		fixture_made_from(m, c, &m->images[fixture_random(seed, (unsigned)m->n_images)]);
	}
}

/* Some are ends of pairs with containers, or ports of a bridge. */
static void random_link(unsigned *seed, struct model *m, int index)
{
	struct model_link *link;

	fixture_link(m, m->host.ns[NS_NET], index, any_word(seed), any_word(seed), index & 1);
	link = &m->links[m->n_links - 1];
	link->master = fixture_random(seed, 3) ? 0 : 6;
	if (m->n_containers && fixture_random(seed, 2)) {
		link->peer = 1;
		link->peer_ns =
		        m->containers[fixture_random(seed, (unsigned)m->n_containers)].ns[NS_NET];
	}
	if (fixture_random(seed, 2))
		m->routes[m->n_routes++] = (struct model_route){
		        m->host.ns[NS_NET], any_word(seed), any_word(seed), any_word(seed)};
}

/* Containers have names that differ: the model promises it. */
static struct model *random_model(unsigned *seed)
{
	struct model *m = fixture_random(seed, 4) ? fixture_host() : fixture_new();
	int pid = 1000, containers = (int)fixture_random(seed, fixture_random(seed, 3) ? 6 : 60);

	for (unsigned n = fixture_random(seed, 60); n > 0; n--)
		fixture_process(m, pid++, 1, any_word(seed), any_word(seed),
		        fixture_random(seed, 5) ? ROLE_REGULAR : ROLE_LAB);
	for (unsigned n = fixture_random(seed, 12); n > 0; n--)
		fixture_daemon(m, pid++, fixture_random(seed, 2) ? any_word(seed) : any_tool(seed),
		        any_word(seed));
	for (unsigned n = fixture_random(seed, 4); n > 0; n--)
		fixture_process(m, pid++, 801, any_tool(seed), any_word(seed), ROLE_LAB);
	for (int i = 0; i < containers; i++) {
		struct model_container *c =
		        fixture_container(m, fixture_text(m, "%s%d", any_word(seed), i), pid++,
		                fixture_random(seed, 2) ? 801 : 400, any_word(seed));
		c->hostname = any_word(seed);
		c->ports = any_word(seed);
		c->status = (enum container_status)fixture_random(seed, 5);
		if (c->status == CONTAINER_PLANNED || c->status == CONTAINER_EXITED)
			c->pid = 0;
		for (int t = 0; t < NS_COUNT; t++)
			if (!fixture_random(seed, 4))
				c->ns[t] = 0;
		if (!fixture_random(seed, 4))
			c->n_layers = 0;
	}
	random_images(seed, m);
	for (unsigned n = fixture_random(seed, 20); n > 0; n--)
		fixture_cgroup(m, fixture_text(m, "/%s/%u", any_word(seed), n),
		        fixture_random(seed, 3) ? fixture_random(seed, 1u << 20) : MODEL_UNKNOWN,
		        fixture_random(seed, 2) ? 1u << 19 : MODEL_NO_LIMIT, n, 2);
	for (unsigned n = m->n_processes ? fixture_random(seed, 40) : 0; n > 0; n--)
		fixture_connection(m,
		        m->processes[fixture_random(seed, (unsigned)m->n_processes)].pid,
		        fixture_random(seed, 5)
		                ? m->processes[fixture_random(seed, (unsigned)m->n_processes)].pid
		                : 410,
		        any_word(seed));
	for (unsigned n = fixture_random(seed, 10); n > 0; n--)
		random_link(seed, m, (int)n + 5);
	return m;
}

static void random_wants(unsigned *seed, const struct model *m, struct view_want wants[8])
{
	static const char *const facts[] = {"container.new", "container.new.ns.uts",
	        "process.sleep", "container.red0.hostname", "container.red0.cgroup.memory.max",
	        "cgroup./x", "", "container.new.cap.sys_admin", "containers.count", "container.",
	        "container.red0", "container.green1.mount./proc", "container.new.layers",
	        "container.red0.link.eth0", "container.red1.upper./x", "container.new.link.eth0",
	        "container.red0.step.exec", "cgroup./red/1", "image.shop1", "image.shop1.layers",
	        "image.", "image.new"};

	(void)m;
	for (int i = 0; i < 8; i++)
		wants[i] = (struct view_want){
		        facts[fixture_random(seed, sizeof facts / sizeof *facts)], any_word(seed)};
}

static bool overlap(const struct scene_box *a, const struct scene_box *b)
{
	return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height &&
	       b->y < a->y + a->height;
}

static bool within(const struct scene_box *inner, const struct scene_box *outer)
{
	return inner->x > outer->x && inner->y > outer->y &&
	       inner->x + inner->width < outer->x + outer->width &&
	       inner->y + inner->height < outer->y + outer->height;
}

static void check_boxes(const struct scene *s)
{
	for (size_t i = 0; i < s->n_boxes; i++) {
		const struct scene_box *a = &s->boxes[i];

		assert_true(a->x >= 0 && a->y >= 0 && a->x + a->width <= s->width &&
		            a->y + a->height <= s->height && a->width >= 2 && a->height >= 2);
		for (size_t k = i + 1; k < s->n_boxes; k++) {
			const struct scene_box *b = &s->boxes[k];
			if (!overlap(a, b))
				continue;
			assert_int_not_equal(a->depth, b->depth);
			assert_true(a->depth < b->depth ? within(b, a) : within(a, b));
		}
	}
}

static void check_clean(const char *text)
{
	while (*text) {
		uint32_t code;
		text += glyph_decode(text, &code);
		assert_true(code >= 0x20 && (code < 0x7F || code >= 0xA0));
	}
}

/* No two words in one cell, none on a border or in another's box. */
static void check_texts(const struct scene *s)
{
	for (size_t i = 0; i < s->n_texts; i++) {
		const struct scene_text *t = &s->texts[i];
		const struct scene_box *around = NULL;

		assert_true(t->x >= 0 && t->y >= 0 && t->width > 0 && t->x + t->width <= s->width &&
		            t->y < s->height);
		check_clean(t->text);
		for (size_t k = 0; k < s->n_boxes; k++) {
			const struct scene_box *b = &s->boxes[k];
			if (t->y >= b->y && t->y < b->y + b->height && t->x >= b->x &&
			        t->x < b->x + b->width && (!around || b->depth > around->depth))
				around = b;
		}
		if (around) {
			assert_true(t->y > around->y && t->y < around->y + around->height - 1);
			assert_true(
			        t->x > around->x && t->x + t->width < around->x + around->width);
		}
	}
}

/* A line may cross the border of a band, never a card or a word. */
static void check_edges(const struct scene *s)
{
	for (size_t i = 0; i < s->n_edges; i++) {
		const struct scene_edge *e = &s->edges[i];
		for (size_t p = 1; p < e->n_points; p++) {
			int x = e->points[p].x, y = e->points[p].y;
			assert_true(x >= 0 && y >= 0 && x < s->width && y < s->height);
			for (size_t k = 0; k < s->n_boxes; k++) {
				const struct scene_box *b = &s->boxes[k];
				assert_false(b->depth > 0 && x >= b->x && x < b->x + b->width &&
				             y >= b->y && y < b->y + b->height);
			}
			for (size_t k = 0; k < s->n_texts; k++) {
				const struct scene_text *t = &s->texts[k];
				assert_false(y == t->y && x >= t->x && x < t->x + t->width);
			}
		}
	}
}

static void draw_both(const struct scene *s, struct buf *out)
{
	struct canvas c;

	assert_int_equal(canvas_init(&c, s->width, s->height), 0);
	canvas_draw(&c, s, false);
	text_write(&c, THEME_DARK, out);
	canvas_release(&c);
	assert_int_equal(canvas_init(&c, s->width, s->height), 0);
	canvas_draw(&c, s, true);
	for (int i = 0; i < c.width * c.height; i++)
		for (const char *p = c.cells[i].text; *p; p++)
			assert_true((unsigned char)*p < 128);
	canvas_release(&c);
}

static void check_view(const struct view *v, const struct view_input *in)
{
	struct scene first, second;
	auto_buf one = BUF_INIT;
	auto_buf two = BUF_INIT;

	assert_int_equal(v->layout(in, &first), 0);
	assert_true(first.width <= in->width && first.height <= in->height);
	check_boxes(&first);
	check_texts(&first);
	check_edges(&first);
	assert_int_equal(v->layout(in, &second), 0);
	draw_both(&first, &one);
	draw_both(&second, &two);
	assert_string_equal(buf_text(&one), buf_text(&two));
	scene_release(&first);
	scene_release(&second);
}

/* Spread for a projector it is as sound. */
static void check_large(const struct view *v, const struct view_input *in)
{
	struct view_input roomy = *in;
	struct scene s;
	auto_buf text = BUF_INIT;

	roomy.height = large_rows(in->height);
	assert_int_equal(v->layout(&roomy, &s), 0);
	large_spread(&s, in->height);
	assert_true(s.width <= in->width && s.height <= in->height);
	check_boxes(&s);
	check_texts(&s);
	check_edges(&s);
	draw_both(&s, &text);
	scene_release(&s);
}

/* A fact of the machine, or none; and some cards are folded. */
static void random_depth(unsigned *seed, struct model *m, struct view_input *in,
        struct model_fact *fact, const char *const folded[4])
{
	static const char *const facts[] = {"host.kernel", "pid.1000.caps", "pid.1000.ns.net",
	        "cgroup./x.memory.max", "container.red0.ns.uts", "ns.uts.1", "no.fact"};

	if (fact_find(m, facts[fixture_random(seed, sizeof facts / sizeof *facts)], &m->arena,
	            fact) == 0)
		in->fact = fact;
	in->folded = folded;
	in->n_folded = fixture_random(seed, 5);
}

static void test_random(void **state)
{
	static const char *const folded[4] = {
	        "lab", "processes", "cgroups", "process:1000:process"};
	unsigned seed = 20240817;

	(void)state;
	for (int round = 0; round < 150; round++) {
		struct model_fact fact;
		struct model *m = random_model(&seed);
		struct model *before = fixture_random(&seed, 2) ? random_model(&seed) : NULL;
		struct view_want wants[8];
		struct view_input in = {.now = m,
		        .before = before,
		        .wants = wants,
		        .n_wants = fixture_random(&seed, 9),
		        .width = 1 + (int)fixture_random(&seed, 220),
		        .height = 1 + (int)fixture_random(&seed, 70)};

		random_wants(&seed, m, wants);
		random_depth(&seed, m, &in, &fact, folded);
		for (const struct view *v = views; v->name; v++)
			check_view(v, &in);
		if (round % 3 == 0) /* a third of them: the rules are the same */
			for (const struct view *v = views; v->name; v++)
				check_large(v, &in);
		model_free(m);
		model_free(before);
	}
}

static void test_all_sizes(void **state)
{
	struct model *m = fixture_three(), *before = fixture_host();
	struct view_want want = {"container.hand.ns.uts", ""};
	int layers[] = {fixture_layer(m, 'a', 1, "COPY a /"), fixture_layer(m, 'b', 2, "RUN b")};

	(void)state;
	fixture_made_from(m, &m->containers[0], fixture_image(m, "shop", '1', layers, 2));
	for (int width = 1; width <= 120; width++)
		for (int height = 1; height <= 50; height++)
			for (const struct view *v = views; v->name; v++) {
				struct view_input in = {.now = m,
				        .before = before,
				        .wants = &want,
				        .n_wants = 1,
				        .width = width,
				        .height = height};
				struct scene s;

				assert_int_equal(v->layout(&in, &s), 0);
				assert_true(s.width <= width && s.height <= height);
				check_boxes(&s);
				check_texts(&s);
				check_edges(&s);
				scene_release(&s);
			}
	model_free(m);
	model_free(before);
}

/* Whatever does not fit is counted: at a usual size every container is named or in a number. */
static void test_nothing_is_lost(void **state)
{
	struct model *m = fixture_host();
	struct view_input in = {.now = m, .width = 80, .height = 24};
	size_t named = 0, counted = 0;
	struct scene s;

	(void)state;
	for (int i = 0; i < 500; i++)
		fixture_container(m, fixture_text(m, "c%03d", i), 1000 + i, 400, "x");
	assert_int_equal(view_find("host")->layout(&in, &s), 0);
	for (size_t i = 0; i < s.n_boxes; i++) {
		size_t n;
		if (!strncmp(s.boxes[i].id, "container:c", 11) && !strstr(s.boxes[i].id, ":more"))
			named++;
		else if (strstr(s.boxes[i].id, ":more") && sscanf(s.boxes[i].title, "%zu", &n) == 1)
			counted += n;
	}
	assert_int_equal(named + counted, 500);
	scene_release(&s);
	model_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_random),
	        cmocka_unit_test(test_all_sizes),
	        cmocka_unit_test(test_nothing_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
