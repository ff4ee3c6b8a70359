#include "shell/lesson/words.h"

#include "kernel/base/cleanup.h"
#include "render/glyph.h"

#include <ctype.h>
#include <string.h>

enum { LONGEST = 64 };

static bool is_article(const char *word)
{
	return !strcmp(word, "a") || !strcmp(word, "an") || !strcmp(word, "the");
}

/* Takes the plural's ending off, and an "e" before it: "caches" and "cache" become the same. */
static void stem(char *word)
{
	size_t n = strlen(word);

	if (n > 4 && !strcmp(word + n - 3, "ies")) {
		strcpy(word + n - 3, "y");
		return;
	}
	if (n > 3 && word[n - 1] == 's' && !strchr("sui", word[n - 2]))
		word[--n] = '\0';
	if (n > 3 && word[n - 1] == 'e')
		word[--n] = '\0';
}

static void add_word(char *word, bool first, struct buf *out)
{
	if (!*word || (first && is_article(word)))
		return;
	stem(word);
	if (out->len && out->data[out->len - 1] != ' ')
		buf_addc(out, ' ');
	buf_add(out, word);
}

void words_normalise(const char *text, struct buf *out)
{
	auto_buf one = BUF_INIT;
	char word[LONGEST];
	bool first = true;
	size_t n = 0;

	for (;; text++) {
		unsigned char c = (unsigned char)*text;

		if (c && strchr("'\"`()?!,;", c))
			continue;
		/* A full stop ends a sentence, or stands inside of a name. */
		if (c == '.' && (!text[1] || isspace((unsigned char)text[1])))
			continue;
		if (c && !isspace(c) && !strchr("-_", c)) {
			if (n + 1 < sizeof word)
				word[n++] = (char)tolower(c);
			continue;
		}
		word[n] = '\0';
		if (n) {
			add_word(word, first, &one);
			first = false;
		}
		n = 0;
		if (!c)
			break;
	}
	buf_add(out, buf_text(&one));
}

bool words_same(const char *a, const char *b)
{
	auto_buf left = BUF_INIT, right = BUF_INIT;

	words_normalise(a, &left);
	words_normalise(b, &right);
	return left.len && !strcmp(buf_text(&left), buf_text(&right));
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

/* Optimal string alignment: single letters changed, and neighbours exchanged. */
static int distance(const char *a, size_t n, const char *b, size_t m)
{
	int rows[3][LONGEST + 1], *before = rows[0], *above = rows[1], *row = rows[2];

	for (size_t j = 0; j <= m; j++)
		above[j] = (int)j;
	for (size_t i = 1; i <= n; i++) {
		int *old = before;

		row[0] = (int)i;
		for (size_t j = 1; j <= m; j++) {
			bool other = a[i - 1] != b[j - 1];

			row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + other);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
		before = above;
		above = row;
		row = old;
	}
	return above[m];
}

bool words_near(const char *a, const char *b)
{
	auto_buf left = BUF_INIT, right = BUF_INIT;
	size_t shorter;

	words_normalise(a, &left);
	words_normalise(b, &right);
	if (!left.len || !right.len || left.len > LONGEST || right.len > LONGEST)
		return false;
	shorter = left.len < right.len ? left.len : right.len;
	return distance(left.data, left.len, right.data, right.len) <= (shorter < 4          ? 0
	                                                                       : shorter < 8 ? 1
	                                                                                     : 2);
}

void words_fold(const char *text, int width, int indent, struct buf *out)
{
	int room = width - indent > 10 ? width - indent : 10;

	while (*text) {
		size_t line = strcspn(text, "\n"), fit, cut;
		auto_buf rest = BUF_INIT;

		buf_add_bytes(&rest, text, line);
		fit = text_fit(buf_text(&rest), room);
		for (cut = fit; fit < line && cut > fit / 2 && rest.data[cut] != ' '; cut--)
			;
		if (fit >= line)
			cut = line;
		else if (rest.data[cut] != ' ')
			cut = fit ? fit : line;
		buf_addf(out, "%*s%.*s\n", indent, "", (int)cut, text);
		text += cut;
		text += *text == ' ' || *text == '\n';
	}
}
