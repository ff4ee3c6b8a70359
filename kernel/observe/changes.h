/* Which processes something was told of since the machine was read last. What a watch tells an
 * observer, so that it need not look at all of them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { CHANGES_MOST = 2048 };

struct observer_changes {
	bool all;    /* more than fit: any may have changed */
	bool untold; /* nobody tells: who is new or gone is found in the list of processes */
	size_t n;
	pid_t pids[CHANGES_MOST]; /* in the order told; may name one twice, or one that is gone */
};

/* When there is no room, `all` is set. */
static inline void changes_add(struct observer_changes *c, pid_t pid)
{
	if (c->n && c->pids[c->n - 1] == pid)
		return;
	if (c->n == CHANGES_MOST)
		c->all = true;
	else
		c->pids[c->n++] = pid;
}
