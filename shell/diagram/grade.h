/* A learner's diagram, graded part by part and arrow by arrow: against the rules, and against the
 * machine as it was observed. What the machine shows weighs more than a rule. */
#pragma once

#include "kernel/base/arena.h"
#include "kernel/observe/model.h"
#include "shell/diagram/rules.h"
#include "shell/diagram/sketch.h"

struct graded {
	enum diagram_verdict verdict;
	const char *reason; /* one sentence or two; "" only for what is right and not seen here */
};

struct grade {
	struct graded *parts, *arrows; /* as in the sketch, its order and number */
	size_t n_parts, n_arrows;
	/* Of what the task asks for. */
	size_t parts_asked, parts_right, arrows_asked, arrows_right;
	size_t faults;            /* parts and arrows that are wrong or vague */
	const char *const *hints; /* for what is missing: questions, at most GRADE_HINTS */
	size_t n_hints, n_missing;
	bool passed; /* all that is asked for is there and right, and nothing is wrong */
	struct arena arena;
};

enum { GRADE_HINTS = 3 };

/* `now` NULL = only the rules are asked. 0 or -ENOMEM. */
int grade_make(const struct diagram_rules *r, const struct diagram_task *task,
        const struct sketch *d, const struct model *now, struct grade *ret);
void grade_release(struct grade *g);
