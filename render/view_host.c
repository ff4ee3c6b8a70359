/* The machine with the wall taken off: user space stands on the kernel. In user space everything
 * that runs stands side by side, containers no higher than daemons, because to the kernel they are
 * all processes. */
#include "render/host_page.h"

#include "render/describe.h"
#include "render/glyph.h"
#include "render/spread.h"

#include <errno.h>
#include <string.h>

/* Positions keep still. Cards stand in an order that time does not change (host_user.c), columns
 * are as wide as their kind and number say, whatever is in them, and heights go in steps: so a
 * longer name moves nothing, what is new comes after what was there, what is asked for has its
 * place before it exists, and what is gone leaves its place when the step ends. */
enum {
	LEAST_WIDTH = 24, /* below it, or below this height, lines are clearer than boxes */
	LEAST_HEIGHT = 10,
	SLOT_WIDTH = 15,   /* the narrowest card of user space */
	KERNEL_WIDTH = 22, /* and of the kernel */
	KERNEL_TELLS = 50, /* in which it tells all of most machines */
	KERNEL_BESIDE = 2, /* so many at least stand beside each other */
	CONTAINER_WISH = 30,
	DAEMONS_WISH = 22,
	DAEMONS_SHARE = 44, /* of room to spare: what they are connected to is behind their names */
	COLUMN_WISH = 24,
	LAB_SHARE = 52,
	PROCESSES_SHARE = 46,
	LAB_WIDTH = 18, /* so that there is room above for who types into it */
	STACK_LIKED = 13,
};

static void add_stack(struct page *p, struct card *cards, size_t n)
{
	if (n && p->n_stacks < STACKS_MOST)
		p->stacks[p->n_stacks++] = (struct stack){.cards = cards, .n = n};
}

static void add_each(struct page *p, struct card *cards, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add_stack(p, &cards[i], 1);
}

/* Too narrow for that many columns: the last of those that are left holds all that is over. */
static void join_stacks(struct page *p, size_t columns)
{
	struct stack *last = &p->stacks[columns - 1];
	size_t n = 0, at = 0;
	struct card *cards;

	for (size_t i = columns - 1; i < p->n_stacks; i++)
		n += p->stacks[i].n;
	cards = arena_alloc(&p->h->s->arena, n * sizeof *cards);
	if (!cards) {
		p->h->s->failed = true;
		return;
	}
	for (size_t i = columns - 1; i < p->n_stacks; i++) {
		memcpy(cards + at, p->stacks[i].cards, p->stacks[i].n * sizeof *cards);
		at += p->stacks[i].n;
	}
	*last = (struct stack){.cards = cards, .n = n};
	p->n_stacks = columns;
}

/* Everything beside everything while there is room; then what is not a container shares columns;
 * then containers do. */
static void choose_stacks(struct page *p, int width)
{
	struct host_user *u = &p->user;
	size_t slots = (size_t)(width + 1) / (SLOT_WIDTH + 1), lab = u->lab.n_lines > 0;
	size_t registries = u->registries.n_lines > 0, daemons = u->daemons.n_lines > 0, beside = 0,
	       containers = u->n_ours + u->n_others;

	p->n_stacks = 0;
	registries = registries && lab + daemons + containers + 2 <= slots; /* the first to go */
	if (lab + daemons + containers + registries + 1 <= slots) {
		add_stack(p, &u->lab, lab);
		add_each(p, u->ours, u->n_ours);
		add_stack(p, &u->registries, registries);
		add_stack(p, &u->daemons, daemons);
		add_each(p, u->others, u->n_others);
		add_stack(p, &u->processes, 1);
		return;
	}
	if (slots > 2 + lab) {
		add_stack(p, &u->lab, lab);
	} else if (lab) {
		p->beside[beside++] = u->lab;
	}
	if (daemons)
		p->beside[beside++] = u->daemons;
	p->beside[beside++] = u->processes;
	if (p->n_stacks + containers + 1 <= slots) {
		add_each(p, u->ours, u->n_ours);
		add_each(p, u->others, u->n_others);
	} else {
		add_stack(p, u->ours, u->n_ours);
		add_stack(p, u->others, u->n_others);
	}
	add_stack(p, p->beside, beside);
	if (p->n_stacks > slots && slots)
		join_stacks(p, slots);
}

/* By what it is and not by what is in it: a longer name in one column moves no other. */
static int stack_wish(const struct stack *k)
{
	if (k->cards[0].role == SCENE_CONTAINER)
		return (int)k->n * (CONTAINER_WISH + 1) - 1;
	return !strcmp(k->cards[0].id, "daemons") ? DAEMONS_WISH : COLUMN_WISH;
}

/* Its part of what is left over. */
static int stack_share(const struct stack *k)
{
	if (!strcmp(k->cards[0].id, "lab"))
		return LAB_SHARE;
	if (!strcmp(k->cards[0].id, "daemons"))
		return DAEMONS_SHARE;
	return !strcmp(k->cards[0].id, "processes") ? PROCESSES_SHARE : stack_wish(k);
}

static void place_stacks(struct page *p, int x, int width)
{
	struct spread columns[STACKS_MOST];
	int fair = p->n_stacks ? (width - (int)p->n_stacks + 1) / (int)p->n_stacks : width;
	int natural = 0;

	for (size_t i = 0; i < p->n_stacks; i++)
		natural += stack_share(&p->stacks[i]) + 1;
	for (size_t i = 0; i < p->n_stacks; i++) {
		int wish = stack_wish(&p->stacks[i]), share = stack_share(&p->stacks[i]);
		columns[i].least = SLOT_WIDTH < fair ? SLOT_WIDTH : fair < 5 ? 5 : fair;
		if (!strcmp(p->stacks[i].cards[0].id, "lab") && LAB_WIDTH < fair + 3)
			columns[i].least = LAB_WIDTH;
		if (p->stacks[i].n == 1 && p->stacks[i].cards[0].needs > columns[i].least)
			columns[i].least = p->stacks[i].cards[0].needs < fair
			                           ? p->stacks[i].cards[0].needs
			                           : fair;
		columns[i].liked = wish;
		share = natural ? (int)((long)share * width / natural) + 2 : share;
		columns[i].most = share > wish ? share : wish;
	}
	spread_divide(columns, p->n_stacks, width, 1);
	for (size_t i = 0; i < p->n_stacks; i++) {
		p->stacks[i].x = x;
		p->stacks[i].width = columns[i].got;
		x += columns[i].got ? columns[i].got + 1 : 0;
	}
}

static int stack_least_width(const struct stack *k)
{
	return k->cards[0].role == SCENE_CONTAINER ? SLOT_WIDTH : k->width;
}

/* Heights go in steps, so that a line more does not move all that is below. */
static int step_up(int height)
{
	static const int steps[] = {3, 5, 7, 10, STACK_LIKED, 20, 30, 45};

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (height <= steps[i])
			return steps[i];
	return height;
}

static int stacks_height(const struct page *p, bool natural)
{
	int highest = 3;

	for (size_t i = 0; i < p->n_stacks; i++) {
		const struct stack *k = &p->stacks[i];
		int least = stack_least_width(k);
		int height = natural ? cards_natural_height(k->cards, k->n, k->width, least)
		                     : cards_liked_height(k->cards, k->n, k->width, least);
		if (!natural &&
		        height > STACK_LIKED) /* many containers leave the kernel its part */
			height = STACK_LIKED;
		highest = height > highest ? height : highest;
	}
	return step_up(highest);
}

static void draw_header(const struct page *p, int width)
{
	const struct model_host *host = &p->h->now->host;
	struct scene *s = p->h->s;
	const struct stack *first = p->n_stacks ? &p->stacks[0] : NULL;
	const char *text = scene_clean(s,
	        scene_format(s, "%s · Linux %s · %u cpu%s · cgroup %s", host->hostname,
	                host->kernel, host->cpus, host->cpus == 1 ? "" : "s", host->cgroup_mode));
	int x = 2, w = text_width(text);

	if (!p->header)
		return;
	if (first && !strcmp(first->cards[0].id, "lab") && first->x + first->width - 3 > YOU_X) {
		const char *you = p->h->in->whose ? scene_clean(s, p->h->in->whose) : "you";
		int you_width = text_width(you) < YOU_X ? text_width(you) : YOU_X;
		scene_add_text(s, &(struct scene_text){YOU_X - you_width / 2, 0, you_width, you,
		                          SCENE_YOU, MARK_NONE});
		scene_add_edge(s,
		        &(struct scene_edge){
		                .points = (struct scene_point[]){{YOU_X, 1}, {YOU_X, 2 + p->bus}},
		                .n_points = 2,
		                .arrow = true,
		                .role = SCENE_YOU,
		                .label = scene_format(s, "%s type%s into %s shell", you,
		                        p->h->in->whose ? "s" : "",
		                        p->h->in->whose ? "the lab's" : "your"),
		        });
		x = YOU_X - you_width / 2 + you_width + 2;
	}
	if (w < width - x - 1)
		x = width - w - 1;
	scene_add_text(s, &(struct scene_text){x, 0, width - x - 1, text, SCENE_DIM, MARK_NONE});
}

static void draw_band(struct scene *s, int y, int width, int height, const char *title)
{
	scene_add_box(s, &(struct scene_box){0, y, width, height, title, SCENE_FRAME, MARK_NONE,
	                         scene_format(s, "band:%s", title), 0});
}

/* How wide the kernel's cards are at least: in a window that is high enough they stand in more rows
 * and tell more. Heights are rounded, so that a line more seldom changes the rows. */
static void choose_kernel(struct page *p, int width, int height)
{
	enum { ROUNDED = 4 };
	int user = stacks_height(p, false) + 2 + p->bus;

	p->kernel_least = KERNEL_WIDTH;
	for (int beside = KERNEL_CARDS; beside >= KERNEL_BESIDE; beside--) {
		int least = (width + 1) / beside - 1, rows;

		if (least <= p->kernel_least)
			continue;
		rows = cards_liked_height(p->kernel, KERNEL_CARDS, width, least);
		rows = (rows + ROUNDED - 1) / ROUNDED * ROUNDED;
		if (user + 2 + p->comb + rows > height)
			return;
		p->kernel_least = least;
		if (least >= KERNEL_TELLS)
			return;
	}
}

/* How the rows are shared between the two bands. */
static void divide_rows(struct page *p, int width, int height)
{
	int frame = 2 + p->bus, liked = stacks_height(p, false);
	int part = height * 2 / 5 < 3 ? 3 : height * 2 / 5; /* its share when room is short */
	struct spread bands[2] = {
	        {.least = frame + (liked < part ? liked : part),
	                .liked = liked + frame,
	                .most = stacks_height(p, true) + frame},
	        {.least = 5 + p->comb,
	                .liked = cards_liked_height(
	                                 p->kernel, KERNEL_CARDS, width, p->kernel_least) +
	                         2 + p->comb,
	                .most = cards_natural_height(
	                                p->kernel, KERNEL_CARDS, width, p->kernel_least) +
	                        2 + p->comb},
	};

	spread_divide(bands, 2, height, 0);
	p->user_height = bands[0].got;
	p->kernel_height = bands[1].got;
}

static void draw_page(struct page *p)
{
	struct scene *s = p->h->s;
	int width = s->width, inner = width - 4, y;

	p->header = s->height >= 16 ? 2 : s->height >= 12 ? 1 : 0;
	p->legend = s->height >= 12;
	choose_stacks(p, inner);
	place_stacks(p, 2, inner);
	host_edges_choose(p);
	choose_kernel(p, inner, s->height - p->header - p->legend);
	divide_rows(p, inner, s->height - p->header - p->legend);
	y = p->header;
	draw_band(s, y, width, p->user_height, "user space");
	if (p->header == 2)
		draw_header(p, width);
	host_edges_user(p, y + 1);
	for (size_t i = 0; i < p->n_stacks; i++)
		cards_draw(s, p->stacks[i].cards, p->stacks[i].n, p->stacks[i].x, y + 1 + p->bus,
		        p->stacks[i].width, p->user_height - 2 - p->bus,
		        stack_least_width(&p->stacks[i]), 1);
	y += p->user_height;
	draw_band(s, y, width, p->kernel_height, "kernel");
	cards_draw(s, p->kernel, KERNEL_CARDS, 2, y + 1 + p->comb, inner,
	        p->kernel_height - 2 - p->comb, p->kernel_least, 1);
	host_edges_kernel(p, y);
	y += p->kernel_height;
	if (p->legend) {
		host_edges_legend(p, scene_add_legend(s, y), y);
		y++;
	}
	if (y < s->height)
		s->height = y; /* a picture ends where it ends */
}

static bool is_ours(const struct model_container *c)
{
	return c->status != CONTAINER_FOREIGN;
}

static bool sort_containers(struct host *h)
{
	h->containers =
	        arena_alloc(&h->s->arena, (h->now->n_containers + 1) * sizeof *h->containers);
	if (!h->containers)
		return false;
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < h->now->n_containers; i++)
			if (is_ours(&h->now->containers[i]) == (pass == 0))
				h->containers[h->n_containers++] = &h->now->containers[i];
		if (pass == 0)
			h->n_ours = h->n_containers;
	}
	return true;
}

int view_host_layout(const struct view_input *in, struct scene *ret)
{
	struct scene s;
	struct host h = {.in = in, .now = in->now, .before = in->before, .s = &s};

	scene_init(&s, in->width, in->height);
	s.title = scene_format(
	        &s, "%s: user space and kernel", scene_clean(&s, in->now->host.hostname));
	s.description = scene_format(&s,
	        "%zu processes, %zu containers, %zu daemons, %zu namespaces and %zu control groups "
	        "of one machine. Containers are processes beside the others, on the same kernel.",
	        in->now->n_processes, in->now->n_containers, in->now->n_daemons,
	        in->now->n_namespaces, in->now->n_cgroups);
	if (!sort_containers(&h)) {
		scene_release(&s);
		return -ENOMEM;
	}
	if (s.width < LEAST_WIDTH || s.height < LEAST_HEIGHT) {
		host_summary(&h);
	} else {
		struct page p = {.h = &h};
		host_user_cards(&h, &p.user);
		host_kernel_cards(&h, p.kernel);
		if (!s.failed)
			draw_page(&p);
	}
	if (s.failed) {
		scene_release(&s);
		return -ENOMEM;
	}
	*ret = s;
	return 0;
}
