/* A step of a plan as JSON: for `run --plan --json`, and for those that walk through it. */
#pragma once

#include "kernel/do/plan.h"

#include <jansson.h>
#include <stddef.h>

/* {"number", "id", "title", "where", "state", "call", "shell", "why", "man"}: the number counts
 * from 1; where is "host" (the parent makes the call) or "child" (the first process about itself);
 * state is "todo", "done" or "failed"; call and shell are arrays of lines. Bytes of a path that are
 * not UTF-8 are written as '?'. The caller's; NULL when memory is out. */
json_t *step_json(const struct step *s, const struct build *b, size_t index);

/* Adds "call" and "why" alone, each one text, to the object `json`. */
void step_explain_json(const struct step *s, const struct build *b, json_t *json);

/* All of a plan, an array in its order. The caller's; NULL when memory is out. */
json_t *plan_json(const struct plan *p, const struct build *b);

/* "todo", "done", "failed". */
const char *step_state_name(enum step_state state);
