/* What a step makes, by the name that the thing has on this machine: "uts namespace 4026532209",
 * "control group /cutaway/hand". Before the step is done, what it will be. */
#pragma once

#include "render/view.h"

/* A string of the scene's; "" when nothing is known of a step of this id. */
const char *step_object(struct scene *s, const struct model *m, const struct model_container *c,
        const struct model_step *step);

/* Whether a want about `container` is for what the step `id` makes. */
bool step_is_wanted(const struct view_want *want, const char *container, const char *id);
