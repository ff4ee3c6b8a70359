/* Assertions about the model: what verify scripts call, what the drawing shows as ghosts.
 *
 *   EXPRESSION  FACT | !FACT | FACT OP VALUE       OP: = != < <= > >= ~ (contains)
 *   FACT        a dotted name, see query.h: container.hand.hostname, containers.count
 *   VALUE       a word, a "quoted text", a size (64M), or another FACT (starts with container.,
 *               containers., host., process., processes., cgroup., lab., measure., image.)
 *
 * A bare FACT holds when it exists and is neither empty, "0" nor "no"; !FACT when not so. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/observe/model.h"

struct check_result {
	bool holds;
	char text[256];   /* for the learner: "hostname of container hand is 'vm', should be 'hand'"
	                   */
	char fact[128];   /* the FACT asked for: "container.hand.ns.uts" */
	char wanted[128]; /* the value asked for; "" when none */
};

/* Evaluates one expression. 0 with *ret filled, or -EINVAL with `err` pointing at the bad
 * character. */
int check_eval(
        const struct model *m, const char *expression, struct check_result *ret, struct error *err);
