/* Lines of the host view: who is connected to whom (dashed), who started whom, what a container is
 * in. All are observed, and none runs through a card or a word: they have rows of their own. */
#include "render/host_page.h"

#include "render/describe.h"
#include "render/glyph.h"

#include <stdlib.h>
#include <string.h>

enum {
	MEMBERS_MOST = 4,
	KERNEL_TITLE = 9, /* cells of the band's border that its title takes */
	TALK_FROM = 2,    /* cells from the left of a card: apart from those of its family */
	TALK_TO = 4,
	CONNECTIONS_MOST = 2048, /* that are looked at */
};

/* The column whose first card this process is drawn in, NULL when in none. */
static const struct stack *stack_of(const struct page *p, const struct model_process *process)
{
	const struct model *m = p->h->now;
	const char *id = "";

	if (process && process->role == ROLE_LAB)
		id = "lab";
	else if (process && process->role == ROLE_DAEMON)
		id = "daemons";
	else if (process && process->role == ROLE_REGULAR)
		id = "processes";
	else if (process && process->container >= 0)
		id = scene_format(p->h->s, "container:%s",
		        scene_clean(p->h->s, m->containers[process->container].name));

	for (size_t i = 0; i < p->n_stacks; i++)
		if (p->stacks[i].width && !strcmp(p->stacks[i].cards[0].id, id))
			return &p->stacks[i];
	return NULL;
}

/* Where whoever started a process is drawn. */
static const struct stack *parent_stack(const struct page *p, const struct model_process *child)
{
	const struct model_process *parent = child ? model_process(p->h->now, child->ppid) : NULL;

	return parent && parent->role != ROLE_REGULAR && parent->container < 0 ? stack_of(p, parent)
	                                                                       : NULL;
}

/* The container drawn in a column of its own, of a pod the first; NULL when the column holds
 * something else. */
static const struct model_container *stack_container(const struct page *p, const struct stack *k)
{
	const struct model *m = p->h->now;
	const char *id = k->cards[0].id;
	const struct model_process *first;

	if (k->n != 1)
		return NULL;
	if (!strncmp(id, "container:", 10))
		return model_container(m, id + 10);
	if (strncmp(id, "pod:", 4) != 0)
		return NULL;
	first = model_process(m, (pid_t)strtol(id + 4, NULL, 10));
	return first && first->container >= 0 ? &m->containers[first->container] : NULL;
}

static size_t count_family(const struct page *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_stacks; i++) {
		const struct model_container *c = stack_container(p, &p->stacks[i]);
		n += c && c->pid && parent_stack(p, model_process(p->h->now, c->pid));
	}
	return n;
}

/* A connection between cards of different columns, each pair of cards once. */
static bool talks(
        const struct page *p, size_t i, const struct stack **ret_from, const struct stack **ret_to)
{
	const struct model *m = p->h->now;
	const struct model_connection *c = &m->connections[i];

	if (c->from < 0 || c->to < 0)
		return false;
	*ret_from = stack_of(p, &m->processes[c->from]);
	*ret_to = stack_of(p, &m->processes[c->to]);
	return *ret_from && *ret_to && *ret_from != *ret_to;
}

static size_t count_talk(const struct page *p)
{
	const struct stack *from, *to;
	size_t n = 0;

	for (size_t i = 0; i < p->h->now->n_connections; i++)
		n += !p->h->now->connections[i].to_net && talks(p, i, &from, &to);
	return n;
}

/* Connections over TCP come and go, and nothing is to move: so what counts is whether somebody
 * listens whose card they would lead to. */
static bool is_listened(const struct page *p)
{
	const struct model *m = p->h->now;

	for (size_t i = 0; i < m->n_listeners; i++)
		if (m->listeners[i].process >= 0 && !strcmp(m->listeners[i].protocol, "tcp") &&
		        stack_of(p, &m->processes[m->listeners[i].process]))
			return true;
	return false;
}

/* "httpd is connected to …": of several between the same two cards the first, and how many. */
static const char *talk_label(const struct page *p, const struct model_connection *c, size_t count)
{
	struct scene *s = p->h->s;
	const struct model *m = p->h->now;
	const char *text = scene_format(s, "%s is connected to %s over %s",
	        scene_clean(s, m->processes[c->from].comm),
	        scene_clean(s, m->processes[c->to].comm), scene_clean(s, c->socket));

	return count > 1 ? scene_format(s, "%s, one of %zu connections", text, count) : text;
}

static void draw_talk_edge(const struct page *p, const struct model_connection *c, size_t count,
        const struct stack *from, const struct stack *to, int y)
{
	struct scene_point points[4] = {
	        {from->x + TALK_FROM, y + p->bus},
	        {from->x + TALK_FROM, y},
	        {to->x + TALK_TO, y},
	        {to->x + TALK_TO, y + p->bus - 1},
	};

	scene_add_edge(p->h->s, &(struct scene_edge){.points = points,
	                                .n_points = 4,
	                                .arrow = true,
	                                .dashed = true,
	                                .role = from->cards[0].role,
	                                .label = talk_label(p, c, count)});
}

/* Who is connected to whom: along a row of its own above all cards, a line for each two cards. */
static void draw_talk(const struct page *p, int y)
{
	const struct model *m = p->h->now;
	struct {
		const struct model_connection *first;
		size_t count;
	} all[STACKS_MOST][STACKS_MOST] = {{{NULL, 0}}};
	const struct stack *from, *to;

	for (size_t i = 0; i < m->n_connections && i < CONNECTIONS_MOST; i++) {
		if (!talks(p, i, &from, &to))
			continue;
		if (!all[from - p->stacks][to - p->stacks].first)
			all[from - p->stacks][to - p->stacks].first = &m->connections[i];
		all[from - p->stacks][to - p->stacks].count += m->connections[i].count;
	}
	for (size_t i = 0; i < p->n_stacks; i++)
		for (size_t k = 0; k < p->n_stacks; k++)
			if (all[i][k].first)
				draw_talk_edge(p, all[i][k].first, all[i][k].count, &p->stacks[i],
				        &p->stacks[k], y);
}

/* Who started whom: from the top of the parent's card along a row above all cards, down to the
 * child. */
static void draw_family(const struct page *p, int y)
{
	int rows = p->bus - p->talk;

	y += p->talk;
	for (size_t i = 0; i < p->n_stacks; i++) {
		const struct stack *k = &p->stacks[i], *from;
		const struct model_container *c = stack_container(p, k);
		struct scene_point points[4];
		int start, end = k->x + k->width / 2;

		from = c && c->pid ? parent_stack(p, model_process(p->h->now, c->pid)) : NULL;
		if (!from || !k->width)
			continue;
		start = from->x + from->width - 3;
		points[0] = (struct scene_point){start, y + rows};
		points[1] = (struct scene_point){start, y};
		points[2] = (struct scene_point){end, y};
		points[3] = (struct scene_point){end, y + rows - 1};
		scene_add_edge(p->h->s, &(struct scene_edge){
		                                .points = points,
		                                .n_points = 4,
		                                .arrow = true,
		                                .role = from->cards[0].role,
		                                .label = scene_format(p->h->s, "started %s",
		                                        scene_clean(p->h->s, c->name)),
		                        });
	}
}

static const struct scene_box *find_box(const struct scene *s, const char *id)
{
	for (size_t i = 0; i < s->n_boxes; i++)
		if (!strcmp(s->boxes[i].id, id))
			return &s->boxes[i];
	return NULL;
}

/* Containers that have a column and a process, 0 when they are too many for lines of their own. */
static size_t count_alive(const struct page *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_stacks; i++) {
		const struct model_container *c = stack_container(p, &p->stacks[i]);
		n += c && c->pid;
	}
	return n <= MEMBERS_MOST ? n : 0;
}

/* What a container is in: lines from its process down into the kernel, to the namespaces and the
 * control groups that hold it. `y` is the row of the kernel's border. */
static void draw_membership(const struct page *p, int y)
{
	static const char *const ids[] = {"namespaces", "cgroups"};

	for (size_t i = 0; i < p->n_stacks; i++) {
		const struct stack *k = &p->stacks[i];
		const struct model_container *c = stack_container(p, k);
		int x = k->x + k->width / 2;

		for (size_t n = 0; n < 2 && c && c->pid && x > KERNEL_TITLE; n++) {
			const struct scene_box *to = find_box(p->h->s, ids[n]);
			bool in = n ? c->cgroup >= 0 : describe_own_namespaces(p->h->now, c) > 0;
			struct scene_point points[4];

			if (!to || to->y != y + 1 + p->comb || !in)
				continue;
			points[0] = (struct scene_point){x, y - 2};
			points[1] = (struct scene_point){x, y + 1};
			points[2] = (struct scene_point){to->x + to->width / 2, y + 1};
			points[3] = (struct scene_point){to->x + to->width / 2, y + 2};
			scene_add_edge(
			        p->h->s, &(struct scene_edge){.points = points,
			                         .n_points = 4,
			                         .arrow = true,
			                         .role = SCENE_CONTAINER,
			                         .label = scene_format(p->h->s, "%s is in these %s",
			                                 scene_clean(p->h->s, c->name), ids[n])});
		}
	}
}

void host_edges_choose(struct page *p)
{
	int height = p->h->s->height;
	bool talk = height >= 20 && count_talk(p), family = height >= 20 && count_family(p);

	talk = talk || (height >= 28 && is_listened(p));
	if (talk && family && height < 28) /* the chain is told in words as well */
		talk = false;
	p->talk = talk;
	p->family = family;
	p->bus = talk || family ? 1 + talk + family : 0;
	p->comb = height >= 34 && count_alive(p) ? 2 : 0;
}

void host_edges_user(const struct page *p, int y)
{
	if (p->talk)
		draw_talk(p, y);
	if (p->family)
		draw_family(p, y);
}

void host_edges_kernel(const struct page *p, int y)
{
	if (p->comb)
		draw_membership(p, y);
}

void host_edges_legend(const struct page *p, int x, int y)
{
	const char *words = scene_format(p->h->s, "%s%s%s", p->talk ? "┄▶ is connected to  " : "",
	        p->family ? "─▶ started  " : "", p->comb ? "─▼ is a member of" : "");
	int width = text_width(words);

	if (width && x + width < p->h->s->width)
		scene_add_text(
		        p->h->s, &(struct scene_text){x, y, width, words, SCENE_DIM, MARK_NONE});
}
