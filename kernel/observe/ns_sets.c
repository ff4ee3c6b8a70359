#include "kernel/observe/ns_sets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PLACES_FIRST = 64 };

void ns_sets_release(struct ns_sets *s)
{
	free(s->all);
	free(s->places);
	*s = (struct ns_sets){0};
}

void ns_sets_clear(struct ns_sets *s)
{
	s->n = 0;
	for (size_t i = 0; i < s->n_places; i++)
		s->places[i] = -1;
}

/* The place where the set is, or would be. */
static size_t place_of(const struct ns_sets *s, const uint64_t ns[NS_COUNT])
{
	uint64_t hash = 0;
	size_t at;

	for (int t = 0; t < NS_COUNT; t++)
		hash = (hash ^ ns[t]) * UINT64_C(0x9e3779b97f4a7c15);
	at = (size_t)(hash >> 32) & (s->n_places - 1);
	while (s->places[at] >= 0 && memcmp(s->all[s->places[at]].ns, ns, sizeof s->all->ns) != 0)
		at = (at + 1) & (s->n_places - 1);
	return at;
}

/* Half of the places stay free, so that a search ends soon. */
static int make_room(struct ns_sets *s)
{
	size_t n = s->n_places ? s->n_places * 2 : PLACES_FIRST;
	struct ns_set *all;
	int *places;

	if (s->n < s->room)
		return 0;
	all = reallocarray(s->all, n / 2, sizeof *all);
	if (!all)
		return -ENOMEM;
	s->all = all;
	places = reallocarray(s->places, n, sizeof *places);
	if (!places)
		return -ENOMEM;
	s->places = places;
	s->n_places = n;
	s->room = n / 2;
	for (size_t i = 0; i < n; i++)
		places[i] = -1;
	for (size_t i = 0; i < s->n; i++)
		places[place_of(s, s->all[i].ns)] = (int)i;
	return 0;
}

int ns_sets_add(struct ns_sets *s, const uint64_t ns[NS_COUNT])
{
	size_t at;

	if (s->n && !memcmp(s->all[s->n - 1].ns, ns, sizeof s->all->ns))
		return (int)s->n - 1;
	if (make_room(s) < 0)
		return -ENOMEM;
	at = place_of(s, ns);
	if (s->places[at] >= 0)
		return s->places[at];
	s->all[s->n] = (struct ns_set){0};
	memcpy(s->all[s->n].ns, ns, sizeof s->all->ns);
	s->places[at] = (int)s->n;
	return (int)s->n++;
}
