/* A view that is a frame with cards in it. */
#pragma once

#include "render/card.h"
#include "render/view.h"

struct sheet {
	const char *id, *title, *description;
	enum scene_role role;
	enum scene_mark mark;
	struct card *cards;
	size_t n;
	int card_width;   /* that a card has at least, where there is room */
	size_t tail;      /* so many of the last share one row when there is no room for all that
	                     the cards tell; 0 = none do */
	const char *more; /* what cards without a place are called: "namespaces" */
};

/* Draws it into the scene, at any size: lines where there is no room for boxes, and a card that
 * counts the others where there is no room for all. Folds what the person has folded. */
void sheet_draw(struct scene *s, const struct view_input *in, const struct sheet *sheet);

/* Cards whose id the person has folded are left one line that says so. */
void cards_fold(struct scene *s, const struct view_input *in, struct card *cards, size_t n);
bool is_folded(const struct view_input *in, const char *id);

/* A sentence as lines of at most `width` cells, broken at blanks. */
void card_wrap(struct scene *s, struct card *c, const char *text, int width, enum scene_role role);
