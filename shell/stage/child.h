/* The shell behind the stage: `cutaway shell` on a pseudoterminal of its own, pty(7). When the
 * stage ends, however it ends, the kernel hangs the terminal up, and the lab clears itself away. */
#pragma once

#include "kernel/base/error.h"

#include <sys/types.h>

struct stage_child {
	int pty; /* our side, non-blocking */
	pid_t pid;
};

/* Starts it for the lab `id`. `arguments` follow "shell" and end with NULL. */
int stage_child_start(const char *id, char *const *arguments, int rows, int columns,
        struct stage_child *ret, struct error *err);
void stage_child_resize(const struct stage_child *c, int rows, int columns);
