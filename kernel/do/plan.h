/* The plan of a container: which steps, in which order. */
#pragma once

#include "kernel/do/build.h"
#include "kernel/do/step.h"

struct plan {
	struct step *steps; /* ended by one without ops */
	size_t n;
};

/* Chooses the steps that the configuration of `b` asks for, and makes ready what they need and the
 * child cannot make: the filter, the paths of the program, the control group's directories (none is
 * created). `b->config` and `b->name` are set; b->steps then points into the plan. What cannot be
 * done here is an error now, not half way. */
int plan_new(struct build *b, struct plan **ret, struct error *err);
void plan_free(struct plan *p);

/* Index of a step; -1 when the plan has none such. */
int plan_find(const struct plan *p, const char *id);
