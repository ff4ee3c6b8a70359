/* What a step makes, by the name that the thing has on this machine: "uts namespace 4026532209",
 * "control group /cutaway/hand". Before the step is done, what it will be. */
#pragma once

#include "render/card.h"
#include "render/view.h"

/* A string of the scene's; "" when nothing is known of a step of this id. */
const char *step_object(struct scene *s, const struct model *m, const struct model_container *c,
        const struct model_step *step);

/* Whether a want about `container` is for what the step `id` makes. */
bool step_is_wanted(const struct view_want *want, const char *container, const char *id);

/* The part of the kernel in which a step makes something. */
enum step_place {
	PLACE_NONE,
	PLACE_NAMESPACES,
	PLACE_CGROUPS,
	PLACE_MOUNTS,
	PLACE_RIGHTS,
	PLACE_NETWORK,
};

/* A line for each container of which a step in this part has failed: "hand: mount-proc: EPERM". */
void step_say_failures(
        const struct model *m, struct scene *s, struct card *card, enum step_place place);
