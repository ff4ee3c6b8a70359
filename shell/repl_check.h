/* The check of the page, and the look at the machine for its hints. */
#pragma once

struct model;
struct repl;

/* Runs the page's check without a word; `passed`, `unmet` and `complaint` of `r` are the result. A
 * page that has passed stays so, one without a check never is. */
void repl_check_run(struct repl *r);
/* The machine as it is now, for the hints; the caller's (model_free), NULL when it cannot be read.
 */
struct model *repl_check_look(void);
