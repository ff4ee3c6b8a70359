/* Nothing is lost and nothing moves without need: whatever a machine holds is drawn or within a
 * count, and from one picture to the next boxes keep their order and their places. */
#include "render/host.h"
#include "tests/unit/scene_checks.h"

/* ---- drawn or counted ---- */

static size_t number_in(const char *text)
{
	size_t n = 0;

	return sscanf(text, "+%zu more", &n) == 1 ? n : 0;
}

/* A card of any lines in any rectangle: what is not drawn is counted, in a row or in the title. */
static void test_cards_count(void **state)
{
	unsigned seed = 5;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct card c = {.id = "card", .title = "title", .role = SCENE_CGROUP};
		size_t lines = fixture_random(&seed, 30), drawn = 0, counted = 0, titled = 0;
		int width = 5 + (int)fixture_random(&seed, 40);
		int height = 3 + (int)fixture_random(&seed, 20);
		struct scene s;

		scene_init(&s, width, height);
		c.more = fixture_random(&seed, 3) ? 0 : fixture_random(&seed, 1000);
		for (size_t i = 0; i < lines; i++) {
			struct card_line *l = card_line(&s, &c);
			card_add(l, "line", SCENE_CGROUP,
			        fixture_random(&seed, 5) ? MARK_NONE : MARK_CHANGED);
			card_stand(l, scene_format(&s, "line:%zu", i));
		}
		card_draw(&s, &c, 0, 0, width, height, 1);
		for (size_t i = 0; i < s.n_items; i++)
			drawn += !strncmp(s.items[i].id, "line:", 5);
		for (size_t i = 0; i < s.n_texts; i++)
			counted += number_in(s.texts[i].text);
		sscanf(s.boxes[0].title, "title +%zu", &titled);
		if (titled)
			assert_int_equal(titled + 1, lines + c.more);
		else
			assert_int_equal(drawn + counted, lines + c.more);
		scene_release(&s);
	}
}

/* Cards side by side in any rectangle: the last one counts and names those without room. */
static void test_rows_count(void **state)
{
	unsigned seed = 6;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct card cards[40];
		size_t n = 1 + fixture_random(&seed, 40), drawn = 0, counted = 0;
		int width = 5 + (int)fixture_random(&seed, 120);
		int height = 3 + (int)fixture_random(&seed, 40);
		enum scene_role role = fixture_random(&seed, 2) ? SCENE_CONTAINER : SCENE_MOUNT;
		struct scene s;

		scene_init(&s, width, height);
		for (size_t i = 0; i < n; i++) {
			cards[i] = (struct card){.id = scene_format(&s, "card%zu", i),
			        .title = "title",
			        .role = role};
			for (unsigned k = fixture_random(&seed, 9); k > 0; k--)
				card_say(&s, &cards[i], "line", SCENE_DIM, MARK_NONE);
		}
		cards_draw(&s, cards, n, 0, 0, width, height, 15, 1);
		check_boxes(&s);
		check_texts(&s);
		for (size_t i = 0; i < s.n_boxes; i++) {
			size_t more;
			if (!strstr(s.boxes[i].id, ":more"))
				drawn++;
			else if (sscanf(s.boxes[i].title, "%zu more", &more) == 1)
				counted += more;
		}
		assert_int_equal(drawn + counted, n);
		scene_release(&s);
	}
}

static size_t stands_for(const struct card *cards, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		if (cards[i].mark != MARK_GHOST && cards[i].mark != MARK_GONE)
			sum += cards[i].stands ? cards[i].stands : 1;
	return sum;
}

/* Members in a card of many, by their ids, and those counted. */
static size_t members_of(const struct card *c)
{
	size_t n = c->more;

	for (size_t i = 0; i < c->n_lines; i++)
		n += c->lines[i].id && !strncmp(c->lines[i].id, "container:", 10);
	return n;
}

static size_t of_role(const struct model *m, enum process_role role)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_processes; i++)
		n += m->processes[i].role == role;
	return n;
}

/* A row of one, or "1000 × containerd-shim". */
static size_t many_in(const struct card_line *l)
{
	size_t n = 1;
	int end = 0;

	if (l->n_spans > 1 && sscanf(l->spans[0].text, "%zu \xC3\x97%n", &n, &end) == 1 && end)
		return n;
	return 1;
}

/* The parts of the host view stand for all containers, daemons and processes, one by one or by a
 * count, and each container once. */
static void test_host_counts_all(void **state)
{
	unsigned seed = 7;

	(void)state;
	for (int round = 0; round < 100; round++) {
		struct model *m = random_model(&seed);
		struct scene s;
		struct view_input in = {.now = m, .width = 80, .height = 24};
		struct host h = {.in = &in, .now = m, .s = &s};
		struct host_user u;
		size_t planned = 0, daemons = 0;

		scene_init(&s, 80, 24);
		h.containers = arena_alloc(&s.arena, (m->n_containers + 1) * sizeof *h.containers);
		for (int foreign = 0; foreign < 2; foreign++) {
			for (size_t i = 0; i < m->n_containers; i++)
				if ((m->containers[i].status == CONTAINER_FOREIGN) == foreign)
					h.containers[h.n_containers++] = &m->containers[i];
			h.n_ours = foreign ? h.n_ours : h.n_containers;
		}
		host_user_cards(&h, &u);
		assert_false(s.failed);
		assert_true(u.n_ours <= HOST_CARDS && u.n_others <= HOST_CARDS);
		for (size_t i = 0; i < u.n_ours; i++)
			planned += u.ours[i].mark == MARK_GHOST && !u.ours[i].stands;
		assert_int_equal(stands_for(u.ours, u.n_ours) + planned, h.n_ours);
		assert_int_equal(stands_for(u.others, u.n_others), h.n_containers - h.n_ours);
		for (size_t i = 0; i < u.n_others; i++)
			if (u.others[i].stands)
				assert_int_equal(members_of(&u.others[i]), u.others[i].stands);
		assert_int_equal(u.lab.n_lines + u.lab.more, of_role(m, ROLE_LAB));
		for (size_t i = 0; i < u.daemons.n_lines; i++)
			daemons += many_in(&u.daemons.lines[i]);
		assert_int_equal(daemons + u.daemons.more, m->n_daemons);
		assert_int_equal(u.processes.n_lines + u.processes.more -
		                         (of_role(m, ROLE_KERNEL_THREAD) > 0),
		        of_role(m, ROLE_REGULAR));
		scene_release(&s);
		model_free(m);
	}
}

/* Pods are one card, and a thousand alike another, whatever the names. */
static void test_grouping(void **state)
{
	struct model *m = fixture_host();
	struct view_input in = {.now = m, .width = 200, .height = 60};
	struct scene s;
	bool pod = false;

	(void)state;
	for (int i = 0; i < 3; i++)
		fixture_container(m, fixture_text(m, "a%d", i), 1000 + i, 400, "x")->status =
		        CONTAINER_FOREIGN;
	for (int i = 1; i < 3; i++)
		for (int t = 0; t < NS_COUNT; t++)
			if (t == NS_NET || t == NS_IPC || t == NS_UTS)
				m->containers[i].ns[t] = m->containers[0].ns[t];
	assert_int_equal(view_find("host")->layout(&in, &s), 0);
	for (size_t i = 0; i < s.n_boxes; i++)
		pod = pod ||
		      (!strncmp(s.boxes[i].id, "pod:", 4) && strstr(s.boxes[i].title, "(3)"));
	assert_true(pod);
	scene_release(&s);
	for (int i = 0; i < 1000; i++)
		fixture_container(m, fixture_text(m, "c%04d", i), 2000 + i, 400, "x")->status =
		        CONTAINER_FOREIGN;
	assert_int_equal(view_find("host")->layout(&in, &s), 0);
	assert_true(s.n_boxes < 20); /* no wall */
	scene_release(&s);
	model_free(m);
}

/* ---- whose it is ---- */

static const struct scene_text *text_of(const struct scene *s, const char *text)
{
	for (size_t i = 0; i < s->n_texts; i++)
		if (strstr(s->texts[i].text, text))
			return &s->texts[i];
	return NULL;
}

/* Somebody else's lab is never called the viewer's own, nor is a second one on the machine. */
static void test_whose_lab(void **state)
{
	struct model *m = fixture_host();
	struct view_input in = {.now = m, .shell = 801, .width = 110, .height = 40};
	const struct scene_text *other, *mine;
	struct scene s;

	(void)state;
	assert_int_equal(view_find("host")->layout(&in, &s), 0);
	assert_null(text_of(&s, "another lab"));
	assert_non_null(text_of(&s, "you"));
	scene_release(&s);
	fixture_process(m, 850, 500, "cutaway-lab", "build/cutaway shell elsewhere", ROLE_LAB);
	fixture_process(m, 851, 850, "bash", "bash --norc", ROLE_LAB);
	in.whose = "ada";
	assert_int_equal(view_find("host")->layout(&in, &s), 0);
	for (size_t i = 0; i < s.n_boxes; i++)
		if (!strcmp(s.boxes[i].id, "lab"))
			assert_string_equal(s.boxes[i].title, "ada's shell");
	assert_non_null(text_of(&s, "ada"));
	assert_null(text_of(&s, "you"));
	assert_non_null(other = text_of(&s, "another lab"));
	assert_non_null(mine = text_of(&s, "801"));
	assert_true(mine->y < other->y);
	assert_non_null(mine = text_of(&s, "shell elsewhere"));
	assert_true(mine->y > other->y);
	scene_release(&s);
	model_free(m);
}

/* ---- nothing moves without need ---- */

static const struct scene_box *box_of(const struct scene *s, const char *id)
{
	for (size_t i = 0; i < s->n_boxes; i++)
		if (!strcmp(s->boxes[i].id, id))
			return &s->boxes[i];
	return NULL;
}

static bool reads_before(const struct scene_box *a, const struct scene_box *b)
{
	return a->y != b->y ? a->y < b->y : a->x < b->x;
}

/* The kernel's rows share their height by how much each has to tell; all else is where it was. */
static void check_place(const struct scene_box *now, const struct scene_box *then, int kernel)
{
	bool rows = now->depth > 0 && now->y > kernel;

	if (now->x != then->x || now->width != then->width || (!rows && now->y != then->y) ||
	        (!rows && now->depth > 0 && now->height != then->height))
		fail_msg("%s was %d,%d %dx%d and is %d,%d %dx%d", now->id, now->x, now->y,
		        now->width, now->height, then->x, then->y, then->width, then->height);
}

/* Whether all boxes that both have are read in the same order. `exactly`: and stand where they
 * stood, as large. */
static void check_same_places(const struct scene *a, const struct scene *b, bool exactly)
{
	for (size_t i = 0; i < a->n_boxes; i++) {
		const struct scene_box *x = &a->boxes[i], *then = box_of(b, x->id);
		if (!then || !*x->id)
			continue;
		if (exactly)
			check_place(x, then, box_of(a, "band:kernel")->y);
		for (size_t k = i + 1; k < a->n_boxes; k++) {
			const struct scene_box *y = &a->boxes[k], *other = box_of(b, y->id);
			if (!other || !*y->id || y->depth != x->depth)
				continue;
			if (strncmp(x->id, "container:", 10) || strncmp(y->id, "container:", 10))
				continue; /* what is not alike may share a column when room is short
				           */
			assert_true(reads_before(x, y) == reads_before(then, other));
		}
	}
}

static const int usual[][2] = {{80, 24}, {110, 44}, {160, 50}, {200, 60}};

static void compare_views(const struct view_input *one, const struct view_input *two, bool exactly)
{
	for (const struct view *v = views; v->name; v++)
		for (size_t k = 0; k < sizeof usual / sizeof *usual; k++) {
			struct view_input a = *one, b = *two;
			struct scene first, second;

			a.width = b.width = usual[k][0];
			a.height = b.height = usual[k][1];
			assert_int_equal(v->layout(&a, &first), 0);
			assert_int_equal(v->layout(&b, &second), 0);
			check_same_places(&first, &second, exactly && !strcmp(v->name, "host"));
			scene_release(&first);
			scene_release(&second);
		}
}

static struct model *machine(int containers, bool foreign)
{
	struct model *m = fixture_host();

	for (int i = 0; i < containers; i++)
		fixture_container(m, fixture_text(m, "m%02d", i), 1000 + 10 * i, 801, "httpd")
		        ->status = foreign ? CONTAINER_FOREIGN : CONTAINER_RUNNING;
	return m;
}

/* By name it is the first of all. */
static void add_first(struct model *m, bool foreign)
{
	struct model_container last = *fixture_container(m, "aa", 5000, 801, "httpd");

	last.status = foreign ? CONTAINER_FOREIGN : CONTAINER_RUNNING;
	memmove(&m->containers[1], &m->containers[0],
	        (m->n_containers - 1) * sizeof *m->containers);
	m->containers[0] = last;
	for (size_t i = 0; i < m->n_processes; i++)
		if (m->processes[i].container >= 0)
			m->processes[i].container++;
	m->processes[m->n_processes - 1].container = 0;
}

/* One more, one less, whatever its name: the others keep their order. */
static void test_order_is_stable(void **state)
{
	(void)state;
	for (int n = 0; n < 16; n++)
		for (int foreign = 0; foreign < 2; foreign++) {
			struct model *few = machine(n, foreign), *more = machine(n, foreign);
			struct view_input a = {.now = few, .before = few};
			struct view_input b = {.now = more, .before = few};

			add_first(more, foreign);
			compare_views(&a, &b, false);
			a.before = b.before = more;
			compare_views(&b, &a, false);
			model_free(few);
			model_free(more);
		}
}

/* What changes inside of boxes, and a container that goes, moves no box of the host view. */
static void test_places_are_kept(void **state)
{
	struct model *before = machine(3, false), *longer = machine(3, false),
	             *less = machine(3, false);
	struct view_want want = {"container.new", "running"};
	struct view_input a = {.now = before, .before = before, .wants = &want, .n_wants = 1};
	struct view_input b = a;

	(void)state;
	for (size_t i = 0; i < longer->n_processes; i++)
		if (longer->processes[i].container == 1)
			longer->processes[i].cmdline =
			        "sleep for a very long time, longer than all";
	longer->cgroups[2].memory_current = 1234567890;
	b.now = longer;
	compare_views(&a, &b, true);
	less->n_containers--;
	less->n_processes--;
	b.now = less; /* the last of three is gone: it keeps its place until the step ends */
	compare_views(&a, &b, true);
	fixture_container(longer, "new", 5000, 801, "sleep 1");
	b = (struct view_input){.now = longer, .before = before};
	compare_views(&a, &b, false);
	model_free(before);
	model_free(longer);
	model_free(less);
}

/* ---- in every view ---- */

static const struct scene_item *item_of(const struct scene *s, const char *id)
{
	for (size_t i = 0; i < s->n_items; i++)
		if (s->items[i].id && !strcmp(s->items[i].id, id))
			return &s->items[i];
	return NULL;
}

static bool is_first(const struct scene *s, const struct scene_item *i)
{
	return item_of(s, i->id) == i;
}

/* Rows of one column that both pictures have are read in the same order. */
static void check_rows(const char *view, const struct scene *a, const struct scene *b)
{
	for (size_t i = 0; i < a->n_items; i++) {
		const struct scene_item *x = &a->items[i], *then = x->id ? item_of(b, x->id) : NULL;

		if (!then || !is_first(a, x))
			continue;
		for (size_t k = i + 1; k < a->n_items; k++) {
			const struct scene_item *y = &a->items[k],
			                        *other = y->id ? item_of(b, y->id) : NULL;
			if (!other || y->x != x->x || other->x != then->x || !is_first(a, y))
				continue;
			if ((x->y < y->y) != (then->y < other->y))
				fail_msg("%s: %s and %s have changed places", view, x->id, y->id);
		}
	}
}

/* Boxes side by side or below each other are so in both. */
static void check_neighbours(const char *view, const struct scene *a, const struct scene *b)
{
	for (size_t i = 0; i < a->n_boxes; i++) {
		const struct scene_box *x = &a->boxes[i], *then = box_of(b, x->id);

		for (size_t k = i + 1; then && *x->id && k < a->n_boxes; k++) {
			const struct scene_box *y = &a->boxes[k], *other = box_of(b, y->id);
			if (!other || !*y->id || y->depth != x->depth)
				continue;
			if (reads_before(x, y) != reads_before(then, other))
				fail_msg("%s: %s and %s have changed places", view, x->id, y->id);
		}
	}
}

static int last_row(const struct scene *s)
{
	int y = 0;

	for (size_t i = 0; i < s->n_boxes; i++)
		y = s->boxes[i].depth == 1 && s->boxes[i].y > y ? s->boxes[i].y : y;
	return y;
}

/* Boxes that both have are as wide and stand in the same columns, but for the last row, which uses
 * its room; `exactly`: all, and where they stood, as high. */
static void check_boxes_kept(
        const char *view, const struct scene *now, const struct scene *then, bool exactly)
{
	int last = last_row(then);

	for (size_t i = 0; i < now->n_boxes; i++) {
		const struct scene_box *a = &now->boxes[i], *b = box_of(then, a->id);

		if (!b || !*a->id || (!exactly && b->y == last))
			continue;
		if (a->x != b->x || a->width != b->width ||
		        (exactly && (a->y != b->y || a->height != b->height)))
			fail_msg("%s %d wide: %s was %d,%d %dx%d and is %d,%d %dx%d", view,
			        now->width, a->id, b->x, b->y, b->width, b->height, a->x, a->y,
			        a->width, a->height);
	}
}

enum keeps { KEEPS_ORDER, KEEPS_COLUMNS, KEEPS_ALL };

/* Every view but the host's, which has its own tests above. */
static void compare_others(const struct model *one, const struct model *two, enum keeps keeps)
{
	static const char *const subjects[][2] = {
	        {"image", "shop"}, {"process", "801"}, {"container", "m01"}, {"namespace", "net"}};

	for (const struct view *v = views; v->name; v++)
		for (size_t k = 0; k < sizeof usual / sizeof *usual; k++) {
			struct view_input a = {.now = one,
			        .before = one,
			        .width = usual[k][0],
			        .height = usual[k][1]};
			struct view_input b = a;
			struct scene first, second;
			/* A lifeline more takes of the width that all share; in a low window one
			 * more may need narrower columns. */
			bool columns = keeps == KEEPS_COLUMNS && k > 0 &&
			               strcmp(v->name, "toolchain") != 0;

			if (!strcmp(v->name, "host"))
				continue;
			b.now = two;
			for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++)
				if (!strcmp(v->name, subjects[i][0]))
					a.subject = b.subject = subjects[i][1];
			assert_int_equal(v->layout(&a, &first), 0);
			assert_int_equal(v->layout(&b, &second), 0);
			check_neighbours(v->name, &first, &second);
			check_rows(v->name, &first, &second);
			if (columns || keeps == KEEPS_ALL)
				check_boxes_kept(v->name, &second, &first, keeps == KEEPS_ALL);
			scene_release(&first);
			scene_release(&second);
		}
}

static struct model *full_machine(int containers)
{
	struct model *m = machine(containers, false);
	int layers[2] = {fixture_layer(m, '1', 4 << 20, "ADD /"),
	        fixture_layer(m, '2', 12 << 10, "COPY app /app")};
	const struct model_image *i = fixture_image(m, "shop", '9', layers, 2);

	for (size_t k = 0; k < m->n_containers; k++)
		fixture_made_from(m, &m->containers[k], i);
	return m;
}

/* A longer name and more memory move nothing; one more of everything leaves the others in their
 * order, and where rows are full in their columns. */
static void test_views_are_calm(void **state)
{
	(void)state;
	for (int n = 1; n < 17; n += 3) {
		struct model *few = full_machine(n), *more = full_machine(n),
		             *longer = full_machine(n);

		for (size_t i = 0; i < longer->n_processes; i++)
			if (longer->processes[i].container == 0 || longer->processes[i].pid == 333)
				longer->processes[i].cmdline =
				        "sleep for a very long time, longer than all";
		longer->cgroups[1].memory_current = 1234567890;
		compare_others(few, longer, KEEPS_ALL);
		fixture_process(more, 4900, 1, "httpd", "httpd", ROLE_REGULAR);
		add_first(more, false);
		fixture_made_from(more, &more->containers[0], &more->images[0]);
		compare_others(few, more, n >= 10 ? KEEPS_COLUMNS : KEEPS_ORDER);
		fixture_link(more, HOST_NS + NS_NET, 3, "eth1", "192.0.2.18/24", true);
		compare_others(few, more, KEEPS_ORDER);
		model_free(few);
		model_free(more);
		model_free(longer);
	}
}

/* The same of any machine. */
static void test_random_views_are_calm(void **state)
{
	unsigned seed = 11;

	(void)state;
	for (int round = 0; round < 60; round++) {
		unsigned again = seed;
		struct model *few = random_model(&seed), *more = random_model(&again);

		fixture_process(more, 2000000, 1, "httpd", "httpd", ROLE_REGULAR);
		compare_others(few, more, KEEPS_ORDER);
		add_first(more, fixture_random(&again, 2));
		more->processes[more->n_processes - 1].ppid =
		        1; /* else a shell is its keeper now */
		compare_others(few, more, KEEPS_ORDER);
		model_free(few);
		model_free(more);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_cards_count),
	        cmocka_unit_test(test_rows_count),
	        cmocka_unit_test(test_host_counts_all),
	        cmocka_unit_test(test_grouping),
	        cmocka_unit_test(test_whose_lab),
	        cmocka_unit_test(test_order_is_stable),
	        cmocka_unit_test(test_places_are_kept),
	        cmocka_unit_test(test_views_are_calm),
	        cmocka_unit_test(test_random_views_are_calm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
