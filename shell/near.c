#include "shell/near.h"

#include <stddef.h>
#include <string.h>

bool near_is(const char *a, const char *b)
{
	size_t same = 0;

	while (a[same] && a[same] == b[same])
		same++;
	a += same;
	b += same;
	if (!*a && !*b)
		return false;
	if (*a && *b &&
	        (!strcmp(a + 1, b + 1) || (a[0] == b[1] && a[1] == b[0] && !strcmp(a + 2, b + 2))))
		return true;
	return (*a && !strcmp(a + 1, b)) || (*b && !strcmp(a, b + 1));
}
