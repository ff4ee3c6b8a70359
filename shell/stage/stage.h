/* The stage: lesson, terminal and drawing on one screen. */
#pragma once

#include "kernel/base/error.h"
#include "render/theme.h"

struct stage_options {
	char *const *arguments; /* for `cutaway shell`, ended by NULL */
	enum theme theme;
};

/* Runs until the lab ends. Returns the exit status of the shell, or a negative errno: -ENOTTY and
 * -EOPNOTSUPP when this terminal cannot show it. */
int stage_run(const struct stage_options *options, struct error *err);
