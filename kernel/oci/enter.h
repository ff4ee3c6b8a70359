/* One more program in a container that is there: `exec`. */
#pragma once

#include "kernel/do/build.h"
#include "kernel/do/config.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct enter_options {
	const char *root, *id;
	const char *process; /* a file with a `process` object; NULL = the container's, changed */
	char **command;
	size_t n_command;
	const char **env; /* "K=V" */
	size_t n_env;
	const char *cwd, *user; /* NULL: the container's */
	uint64_t cap_add;
	bool terminal, no_new_privs;
	const char *console_socket, *pid_file;
	bool keep_console, no_new_keyring;
	int preserve_fds;
	struct buf *warnings; /* about what `process` asks for that the container did not; may be
	                         NULL */
};

struct entry {
	struct build build;
	struct config *config;
	json_t *json;
};

/* The program runs, as a child of ours: entry->build.pidfd. */
int enter(const struct enter_options *o, struct entry **ret, struct error *err);
void entry_free(struct entry *e); /* ends nothing; accepts NULL */
