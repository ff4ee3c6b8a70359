#include "kernel/registry/range.h"

#include <stddef.h>
#include <string.h>

/* Digits only; moves *p behind them. */
static bool number(const char **p, uint64_t *ret)
{
	uint64_t n = 0;
	const char *at = *p;

	while (*at >= '0' && *at <= '9') {
		unsigned digit = (unsigned)(*at++ - '0');
		if (n > (UINT64_MAX - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	if (at == *p)
		return false;
	*p = at;
	*ret = n;
	return true;
}

enum range range_parse(const char *text, uint64_t size, uint64_t *ret_offset, uint64_t *ret_length)
{
	uint64_t first = 0, last = 0;
	bool suffix, open = false;

	if (!text || strncmp(text, "bytes=", 6) != 0 || strchr(text, ','))
		return RANGE_WHOLE;
	text += 6;
	suffix = *text == '-';
	if (!suffix && !number(&text, &first))
		return RANGE_BAD;
	if (*text++ != '-')
		return RANGE_BAD;
	open = !*text && !suffix;
	if (!open && (!number(&text, &last) || *text))
		return RANGE_BAD;
	if (suffix) {
		first = last < size ? size - last : 0;
		if (last == 0)
			return RANGE_BAD;
		open = true;
	}
	if (first >= size || (!open && last < first))
		return RANGE_BAD;
	if (open || last >= size)
		last = size - 1;
	*ret_offset = first;
	*ret_length = last - first + 1;
	return RANGE_PART;
}

bool range_parse_chunk(const char *text, uint64_t *ret_first, uint64_t *ret_last)
{
	static const char unit[] = "bytes ";
	uint64_t first, last, total;

	if (!strncmp(text, unit, strlen(unit)))
		text += strlen(unit);
	if (!number(&text, &first) || *text++ != '-' || !number(&text, &last) || last < first)
		return false;
	if (*text == '/') {
		text++;
		if (*text == '*')
			text++;
		else if (!number(&text, &total))
			return false;
	}
	if (*text)
		return false;
	*ret_first = first;
	*ret_last = last;
	return true;
}
