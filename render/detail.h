/* The parts of the container view: which cards there are, and what they say. */
#pragma once

#include "render/card.h"
#include "render/view.h"

/* What every card needs. */
struct detail {
	const struct view_input *in;
	const struct model *now, *before;
	struct scene *s;
	const char *name;                           /* as the model has it */
	const struct model_container *c, *c_before; /* NULL = not there */
	const struct model_process *p, *p_before;   /* its first process */
};

enum { DETAIL_CARDS = 7 };

/* In the order of reading: process, namespaces, control group, steps, rights, mounts, layers. */
void detail_cards(const struct detail *d, struct card ret[DETAIL_CARDS]);
