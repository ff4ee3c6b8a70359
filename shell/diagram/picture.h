/* A sketch as the view shows it: titles instead of names, and the verdicts on what was graded and
 * has not changed since. */
#pragma once

#include "shell/diagram/grade.h"

struct picture {
	struct diagram_picture shown; /* its strings are the rules', the sketch's or the arena's */
	struct arena arena;
};

/* `now` as for grade_make(). The sketch and the rules have to live as long as the picture. 0 or
 * -ENOMEM. */
int picture_make(const struct diagram_rules *r, const struct diagram_task *task,
        const struct sketch *s, const struct model *now, struct picture *ret);
void picture_release(struct picture *p);
