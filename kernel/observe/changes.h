/* Which processes something was told of since the machine was read last. What a watch tells an
 * observer, so that it need not look at all of them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { CHANGES_MOST = 2048 };

struct observer_changes {
	bool all;    /* any may have changed */
	bool untold; /* nobody tells, or more than fits: who is new or gone is found in the list of
	                processes */
	size_t n;
	pid_t pids[CHANGES_MOST]; /* in the order told; may name one twice, or one that is gone */
};

/* False when there is no room. */
static inline bool changes_add(struct observer_changes *c, pid_t pid)
{
	if (c->n && c->pids[c->n - 1] == pid)
		return true;
	if (c->n == CHANGES_MOST)
		return false;
	c->pids[c->n++] = pid;
	return true;
}
