/* The questions of a folder of lessons, looked at strictly. `l` names the folder; one without
 * questions is fine. Each has an id of its own, a goal, an answer that is judged right, and a
 * reason; its lesson is there; each goal has enough for an exam. */
#pragma once

#include "shell/lesson/lint.h"

void lint_questions(struct lint *l);
