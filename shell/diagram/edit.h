/* A change of a diagram as words: what is typed after `diagram`, and what the keys of the editor
 * mean.
 *
 *   place PART BAND            connect FROM TO [LABEL]    label FROM TO LABEL
 *   move PART left|right       remove PART                remove FROM TO
 *   undo   redo   clear
 *
 * Parts go by any of their names. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/base/error.h"
#include "shell/diagram/rules.h"
#include "shell/diagram/sketch.h"

struct diagram_edit {
	const struct diagram_rules *rules;
	int argc; /* words, the verb first */
	const char *const *argv;
	struct buf said; /* what was done, a line; to be released */
};

/* All verbs of `diagram`, also those that change nothing; for completion. Ended by NULL. */
extern const char *const diagram_verbs[];

/* Whether the words begin with a verb of this kind. */
bool diagram_edit_is(const char *verb);
/* Whether they can be a change at all: -EINVAL with an error that tells what is missing. Asks no
 * diagram. */
int diagram_edit_check(const struct diagram_edit *edit, struct error *err);
/* For keep_edit(): `data` is a struct diagram_edit. */
int diagram_edit_apply(struct sketch *s, void *data, struct error *err);
