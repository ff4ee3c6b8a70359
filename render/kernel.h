/* The parts of the kernel view. All that is in a card belongs to the scene. */
#pragma once

#include "render/card.h"
#include "render/view.h"

/* Processes × namespaces: who shares what. */
void kernel_sharing_card(const struct view_input *in, struct scene *s, struct card *ret);
/* What a group uses, behind its name in a line; and what these columns are, in a line of their own,
 * name and all. */
void kernel_use_add(const struct view_input *in, struct scene *s, struct card_line *l,
        const struct model_cgroup *g);
void kernel_use_head(const struct view_input *in, struct card_line *l);
/* Whether this kernel says what groups wait for. */
bool kernel_tells_pressure(const struct model *m);
/* The tree of control groups: what is in each, and what it uses of what it may. */
void kernel_tree_card(const struct view_input *in, struct scene *s, struct card *ret);
