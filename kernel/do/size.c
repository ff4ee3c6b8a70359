#include "kernel/do/size.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int number(const char *text, const char **ret_end, uint64_t *ret)
{
	char *end;

	if (!isdigit((unsigned char)*text)) /* strtoull(3) would take blanks and a minus */
		return -EINVAL;
	errno = 0;
	*ret = strtoull(text, &end, 10);
	*ret_end = end;
	return errno || *ret == 0 ? -EINVAL : 0;
}

int count_parse(const char *text, uint64_t *ret)
{
	const char *end;
	uint64_t value;
	int r = number(text, &end, &value);

	if (r < 0 || *end || value > INT64_MAX)
		return -EINVAL;
	*ret = value;
	return 0;
}

int size_parse(const char *text, uint64_t *ret)
{
	static const char units[] = "bkmgt";
	const char *end, *unit = NULL;
	uint64_t value;
	int r = number(text, &end, &value), shift;

	if (r < 0)
		return r;
	if (*end) {
		unit = strchr(units, tolower((unsigned char)*end));
		if (!unit)
			return -EINVAL;
		end++;
		if (*unit != 'b' && *end && strcasecmp(end, "b") != 0 && strcasecmp(end, "ib") != 0)
			return -EINVAL;
		if (*unit == 'b' && *end)
			return -EINVAL;
	}
	shift = unit ? (int)(unit - units) * 10 : 0;
	if (value > (uint64_t)INT64_MAX >> shift)
		return -EINVAL;
	*ret = value << shift;
	return 0;
}
