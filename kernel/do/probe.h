/* What this machine and this user can do: each capability is tried, not guessed. What is tried is
 * tried in a child process, in namespaces of its own, and leaves nothing. */
#pragma once

#include "kernel/base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct probe {
	const char *name; /* "overlay in user namespaces": what lessons write in their `needs` */
	bool works;
	char blocked_by[192]; /* the knob or the thing that is missing; "" when it works */
	char how[256];        /* how to open it; may be "" */
};

/* All names in the order of the table. */
size_t probe_count(void);
const char *probe_name(size_t i);
/* Tries one. -ENOENT when there is none of that name. */
int probe_run(const char *name, struct probe *ret);
/* Whether a container can be made here at all, with whatever limits. */
bool probe_ready(void);
