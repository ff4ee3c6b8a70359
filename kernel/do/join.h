/* Running one more program in a container that is there already: setns(2).
 *
 * A new process enters all namespaces of the first one at once, by its pidfd (Linux 5.8), joins the
 * control group, and drops the same capabilities and loads the same filter as the first one did:
 * what comes in this way may do no more. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/base/process_id.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct join_options {
	char **command;
	size_t n_command;
	const char **env; /* "K=V", over those of the container */
	size_t n_env;
	const char *workdir, *user; /* NULL: the container's */
	bool terminal;
};

struct build;
/* Runs b->config->args in the container whose first process is `first`, with b->stdio, in the
 * groups whose files b->cgroup_fds are; b->pidfd, b->process and b->console_fd then tell of it. It
 * is a child of the caller. */
int join_start(struct build *b, const struct process_id *first, struct error *err);

/* Runs it with our standard streams and waits. Signals are handed on. 0 and the exit status as
 * monitor_run() tells it, or an error. `state` is what container_load() gave. */
int join_run(const json_t *state, const struct join_options *o, int *ret_status, struct error *err);
