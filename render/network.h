/* The parts of the network view. All that is in a card belongs to the scene. */
#pragma once

#include "render/card.h"
#include "render/view.h"

/* A network namespace with links in it, and who is in it. */
struct network_place {
	uint64_t inode;
	const char *name;                        /* "host", "red", "red, green" */
	const struct model_container *container; /* the first that is in it; NULL = none */
};

/* The host's first, then those of containers in their order, then the others; at most `n`. Returns
 * how many there are. */
size_t network_places(
        const struct view_input *in, struct scene *s, struct network_place *ret, size_t n);
/* Its links with their addresses, where they lead, its routes, its published ports. */
void network_card(const struct view_input *in, struct scene *s, const struct network_place *places,
        size_t n, size_t which, struct card *ret);
/* A link that the step asks for, as a line of a card. */
void network_add_want(
        struct scene *s, struct card *c, const char *link, const struct view_want *want);
/* Containers without a network namespace of their own of which one, or a link in it, is asked for:
 * a ghost each; how many, at most `room`. */
size_t network_ghost_cards(
        const struct view_input *in, struct scene *s, struct card *ret, size_t room);
