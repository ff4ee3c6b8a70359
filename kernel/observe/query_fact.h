/* The name of a fact taken apart. Internal to kernel/observe. */
#pragma once

#include "kernel/observe/model.h"

struct query_parts {
	const struct model_container *container; /* NULL = there is none of that name now */
	const char *name;                        /* not terminated: name_length bytes */
	size_t name_length;
	const char *attribute; /* behind the name: "ns.uts"; "" for the container itself */
};

/* Takes "container.NAME.ATTRIBUTE" apart; false when it is not of that form. The parts point into
 * `fact`. */
bool query_split(const struct model *m, const char *fact, struct query_parts *ret);
