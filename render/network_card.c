#include "render/changes.h"
#include "render/describe.h"
#include "render/network.h"
#include "render/step_object.h"
#include "render/wants.h"

#include <string.h>

enum { LINKS_MOST = 40, LISTENERS_MOST = 8 };

static bool is_listed(const struct network_place *places, size_t n, uint64_t inode)
{
	for (size_t i = 0; i < n; i++)
		if (places[i].inode == inode)
			return true;
	return false;
}

/* Containers that share one network stand in one box. */
static const char *names_of(const struct model *m, struct scene *s, uint64_t inode)
{
	const char *names = "";
	size_t n = 0;

	for (size_t i = 0; i < m->n_containers; i++) {
		if (m->containers[i].ns[NS_NET] != inode)
			continue;
		if (n++ < 3)
			names = scene_format(s, "%s%s%s", names, *names ? ", " : "",
			        scene_clean(s, m->containers[i].name));
	}
	return n > 3 ? scene_format(s, "%s and %zu more", names, n - 3) : names;
}

static const char *process_in(const struct model *m, struct scene *s, uint64_t inode)
{
	for (size_t i = 0; i < m->n_processes; i++)
		if (m->processes[i].ns[NS_NET] == inode)
			return describe_process(s, &m->processes[i]);
	return "nobody";
}

/* How many there are, when not all have a place: the model has each once. */
static size_t count_places(const struct model *m, size_t listed)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_namespaces; i++)
		n += m->namespaces[i].type == NS_NET;
	return n > listed ? n : listed;
}

static size_t add_place(struct network_place *ret, size_t room, size_t n, uint64_t inode,
        const char *name, const struct model_container *c)
{
	if (n == room)
		return n;
	ret[n] = (struct network_place){inode, name, c};
	return n + 1;
}

size_t network_places(
        const struct view_input *in, struct scene *s, struct network_place *ret, size_t room)
{
	const struct model *m = in->now;
	size_t n = add_place(ret, room, 0, m->host.ns[NS_NET], "host", NULL);

	for (int fresh = 0; fresh < 2; fresh++)
		for (size_t i = 0; i < m->n_containers && n < room; i++) {
			const struct model_container *c = &m->containers[i];
			uint64_t inode = c->ns[NS_NET];
			if (inode && container_is_fresh(in->before, c) == fresh &&
			        !is_listed(ret, n, inode))
				n = add_place(ret, room, n, inode, names_of(m, s, inode), c);
		}
	for (size_t i = 0; i < m->n_namespaces && n < room; i++) {
		uint64_t inode = m->namespaces[i].inode;
		if (m->namespaces[i].type == NS_NET && !is_listed(ret, n, inode))
			n = add_place(ret, room, n, inode, process_in(m, s, inode), NULL);
	}
	return n < room ? n : count_places(m, n);
}

/* "in cutaway0", "⇄ eth0 of red": what the link is joined to. */
static const char *joined_to(const struct model *m, struct scene *s,
        const struct network_place *places, size_t n, const struct model_link *link)
{
	const struct model_link *bridge = model_link(m, link->net_ns, link->master);
	const struct model_link *peer = model_link_peer(m, link);
	const char *text = "";

	for (size_t i = 0; peer && i < n; i++)
		if (places[i].inode == peer->net_ns)
			text = scene_format(
			        s, "⇄ %s of %s", scene_clean(s, peer->name), places[i].name);
	if (bridge)
		text = scene_format(
		        s, "in %s%s%s", scene_clean(s, bridge->name), *text ? ", " : "", text);
	return text;
}

static void add_link(const struct view_input *in, struct scene *s,
        const struct network_place *places, size_t n, const struct model_link *link, struct card *c)
{
	struct card_line *l = card_line(s, c);

	card_add(l, scene_clean(s, link->name), SCENE_LINK, mark_link(in->before, link));
	card_add(l, scene_clean(s, link->kind), SCENE_DIM, MARK_NONE);
	card_add(l, link->up ? "up" : "down", SCENE_DIM, MARK_NONE);
	card_add(l, joined_to(in->now, s, places, n, link), SCENE_NAMESPACE_NET, MARK_NONE);
	card_add(l, scene_clean(s, link->addresses), SCENE_PLAIN, MARK_NONE);
}

static void add_routes(const struct model *m, struct scene *s, uint64_t inode, struct card *c)
{
	for (size_t i = 0; i < m->n_routes; i++)
		if (m->routes[i].net_ns == inode)
			card_say(s, c,
			        scene_clean(s,
			                scene_format(s, "%s → %s by %s", m->routes[i].destination,
			                        m->routes[i].gateway, m->routes[i].link)),
			        SCENE_DIM, MARK_NONE);
}

static void add_ports(const struct model *m, struct scene *s, uint64_t inode, struct card *c)
{
	for (size_t i = 0; i < m->n_containers; i++)
		if (m->containers[i].ns[NS_NET] == inode && *m->containers[i].ports)
			card_say(s, c,
			        scene_format(
			                s, "published: %s", scene_clean(s, m->containers[i].ports)),
			        SCENE_YOU, MARK_NONE);
}

/* Each line is a fact of the kernel; who listens is named where it was found, who is connected to
 * it stands behind: that comes and goes, and the line stays. */
static void add_listeners(
        const struct view_input *in, struct scene *s, uint64_t inode, struct card *c)
{
	const struct model *m = in->now;
	size_t shown = 0;

	for (size_t i = 0; i < m->n_listeners; i++) {
		const struct model_listener *l = &m->listeners[i];
		const struct model_process *p = l->process < 0 ? NULL : &m->processes[l->process];
		const char *from;

		if (l->net_ns != inode || describe_listener_again(m, i) ||
		        model_listener_is_passing(l))
			continue;
		if (shown++ == LISTENERS_MOST) {
			card_say(s, c, "and on more", SCENE_DIM, MARK_NONE);
			return;
		}
		card_say(s, c,
		        p ? scene_format(s, "listens on %s: %s (%d)", describe_listener(s, l),
		                    scene_clean(s, p->comm), (int)p->pid)
		          : scene_format(s, "listens on %s", describe_listener(s, l)),
		        SCENE_YOU, MARK_NONE);
		if (strcmp(l->protocol, "tcp") != 0)
			continue;
		card_say_behind(c, describe_clients(s, m, l, &from), SCENE_DIM);
		card_say_behind(c, from, SCENE_DIM);
	}
}

/* What the step asks of the links of these containers, and what they no longer have. */
static void add_wanted(const struct view_input *in, struct scene *s, uint64_t inode, struct card *c)
{
	for (size_t i = 0; i < in->n_wants; i++) {
		const struct view_want *want = &in->wants[i];
		for (size_t k = 0; k < in->now->n_containers; k++) {
			const char *rest;
			if (in->now->containers[k].ns[NS_NET] == inode &&
			        want_about(want, in->now->containers[k].name, "link", &rest))
				network_add_want(s, c, rest, want);
		}
	}
}

static void add_gone(const struct view_input *in, struct scene *s, uint64_t inode, struct card *c)
{
	for (size_t i = 0; in->before && i < in->before->n_links; i++) {
		const struct model_link *old = &in->before->links[i];
		bool there = old->net_ns != inode;
		for (size_t k = 0; k < in->now->n_links && !there; k++)
			there = in->now->links[k].net_ns == inode &&
			        in->now->links[k].index == old->index &&
			        !strcmp(in->now->links[k].name, old->name);
		if (!there)
			card_add(card_line(s, c), scene_clean(s, old->name), SCENE_LINK, MARK_GONE);
	}
}

void network_add_want(
        struct scene *s, struct card *c, const char *link, const struct view_want *want)
{
	struct card_line *l = card_line(s, c);

	card_add(l, scene_clean(s, *link ? link : "a link"), SCENE_LINK, MARK_GHOST);
	card_add(l, scene_clean(s, want->wanted ? want->wanted : ""), SCENE_DIM, MARK_NONE);
}

size_t network_ghost_cards(
        const struct view_input *in, struct scene *s, struct card *ret, size_t room)
{
	enum { NAMES_MOST = 8 };
	const char *names[NAMES_MOST];
	size_t n = want_absent(in, s, names, NAMES_MOST), cards = 0;

	for (size_t i = 0; i < in->now->n_containers && n < NAMES_MOST; i++)
		if (!in->now->containers[i].ns[NS_NET])
			names[n++] = in->now->containers[i].name;
	for (size_t i = 0; i < n && cards < room; i++) {
		struct card *c = &ret[cards];
		bool any = false;

		*c = (struct card){.id = scene_format(s, "network:%s", scene_clean(s, names[i])),
		        .title = scene_clean(s, names[i]),
		        .role = SCENE_CONTAINER,
		        .mark = MARK_GHOST,
		        .even = true};
		for (size_t k = 0; k < in->n_wants; k++) {
			const struct view_want *want = &in->wants[k];
			const char *rest;
			any = any || want_about(want, names[i], "ns.net", NULL);
			if (!want_about(want, names[i], "link", &rest))
				continue;
			network_add_want(s, c, rest, want);
			any = true;
		}
		if (any && !c->n_lines)
			card_say(s, c, "a network namespace of its own", SCENE_DIM, MARK_NONE);
		cards += any;
	}
	return cards;
}

void network_card(const struct view_input *in, struct scene *s, const struct network_place *places,
        size_t n, size_t which, struct card *ret)
{
	const struct model *m = in->now;
	uint64_t inode = places[which].inode;
	size_t shown = 0;

	*ret = (struct card){.id = scene_format(s, "ns:net:%llu", (unsigned long long)inode),
	        .title = places[which].name,
	        .role = places[which].container ? SCENE_CONTAINER : SCENE_PROCESS,
	        .even = true,
	        .mark = which ? mark_namespace(in->before, NS_NET, inode) : MARK_NONE};
	for (size_t i = 0; i < m->n_links; i++) {
		if (m->links[i].net_ns != inode)
			continue;
		if (shown++ < LINKS_MOST)
			add_link(in, s, places, n, &m->links[i], ret);
		else
			ret->more++;
	}
	add_wanted(in, s, inode, ret);
	add_gone(in, s, inode, ret);
	if (!which) /* what was made of it is undone, so it has no box of its own */
		step_say_failures(m, s, ret, PLACE_NETWORK);
	if (!shown)
		card_say(s, ret, "no links to be seen", SCENE_DIM, MARK_NONE);
	add_ports(m, s, inode, ret);
	add_listeners(in, s, inode, ret);
	add_routes(m, s, inode, ret);
}
