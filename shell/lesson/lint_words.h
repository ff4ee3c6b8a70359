/* The words of a lesson, held against what stands beside it in the folder of the lessons:
 *
 *   glossary.json    every phrase that is printed bold is a term of it, or listed there as emphasis
 *                    and every step with commands ends with its sources
 *   dictionary.txt   every word of the text is one that aspell knows, or stands in it: a word a
 * line, capitals count only where it has some, '#' begins a remark. Code is left out
 *
 * A folder without one of them is not held to it: lessons from elsewhere have neither. */
#pragma once

#include "shell/lesson/lint.h"

void lint_words(struct lint *l, const struct scenario *s);
/* The glossary of a folder of lessons itself: every term has a meaning and a source, no name stands
 * for two, the spelling is right. `l` names the folder. */
void lint_glossary(struct lint *l);
/* The spelling of what a file of that folder says, if there is a dictionary; `text` is changed. */
void lint_spelling(struct lint *l, const char *file, struct buf *text);
