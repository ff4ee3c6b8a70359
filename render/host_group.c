/* Many containers in few cards. Those that share namespaces of their own are one card: a pod, as
 * Kubernetes and Podman call it. Where there are still more than a person can look at, those that
 * run the same program are one card, which counts them. */
#include "render/changes.h"
#include "render/describe.h"
#include "render/host.h"

#include <stdlib.h>
#include <string.h>

enum { SHARED_TYPES = 3, LINES_MOST = 24 };

/* What a pod shares; a pid namespace in common makes one container, not a pod. */
static const enum ns_type shared_types[SHARED_TYPES] = {NS_NET, NS_IPC, NS_UTS};

/* Containers that are drawn as one card. */
struct unit {
	const struct model_container **members; /* by age */
	size_t n;
	const char *program; /* what it is for: that of the first which is not only there to hold */
	bool pod, alike;
};

/* ---- in the order of their age ---- */

static int by_age(const void *a, const void *b)
{
	const struct model_container *x = *(const struct model_container *const *)a;
	const struct model_container *y = *(const struct model_container *const *)b;

	if (x->start_time != y->start_time)
		return x->start_time < y->start_time ? -1 : 1;
	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return strcmp(x->name, y->name);
}

static const struct model_container **sorted(
        const struct host *h, size_t first, size_t end, bool *ret_ok)
{
	size_t n = end - first;
	const struct model_container **all =
	        arena_alloc(&h->s->arena, (n + 1) * sizeof(const struct model_container *));

	*ret_ok = all != NULL;
	if (!all)
		return NULL;
	memcpy(all, h->containers + first, n * sizeof *all);
	qsort(all, n, sizeof *all, by_age);
	return all;
}

/* ---- who shares with whom ---- */

/* Open addressing: which unit the containers of a namespace are in. A thousand containers compared
 * each with each would cost more than all of the drawing. */
struct seat {
	uint64_t inode;
	enum ns_type type;
	size_t unit;
};

struct seats {
	struct seat *all;
	size_t mask;
};

static struct seat *seat_of(const struct seats *s, enum ns_type type, uint64_t inode)
{
	size_t i = (size_t)(inode * 0x9E3779B97F4A7C15u >> 20) + (size_t)type * 7;

	for (;; i++) {
		struct seat *seat = &s->all[i & s->mask];
		if (!seat->inode || (seat->inode == inode && seat->type == type))
			return seat;
	}
}

static bool is_own(const struct host *h, const struct model_container *c, enum ns_type type)
{
	return c->ns[type] && c->ns[type] != h->now->host.ns[type];
}

/* The unit of the first container before this one that it shares with; `none` when there is none.
 */
static size_t unit_of(const struct host *h, const struct seats *seats,
        const struct model_container *c, size_t none)
{
	for (size_t k = 0; k < SHARED_TYPES; k++) {
		const struct seat *seat;
		if (!is_own(h, c, shared_types[k]))
			continue;
		seat = seat_of(seats, shared_types[k], c->ns[shared_types[k]]);
		if (seat->inode)
			return seat->unit;
	}
	return none;
}

static bool is_holder(const char *program)
{
	return !strcmp(program, "pause") || !strcmp(program, "catatonit");
}

static const char *program_of(const struct host *h, const struct model_container *c)
{
	const struct model_process *p = c->pid ? model_process(h->now, c->pid) : NULL;

	return p ? p->comm : *c->image ? c->image : c->command;
}

static void join(const struct host *h, struct unit *u, const struct model_container *c)
{
	const char *program = program_of(h, c);

	if (!u->n || (is_holder(u->program) && !is_holder(program)))
		u->program = program;
	u->members[u->n++] = c;
}

/* Sorts containers into units, each where its oldest member stands. Every unit's members get a
 * stretch of one array: which container is in which unit is known before they are filled. */
static struct unit *find_units(const struct host *h, const struct model_container **all, size_t n,
        bool pods, size_t *ret_n)
{
	struct arena *a = &h->s->arena;
	size_t room = 16, units = 0, at = 0;
	struct seats seats;
	struct unit *list = arena_alloc(a, (n + 1) * sizeof *list);
	size_t *of = arena_alloc(a, (n + 1) * sizeof *of);
	const struct model_container **members =
	        arena_alloc(a, (n + 1) * sizeof(const struct model_container *));

	while (room < n * SHARED_TYPES * 2)
		room *= 2;
	seats = (struct seats){arena_alloc(a, room * sizeof *seats.all), room - 1};
	if (!list || !of || !members || !seats.all)
		return NULL;
	memset(seats.all, 0, room * sizeof *seats.all);
	memset(list, 0, (n + 1) * sizeof *list);
	for (size_t i = 0; i < n; i++) {
		of[i] = pods ? unit_of(h, &seats, all[i], units) : units;
		units += of[i] == units;
		list[of[i]].n++;
		for (size_t k = 0; k < SHARED_TYPES; k++)
			if (is_own(h, all[i], shared_types[k]))
				*seat_of(&seats, shared_types[k], all[i]->ns[shared_types[k]]) =
				        (struct seat){all[i]->ns[shared_types[k]], shared_types[k],
				                of[i]};
	}
	for (size_t i = 0; i < units; i++) {
		list[i].members = members + at;
		list[i].pod = list[i].n > 1;
		at += list[i].n;
		list[i].n = 0;
	}
	for (size_t i = 0; i < n; i++)
		join(h, &list[of[i]], all[i]);
	*ret_n = units;
	return list;
}

/* ---- those that are alike ---- */

static int by_program(const void *a, const void *b)
{
	const struct unit *x = *(const struct unit *const *)a, *y = *(const struct unit *const *)b;
	int order = strcmp(x->program, y->program);

	return order ? order : (x > y) - (x < y);
}

static int by_place(const void *a, const void *b)
{
	return by_age(&((const struct unit *)a)->members[0], &((const struct unit *)b)->members[0]);
}

/* Units of one program become one. Returns how many are left. */
static size_t merge_alike(const struct host *h, struct unit *list, size_t n)
{
	struct arena *a = &h->s->arena;
	const struct unit **order = arena_alloc(a, (n + 1) * sizeof(const struct unit *));
	struct unit *merged = arena_alloc(a, (n + 1) * sizeof *merged);
	size_t kinds = 0;

	if (!order || !merged) {
		h->s->failed = true;
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		order[i] = &list[i];
	qsort(order, n, sizeof *order, by_program);
	for (size_t i = 0; i < n;) {
		size_t end = i + 1, members = order[i]->n;
		struct unit *u = &merged[kinds++];

		while (end < n && !strcmp(order[end]->program, order[i]->program))
			members += order[end++]->n;
		*u = *order[i];
		if (end - i > 1) {
			u->members = arena_alloc(a, members * sizeof *u->members);
			if (!u->members) {
				h->s->failed = true;
				return 0;
			}
			u->alike = true;
			u->n = 0;
			for (; i < end; i++)
				for (size_t k = 0; k < order[i]->n; k++)
					u->members[u->n++] = order[i]->members[k];
			qsort(u->members, u->n, sizeof *u->members, by_age);
		}
		i = end;
	}
	memcpy(list, merged, kinds * sizeof *list);
	qsort(list, kinds, sizeof *list, by_place);
	return kinds;
}

/* ---- cards ---- */

static void add_member(
        const struct host *h, struct card *card, const struct model_container *c, bool named)
{
	const struct model_process *p = c->pid ? model_process(h->now, c->pid) : NULL;
	struct card_line *l = card_line(h->s, card);
	const char *name = scene_clean(h->s, c->name);

	card_add(l, p ? scene_format(h->s, "%d", (int)p->pid) : "", SCENE_DIM,
	        mark_container(h->before, c));
	if (named)
		card_add(l, name, SCENE_CONTAINER, MARK_NONE);
	card_add(l, p ? describe_process(h->s, p) : describe_status(h->s, c),
	        named ? SCENE_DIM : SCENE_CONTAINER, MARK_NONE);
	card_stand(l, scene_format(h->s, "container:%s", name));
}

static void add_members(const struct host *h, struct card *card, const struct unit *u)
{
	size_t listed = 0;

	for (size_t i = 0; i < u->n; i++) {
		bool marked = mark_container(h->before, u->members[i]) != MARK_NONE;
		if (listed >= LINES_MOST && !(marked && listed < 2 * LINES_MOST)) {
			card->more++;
			continue;
		}
		add_member(h, card, u->members[i], !u->pod || u->alike);
		listed++;
	}
}

static const char *pod_name(const struct host *h, const struct unit *u)
{
	for (size_t i = 0; i < u->n; i++)
		if (is_own(h, u->members[i], NS_UTS) && *u->members[i]->hostname)
			return u->members[i]->hostname;
	return u->program;
}

/* "share net ipc uts": what all of its members have in common. */
static const char *shared_names(const struct host *h, const struct unit *u)
{
	const char *names = "share";

	for (size_t k = 0; k < SHARED_TYPES; k++) {
		enum ns_type t = shared_types[k];
		bool all = is_own(h, u->members[0], t);
		for (size_t i = 1; i < u->n; i++)
			all = all && u->members[i]->ns[t] == u->members[0]->ns[t];
		if (all)
			names = scene_format(h->s, "%s %s", names, ns_names[t]);
	}
	return names;
}

static void pod_card(const struct host *h, struct card *card, const struct unit *u)
{
	const char *name = scene_clean(h->s, pod_name(h, u));

	*card = (struct card){.id = scene_format(h->s, "pod:%d", (int)u->members[0]->pid),
	        .title = scene_format(h->s, "%s (%zu)", name, u->n),
	        .role = SCENE_CONTAINER,
	        .stands = u->n,
	        .liked = (int)u->n + 1};
	add_members(h, card, u);
	card_say(h->s, card, shared_names(h, u), SCENE_NAMESPACE_NET, MARK_NONE);
}

static void alike_card(const struct host *h, struct card *card, const struct unit *u)
{
	const char *name = scene_clean(h->s, u->program);

	*card = (struct card){.id = scene_format(h->s, "alike:%s", name),
	        .title = scene_format(h->s, "%zu \xC3\x97 %s", u->n, *name ? name : "no name"),
	        .role = SCENE_CONTAINER,
	        .stands = u->n,
	        .liked = 6};
	add_members(h, card, u);
}

/* All that have no card of their own, in one that at least names them. */
static void rest_card(const struct host *h, struct card *card, const struct unit *list, size_t n)
{
	*card = (struct card){.id = "containers:more", .role = SCENE_CONTAINER, .liked = 6};
	for (size_t i = 0; i < n; i++) {
		card->stands += list[i].n;
		for (size_t k = 0; k < list[i].n; k++)
			if (card->n_lines < LINES_MOST)
				add_member(h, card, list[i].members[k], true);
	}
	card->more = card->stands - card->n_lines;
	card->title = scene_format(h->s, "%zu more containers", card->stands);
}

size_t host_grouped_cards(
        const struct host *h, struct card *cards, size_t room, size_t first, size_t end, bool pods)
{
	size_t units = end - first, n = 0;
	bool ok;
	const struct model_container **all = sorted(h, first, end, &ok);
	struct unit *list = ok ? find_units(h, all, units, pods, &units) : NULL;

	if (!list) {
		h->s->failed = true;
		return 0;
	}
	if (units > room)
		units = merge_alike(h, list, units);
	for (size_t i = 0; i < units; i++) {
		if (n + 1 == room && i + 1 < units) {
			rest_card(h, &cards[n++], &list[i], units - i);
			break;
		}
		if (list[i].alike)
			alike_card(h, &cards[n++], &list[i]);
		else if (list[i].pod)
			pod_card(h, &cards[n++], &list[i]);
		else
			host_container_card(h, &cards[n++], list[i].members[0]);
	}
	return n;
}
