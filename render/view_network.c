/* Links, addresses and routes, in a box for each network namespace: what is in a box can speak,
 * what joins two boxes is a veth pair, and without one nothing gets out. */
#include "render/network.h"
#include "render/sheet.h"

#include <errno.h>
#include <string.h>

enum {
	LEAST_WIDTH = 24,
	LEAST_HEIGHT = 8,
	PLACES_MOST = 64,  /* that are looked at for who is joined to whom */
	PLACES_DRAWN = 24, /* the others are counted */
	CARD_WIDTH = 34,
	NEEDS = 24,
	CARD_TELLS = 56, /* in which addresses and what is joined have room */
	GAP = 2,         /* rows between the host and the others, for the pairs */
	PAIRS_MOST = 12  /* more lines than that show nothing */
};

static void draw_small(const struct view_input *in, struct scene *s)
{
	int y = 0;

	for (size_t i = 0; i < in->now->n_links && y < s->height; i++) {
		const struct model_link *link = &in->now->links[i];
		scene_add_text(s, &(struct scene_text){0, y++, s->width,
		                          scene_format(s, "%s %s", scene_clean(s, link->name),
		                                  scene_clean(s, link->addresses)),
		                          SCENE_LINK, MARK_NONE});
	}
}

static const struct scene_box *box_of(struct scene *s, const struct card *c)
{
	for (size_t i = 0; i < s->n_boxes; i++)
		if (!strcmp(s->boxes[i].id, c->id))
			return &s->boxes[i];
	return NULL;
}

static bool are_joined(const struct model *m, uint64_t a, uint64_t b)
{
	for (size_t i = 0; i < m->n_links; i++) {
		const struct model_link *link = &m->links[i];
		const struct model_link *peer = link->net_ns == a ? model_link_peer(m, link) : NULL;
		if (peer && peer->net_ns == b)
			return true;
	}
	return false;
}

/* From the host's box down to each in the row below that it has a pair with. */
static void draw_pairs(const struct view_input *in, struct scene *s,
        const struct network_place *places, const struct card *cards, size_t n, int bottom)
{
	int drawn = 0;

	for (size_t i = 1; i < n && drawn < PAIRS_MOST; i++) {
		const struct scene_box *to = box_of(s, &cards[i]);
		struct scene_point points[2];
		if (!to || to->y != bottom + GAP ||
		        !are_joined(in->now, places[0].inode, places[i].inode))
			continue;
		points[0] = (struct scene_point){to->x + to->width / 2, bottom - 1};
		points[1] = (struct scene_point){to->x + to->width / 2, to->y - 1};
		scene_add_edge(s, &(struct scene_edge){.points = points,
		                          .n_points = 2,
		                          .arrow = true,
		                          .role = SCENE_LINK,
		                          .label = scene_format(s, "a veth pair joins host and %s",
		                                  places[i].name)});
		drawn++;
	}
}

/* All that have no box, in one that names some of them. */
static void rest_card(
        struct scene *s, const struct network_place *places, size_t n, size_t all, struct card *c)
{
	*c = (struct card){.id = "networks:more",
	        .title = scene_format(s, "%zu more namespaces", all),
	        .role = SCENE_CONTAINER,
	        .stands = all,
	        .liked = 4,
	        .even = true};
	for (size_t i = 0; i < n; i++) {
		struct card_line *l = card_line(s, c);
		card_add(l, places[i].name, SCENE_CONTAINER, MARK_NONE);
		card_stand(l, scene_format(s, "ns:net:%llu", (unsigned long long)places[i].inode));
	}
	c->more = all - n;
}

static void draw_all(const struct view_input *in, struct scene *s)
{
	struct network_place *places = arena_alloc(&s->arena, PLACES_MOST * sizeof *places);
	struct card *cards = arena_alloc(&s->arena, PLACES_MOST * sizeof *cards);
	int legend = s->height >= 12, inner = s->width - 4, room = s->height - legend - 2, top,
	    rest, least = CARD_TELLS;
	size_t all, n, looked, places_n;

	if (!places || !cards) {
		s->failed = true;
		return;
	}
	all = network_places(in, s, places, PLACES_MOST);
	looked = all < PLACES_MOST ? all : PLACES_MOST;
	n = all < PLACES_DRAWN ? all : PLACES_DRAWN;
	for (size_t i = 0; i < n; i++)
		network_card(in, s, places, looked, i, &cards[i]);
	places_n = n;
	if (all > n) {
		rest_card(s, places + n - 1, looked - n + 1, all - n + 1, &cards[n - 1]);
		places_n--;
	}
	n += network_ghost_cards(in, s, cards + n, PLACES_MOST - n);
	cards_fold(s, in, cards, n);
	top = card_natural_height(&cards[0]);
	if ((int)(n - 1) * (CARD_WIDTH + 1) <= inner + 1) {
		/* One row, with a line to each: by what is in them, addresses are long. */
		least = CARD_WIDTH;
		for (size_t i = 1; i < n; i++) {
			cards[i].even = false;
			cards[i].needs = NEEDS;
		}
	}
	rest = n > 1 ? cards_natural_height(cards + 1, n - 1, inner, least) : 0;
	if (n > 1 && top + GAP + rest > room) { /* narrower ones in fewer rows */
		least = CARD_WIDTH;
		rest = cards_natural_height(cards + 1, n - 1, inner, least);
	}
	if (n > 1 && top + GAP + rest > room && top > room / 2)
		top = room / 2;
	if (top > room)
		top = room;
	if (n > 1 && top + GAP + rest > room)
		rest = room - top - GAP;
	room = top + (rest >= 3 ? GAP + rest : 0);
	scene_add_box(s, &(struct scene_box){0, 0, s->width, room + 2,
	                         scene_format(s, "network: %zu namespace%s, %zu link%s", all,
	                                 all == 1 ? "" : "s", in->now->n_links,
	                                 in->now->n_links == 1 ? "" : "s"),
	                         SCENE_FRAME, MARK_NONE, "band:network", 0});
	card_draw(s, &cards[0], 2, 1, inner, top, 1);
	if (rest >= 3) {
		cards_draw(s, cards + 1, n - 1, 2, 1 + top + GAP, inner, rest, least, 1);
		draw_pairs(in, s, places, cards, places_n, 1 + top);
	}
	s->height = room + 2 + legend;
	if (legend)
		scene_add_legend(s, room + 2);
}

int view_network_layout(const struct view_input *in, struct scene *ret)
{
	struct scene s;

	scene_init(&s, in->width, in->height);
	s.title = scene_format(&s, "%s: network", scene_clean(&s, in->now->host.hostname));
	s.description = scene_format(&s,
	        "%zu links and the routes over gateways, in a box for each network namespace; "
	        "veth pairs join boxes.",
	        in->now->n_links);
	if (s.width < LEAST_WIDTH || s.height < LEAST_HEIGHT)
		draw_small(in, &s);
	else
		draw_all(in, &s);
	if (s.failed) {
		scene_release(&s);
		return -ENOMEM;
	}
	*ret = s;
	return 0;
}
