#include "kernel/build/similar.h"

#include <stddef.h>
#include <string.h>

enum { LONGEST = 31 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Steps from one word to the other (Damerau and Levenshtein, neighbours changed once). */
static size_t distance(const char *a, size_t n, const char *b, size_t m)
{
	size_t row[LONGEST + 1][LONGEST + 1];

	for (size_t i = 0; i <= n; i++)
		row[i][0] = i;
	for (size_t j = 0; j <= m; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= n; i++)
		for (size_t j = 1; j <= m; j++) {
			size_t change = row[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			row[i][j] = least(change, least(row[i - 1][j], row[i][j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[i][j] = least(row[i][j], row[i - 2][j - 2] + 1);
		}
	return row[n][m];
}

bool similar(const char *written, const char *meant)
{
	size_t n = strlen(written), m = strlen(meant), d;

	if (!n || n > LONGEST || m > LONGEST)
		return false;
	d = distance(written, n, meant, m);
	return d <= (m < 6 ? 1u : 2u) && d < m;
}
