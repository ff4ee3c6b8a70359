/* Which namespaces go together: nearly all processes of a machine are in the same eight, so what is
 * asked of a process's namespaces is asked once of each such set. Internal to kernel/observe. */
#pragma once

#include "kernel/observe/model.h"

struct ns_set {
	uint64_t ns[NS_COUNT]; /* as a process has them; 0 = not readable */
	/* Of the observation under way (namespaces.c): */
	size_t processes; /* in all of them */
	pid_t first_pid;
	unsigned apart; /* bit by type: readable, and not the host's */
};

struct ns_sets {
	struct ns_set *all;
	size_t n, room;
	int *places; /* a hash table of indices; -1 = free. Has `n_places`, a power of two */
	size_t n_places;
};

void ns_sets_release(struct ns_sets *s);
void ns_sets_clear(struct ns_sets *s);
/* The index of a set, which is added when it is new. -ENOMEM. */
int ns_sets_add(struct ns_sets *s, const uint64_t ns[NS_COUNT]);

static inline bool ns_set_is_apart(const struct ns_set *set, enum ns_type type)
{
	return set->apart >> type & 1;
}
