/* What the command line of `cutaway watch` asks for. */
#pragma once

#include "shell/watch/export.h"

#include <stdbool.h>
#include <stddef.h>

enum { WATCH_ALSO_MAX = 64, WATCH_WIDTH_LEAST = 20 };

struct watch_options {
	const char *record, *file;
	const char *otherwise; /* to tell when the command cannot be done here */
	bool quiet;            /* nothing is told */
	bool draws;
	const char *drawing; /* the file; NULL = standard output */
	struct watch_export form;
	bool format_given, theme_given, compare, screen, bodies;
	const char *runs[3]; /* that are compared, and one too many */
	size_t n_runs;
	const char *also[WATCH_ALSO_MAX];
	size_t n_also;
};

/* 0 with optind at the command's first word, or an exit status: what is wrong has been said. */
int watch_options_parse(struct watch_options *o, int argc, char **argv);
extern const char watch_usage[];
