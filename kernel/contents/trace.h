/* One file followed through the layers: who adds it, who changes it (a copy-up: the whole file once
 * more), who removes it, and what a container finds in the end. */
#pragma once

#include "kernel/contents/image_contents.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What one layer says. */
struct trace_step {
	const struct file_change *change;
	bool same_bytes; /* of a file: those of the layer below that has it; only the rest changed
	                  */
};

struct trace {
	uint32_t node;    /* the path, links on the way followed, its last name not */
	uint32_t program; /* what the path leads to when it is opened: a regular file, or FILE_NONE
	                   */
	struct trace_step *steps; /* lowest layer first; owned */
	size_t n;
	const struct file_change *seen; /* NULL: a container does not find it */
};

/* -ENOENT: no layer says anything of the path. */
int trace_of(
        const struct image_contents *c, const char *path, struct trace *ret, struct error *err);
void trace_release(struct trace *t);
