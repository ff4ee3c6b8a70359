/* The beginning of a command that is followed from its first call on: a process that waits until it
 * is held, takes the filter and becomes the program. */
#pragma once

#include "kernel/base/error.h"

#include <linux/filter.h>
#include <stdbool.h>
#include <sys/types.h>

struct launch {
	char *const *command;
	char *program; /* its path; owned */
	struct sock_fprog filter;
	bool filtered; /* it will run under the filter; else it stops at every call */
	pid_t pid;
	int gate; /* the process waits at the other end */
};

#define LAUNCH_INIT                                                                                \
	{                                                                                          \
		.gate = -1                                                                         \
	}

/* Finds the program along PATH and makes the filter. `command` must outlive it. */
int launch_prepare(struct launch *l, char *const *command, struct error *err);
/* Makes the process, held by the caller as its tracer. Negative errno. */
int launch_begin(struct launch *l);
/* Lets it go on. */
void launch_go(struct launch *l);
/* Ends it, when something else has failed. */
void launch_abandon(struct launch *l);
void launch_release(struct launch *l);
