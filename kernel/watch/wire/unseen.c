#include "kernel/watch/wire/unseen.h"

enum { LETTERS = 26 };

static void add_letter(struct buf *out, unsigned letter)
{
	if (letter >= LETTERS)
		add_letter(out, letter / LETTERS - 1);
	buf_addc(out, (char)('A' + letter % LETTERS));
}

void unseen_add(
        struct unseen *u, const int keys[2], const char *what, unsigned *given, struct buf *out)
{
	size_t i = 0;

	while (i < u->n && (u->all[i].first != keys[0] || u->all[i].second != keys[1] ||
	                           u->all[i].what != *what))
		i++;
	if (i == UNSEEN_MOST) {
		buf_addf(out, "(%s not known: named before we looked)", what);
		return;
	}
	if (i == u->n) {
		u->all[u->n].first = keys[0];
		u->all[u->n].second = keys[1];
		u->all[u->n].what = *what;
		u->all[u->n++].letter = (*given)++;
	}
	buf_addf(out, "(%s ", what);
	add_letter(out, u->all[i].letter);
	buf_add(out, ": named before we looked)");
}
