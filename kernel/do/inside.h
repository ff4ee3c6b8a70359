/* Work that is to be done in the mount namespace of the first process, with our rights: it may walk
 * to places of the host that the process, who is somebody else out there, may not. */
#pragma once

#include "kernel/do/build.h"

struct inside {
	struct build *build;
	/* Runs in there; as in the child, no stdio and no allocation. */
	int (*work)(struct inside *in);
	const void *data;
	struct child_error fail;
};

/* Enters, works and comes back. 0, or the negative errno with in->fail saying of what. A descriptor
 * that `work` opens is open here, too. */
int inside_run(struct inside *in);
/* What is entered, CLONE_NEW*: an ordinary user needs the user namespace for the right to mount. */
int inside_namespaces(const struct build *b);
