/* The check of the page. */
#pragma once

struct repl;

/* Runs the page's check without a word; `passed`, `unmet` and `complaint` of `r` are the result. A
 * page that has passed stays so, one without a check never is. */
void repl_check_run(struct repl *r);
