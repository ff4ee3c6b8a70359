#include "shell/diagram/label.h"

#include "shell/near.h"

#include <stdio.h>
#include <string.h>

enum { LABEL_BYTES = 256, LABEL_WORDS = 40 };

struct words {
	char text[LABEL_BYTES];
	const char *at[LABEL_WORDS];
	size_t n;
};

/* Lower case, broken at blanks and at what only separates; of a call written with its section, as
 * clone(2), or as code, `clone`, the name remains. */
static void split(const char *text, struct words *w)
{
	size_t n = 0;
	bool inside = false;

	*w = (struct words){0};
	for (; *text && n + 2 < sizeof(w->text) && w->n < LABEL_WORDS; text++) {
		char c = *text;
		bool blank = strchr(" \t,;:`'\"!?&|()[]{}<>=", c);

		if (c == '(' && text[1] >= '1' && text[1] <= '8' && text[2] == ')')
			text += 2;
		if (c == '.' && (!text[1] || text[1] == ' '))
			blank = true; /* the end of a sentence */
		if (blank) {
			if (inside)
				w->text[n++] = '\0';
			inside = false;
			continue;
		}
		if (!inside)
			w->at[w->n++] = w->text + n;
		inside = true;
		w->text[n++] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
	}
	w->text[n] = '\0';
}

static bool same_word(const char *a, const char *b)
{
	size_t n = strlen(b);

	if (n && b[n - 1] == '*')
		return !strncmp(a, b, n - 1);
	return !strcmp(a, b) || (n >= 5 && strlen(a) >= 4 && near_is(a, b));
}

/* How many words of `w` from `at` are the synonym; 0 = they are not. */
static size_t match(const struct words *w, size_t at, const struct words *also)
{
	if (!also->n || also->n > w->n - at)
		return 0;
	for (size_t i = 0; i < also->n; i++)
		if (!same_word(w->at[at + i], also->at[i]))
			return 0;
	return also->n;
}

/* A word made of several, as "clone+execve", that is no synonym as a whole. */
static bool break_apart(struct words *w, size_t at)
{
	char *plus = strpbrk(w->text + (w->at[at] - w->text), "+/");

	if (!plus || plus == w->at[at] || !plus[1] || w->n == LABEL_WORDS)
		return false;
	*plus = '\0';
	memmove(&w->at[at + 2], &w->at[at + 1], (w->n - at - 1) * sizeof(*w->at));
	w->at[at + 1] = plus + 1;
	w->n++;
	return true;
}

/* The longest synonym that begins at a word, of all calls that have it. */
static size_t find_at(const struct diagram_rules *r, const struct words *w, size_t at, bool exact,
        uint64_t *ret_calls)
{
	size_t longest = 0;

	for (size_t c = 0; c < r->n_calls; c++)
		for (size_t k = 0; k < r->calls[c].also.n; k++) {
			struct words also;
			size_t n;

			split(r->calls[c].also.texts[k], &also);
			n = match(w, at, &also);
			if (n == 1 && exact && strcmp(w->at[at], also.at[0]) &&
			        !strchr(also.at[0], '*'))
				continue;
			if (n > longest)
				*ret_calls = 0;
			if (n && n >= longest) {
				longest = n;
				*ret_calls |= UINT64_C(1) << c;
			}
		}
	return longest;
}

static void note(
        struct label_mention *m, uint64_t calls, const struct words *w, size_t at, size_t n)
{
	size_t used = 0;

	*m = (struct label_mention){.calls = calls};
	for (size_t i = 0; i < n && used < sizeof(m->words); i++)
		used += (size_t)snprintf(m->words + used, sizeof(m->words) - used, "%s%s",
		        i ? " " : "", w->at[at + i]);
}

size_t label_read(
        const struct diagram_rules *r, const char *label, struct label_mention ret[LABEL_MENTIONS])
{
	struct words w;
	size_t n = 0, at = 0;

	split(label, &w);
	while (at < w.n && n < LABEL_MENTIONS) {
		uint64_t calls = 0;
		size_t step = find_at(r, &w, at, true, &calls);

		if (!step && break_apart(&w, at))
			continue;
		if (!step)
			step = find_at(r, &w, at, false, &calls);
		if (step)
			note(&ret[n++], calls, &w, at, step);
		at += step + !step;
	}
	return n;
}
