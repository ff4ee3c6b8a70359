/* The check of the page, and the conditions of its hints. */
#pragma once

#include <stdbool.h>

struct repl;

/* Runs the page's check without a word; `passed`, `unmet` and `complaint` of `r` are the result. A
 * page that has passed stays so, one without a check never is. */
void repl_check_run(struct repl *r);
/* Whether an expression (kernel/observe/check.h) holds now; what cannot be read does not. */
bool repl_check_holds(struct repl *r, const char *expression);
