#include "shell/lesson/choice_order.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* FNV-1a, 64 bits, over both texts with a border between them. Its low bits are good enough to be
 * compared once they are mixed once more: short texts that differ at their end alone differ there.
 */
static uint64_t weight(const char *question, const char *text)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (const char *p = question; *p; p++)
		h = (h ^ (unsigned char)*p) * UINT64_C(0x100000001b3);
	h = (h ^ 0xff) * UINT64_C(0x100000001b3);
	for (const char *p = text; *p; p++)
		h = (h ^ (unsigned char)*p) * UINT64_C(0x100000001b3);
	h = (h ^ h >> 32) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

static bool speaks_of_others(const char *text)
{
	static const char *const beginnings[] = {
	        "all of ", "all these", "none of ", "both of ", "neither of ", "any of "};

	for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
		if (!strncasecmp(text, beginnings[i], strlen(beginnings[i])))
			return true;
	return strcasestr(text, " above") != NULL || strcasestr(text, " below") != NULL;
}

/* The number at the beginning, or behind "about"; false = there is none. */
static bool amount(const char *text, double *ret)
{
	char *end;

	if (!strncasecmp(text, "about ", 6))
		text += 6;
	if (!isdigit((unsigned char)*text))
		return false;
	*ret = strtod(text, &end);
	return true;
}

static bool are_rising(const char *const *texts, size_t n)
{
	double before = 0, at;

	for (size_t i = 0; i < n; i++) {
		if (!amount(texts[i], &at) || (i && at <= before))
			return false;
		before = at;
	}
	return true;
}

void choice_order(const char *question, const char *const *texts, size_t n, size_t *ret)
{
	size_t moving[CHOICE_ORDER_MOST] = {0}, n_moving = 0, next = 0;

	for (size_t i = 0; i < n; i++)
		ret[i] = i;
	if (n > CHOICE_ORDER_MOST || are_rising(texts, n))
		return;
	for (size_t i = 0; i < n; i++) {
		uint64_t w = weight(question, texts[i]);
		size_t at = n_moving;

		if (speaks_of_others(texts[i]))
			continue;
		for (; at && weight(question, texts[moving[at - 1]]) > w; at--)
			moving[at] = moving[at - 1];
		moving[at] = i;
		n_moving++;
	}
	for (size_t i = 0; i < n; i++)
		if (!speaks_of_others(texts[i]))
			ret[i] = moving[next++];
}

int choice_order_texts(const char *question, const char **texts, size_t n, int answer)
{
	const char *as_written[CHOICE_ORDER_MOST];
	size_t order[CHOICE_ORDER_MOST];
	int place = -1;

	if (!n || n > CHOICE_ORDER_MOST)
		return answer >= 0 && (size_t)answer < n ? answer : -1;
	memcpy(as_written, texts, n * sizeof *texts);
	choice_order(question, as_written, n, order);
	for (size_t i = 0; i < n; i++) {
		texts[i] = as_written[order[i]];
		if (answer >= 0 && order[i] == (size_t)answer)
			place = (int)i;
	}
	return place;
}
