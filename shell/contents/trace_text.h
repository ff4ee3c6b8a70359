/* `cutaway trace` in words and as JSON. */
#pragma once

#include "kernel/contents/image_contents.h"
#include "kernel/contents/libraries.h"
#include "kernel/contents/trace.h"
#include "kernel/contents/upper.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* All that is known of one path. */
struct trace_report {
	const struct image_contents *contents;
	const char *path;       /* as asked */
	const char *container;  /* its name, NULL: of an image alone */
	const char *upper_path; /* of the container */
	bool traced;            /* the image says something of the path: `trace` */
	struct trace trace;
	struct upper upper;
	bool running; /* `seen` is what the kernel shows its processes; or nothing */
	bool seen_here;
	struct stat seen;
	bool program; /* it is a file that can be asked for what it needs */
	struct libraries libraries;
	unsigned managers; /* enum package_manager */
};

void trace_print_text(FILE *out, const struct trace_report *r);
/* The caller's; NULL: no memory. */
json_t *trace_json(const struct trace_report *r);
