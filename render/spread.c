#include "render/spread.h"

/* One cell at a time to whoever has the smallest part of its goal: lengths are those of a screen,
 * so this is short. */
static int fill(struct spread *parts, size_t n, int left, int up_to_most)
{
	while (left > 0) {
		size_t neediest = n;
		long least = 0;

		for (size_t i = 0; i < n; i++) {
			int goal = up_to_most ? parts[i].most : parts[i].liked;
			long part = goal > 0 ? (long)parts[i].got * 10000 / goal : 0;
			if (parts[i].got && parts[i].got < goal &&
			        (neediest == n || part < least)) {
				least = part;
				neediest = i;
			}
		}
		if (neediest == n)
			break;
		parts[neediest].got++;
		left--;
	}
	return left;
}

size_t spread_divide(struct spread *parts, size_t n, int total, int gap)
{
	size_t served = 0;
	int left = total;

	for (size_t i = 0; i < n; i++)
		parts[i].got = 0;
	for (size_t i = 0; i < n; i++) {
		int cost = parts[i].least + (served ? gap : 0);
		if (cost > left || parts[i].least < 1)
			break;
		parts[i].got = parts[i].least;
		left -= cost;
		served++;
	}
	left = fill(parts, n, left, 0);
	fill(parts, n, left, 1);
	return served;
}
