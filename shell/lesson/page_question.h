/* Questions in the text of a page, as Katacoda has them:
 *
 *   >>Q1: What does ls list? <<
 *   ( ) processes            one is right: (*)
 *   (*) files
 *
 *   >>Which are shells?<<
 *   [*] bash                 these are right, and no other: [*]
 *   [ ] cat
 *
 *   >>Which command lists files?<<
 *   === ls                   this text is right; =~= EXPRESSION: what it matches (regex(7))
 *
 * Choices are shown in the order of choice_order.h, and numbered so. */
#pragma once

#include "kernel/base/arena.h"
#include "kernel/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct page_choice {
	const char *text;
	bool right;
};

struct page_question {
	const char *question;
	const char *answer; /* to be typed; NULL = one of the choices, or several */
	bool pattern;       /* the answer is an extended regular expression */
	bool several;       /* choices: all that are right are asked for */
	struct page_choice *choices;
	size_t n_choices;
};

/* The questions of a page; those without any answer that is right are none. 0 or -ENOMEM. */
int page_questions_read(
        const char *text, struct arena *arena, struct page_question **ret, size_t *n);

/* Appends the page with its questions as Markdown that does not tell the answers: the question, and
 * numbers before the choices. */
void page_questions_hide(const char *text, struct buf *out);

/* Whether `given` is right: numbers of choices between blanks or commas (or the text of one), or
 * the text that is asked for, in any capitals and with any blanks around it. */
bool page_question_is_right(const struct page_question *q, const char *given);

/* Appends what is right, for who did not know. */
void page_question_solution(const struct page_question *q, struct buf *out);
