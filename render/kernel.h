/* The parts of the kernel view. All that is in a card belongs to the scene. */
#pragma once

#include "render/card.h"
#include "render/view.h"

/* Processes × namespaces: who shares what. */
void kernel_sharing_card(const struct view_input *in, struct scene *s, struct card *ret);
/* The tree of control groups: what is in each, and what it uses of what it may. */
void kernel_tree_card(const struct view_input *in, struct scene *s, struct card *ret);
