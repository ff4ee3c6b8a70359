/* The command line of `cutaway run`, read and judged before anything is made. */
#pragma once

#include "kernel/do/options.h"

#include <stdbool.h>

/* What was asked for. Texts are those of the command line. */
struct run {
	struct container_options container;
	const char *profile; /* file of the filter that was asked for */
	struct volume_option *volumes;
	struct port ports[PORT_MAX];
	bool plan, json;
};

/* Fills what the caller has made room for: `container.env` and `volumes` are to have a place for
 * each word. What was found of `volumes` is the caller's to release, after a failure as well. Says
 * itself what is wrong; 0 or EXIT_USAGE. */
int run_options(int argc, char **argv, struct run *run);
