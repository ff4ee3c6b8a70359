/* In which order the choices of a question are shown: not in that of the file, where authors put
 * what is right first, or never first. The order is made of the texts alone, so that it is the same
 * every time, on every machine, and whichever order the file has: the number that was right stays
 * right.
 *
 * Two things keep their place: a choice that speaks of the others ("all of the above", "none of
 * these"), and amounts that are listed from the smallest to the largest. */
#pragma once

#include <stddef.h>

enum { CHOICE_ORDER_MOST = 30 };

/* ret[place] = number of the text that is shown there; of n <= CHOICE_ORDER_MOST texts. */
void choice_order(const char *question, const char *const *texts, size_t n, size_t *ret);

/* The texts in that order. The new place of text `answer`; -1 when it is none of them. More texts
 * than CHOICE_ORDER_MOST stay as they are. */
int choice_order_texts(const char *question, const char **texts, size_t n, int answer);
