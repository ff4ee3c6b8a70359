/* Random machines, from a seed, and what has to hold for every scene: for the tests of render. */
#pragma once

#include "render/glyph.h"
#include "tests/unit/model_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *const words[] = {"red", "green", "a-very-long-name-that-does-not-fit-anywhere",
        "日本語", "e\xCC\x81\xCC\x81", "\x1b[31mred\x1b]0;x\x07", "\xff\xfe", "", "x\ny\tz",
        "</text>&\""};

static inline const char *any_word(unsigned *seed)
{
	return words[fixture_random(seed, sizeof words / sizeof *words)];
}

static inline const char *any_tool(unsigned *seed)
{
	static const char *const tools[] = {"dockerd", "containerd", "containerd-shim", "docker",
	        "podman", "conmon", "runc", "registry", "kubelet", "ctr"};

	return tools[fixture_random(seed, sizeof tools / sizeof *tools)];
}

/* Some containers stand on them, and have written. */
static inline void random_images(unsigned *seed, struct model *m)
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
static inline void random_link(unsigned *seed, struct model *m, int index)
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
static inline struct model *random_model(unsigned *seed)
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
	for (unsigned n = fixture_random(seed, 10); n > 0; n--)
		random_link(seed, m, (int)n + 5);
	for (unsigned n = m->n_processes ? fixture_random(seed, 40) : 0; n > 0; n--)
		fixture_connection(m,
		        m->processes[fixture_random(seed, (unsigned)m->n_processes)].pid,
		        fixture_random(seed, 5)
		                ? m->processes[fixture_random(seed, (unsigned)m->n_processes)].pid
		                : 410,
		        any_word(seed));
	return m;
}

static inline void random_wants(unsigned *seed, const struct model *m, struct view_want wants[8])
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

static inline bool overlap(const struct scene_box *a, const struct scene_box *b)
{
	return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height &&
	       b->y < a->y + a->height;
}

static inline bool within(const struct scene_box *inner, const struct scene_box *outer)
{
	return inner->x > outer->x && inner->y > outer->y &&
	       inner->x + inner->width < outer->x + outer->width &&
	       inner->y + inner->height < outer->y + outer->height;
}

static inline void check_boxes(const struct scene *s)
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

static inline void check_clean(const char *text)
{
	while (*text) {
		uint32_t code;
		text += glyph_decode(text, &code);
		assert_true(code >= 0x20 && (code < 0x7F || code >= 0xA0));
	}
}

/* No two words in one cell, none on a border or in another's box. */
static inline void check_texts(const struct scene *s)
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

static inline bool is_at(const struct scene_text *t, int x, int y)
{
	return y == t->y && x >= t->x && x < t->x + t->width;
}

/* A cell of a line: it may cross the border of a band but not its title, and lies on no card and no
 * word. Where it begins it lies on the card that it comes from. */
static inline void check_cell(const struct scene *s, int x, int y, bool start)
{
	assert_true(x >= 0 && y >= 0 && x < s->width && y < s->height);
	for (size_t k = 0; k < s->n_boxes; k++) {
		const struct scene_box *b = &s->boxes[k];
		int title = text_width(b->title) + (*b->title ? 3 : 0);
		bool within_it =
		        x >= b->x && x < b->x + b->width && y >= b->y && y < b->y + b->height;

		if (title > b->width)
			title = b->width;
		if (start || !within_it)
			continue;
		assert_true(b->depth == 0);
		if (y == b->y)
			assert_false(x < b->x + title);
	}
	for (size_t k = 0; k < s->n_texts; k++)
		assert_false(is_at(&s->texts[k], x, y));
}

static inline void check_runs(const struct scene *s)
{
	for (size_t i = 0; i < s->n_edges; i++) {
		const struct scene_edge *e = &s->edges[i];
		for (size_t p = 1; p < e->n_points; p++) {
			struct scene_point at = e->points[p - 1], to = e->points[p];
			bool start = p == 1;

			assert_true(at.x == to.x || at.y == to.y);
			while (at.x != to.x || at.y != to.y) {
				check_cell(s, at.x, at.y, start);
				start = false;
				at.x += (to.x > at.x) - (to.x < at.x);
				at.y += (to.y > at.y) - (to.y < at.y);
			}
			check_cell(s, to.x, to.y, false);
		}
	}
}

/* A line may cross the border of a band, never a card or a word. */
static inline void check_edges(const struct scene *s)
{
	check_runs(s);
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
