/* From a bundle to a container that waits to be started; runtime.md, "Create". */
#pragma once

#include "kernel/do/executor.h"
#include "kernel/oci/bundle.h"
#include "kernel/oci/record.h"

#include <limits.h>

struct create_options {
	const char *root, *id;
	const char *bundle;         /* directory */
	const char *config;         /* another config.json than the bundle's; may be NULL */
	const char *console_socket; /* where the terminal goes; NULL = nowhere */
	const char *pid_file;       /* may be NULL */
	int preserve_fds;
	bool keep_console; /* the caller will relay the terminal itself */
	bool start;        /* at once */
	bool no_new_keyring, no_cgroup, no_pivot;
	struct buf *warnings;
};

struct creation {
	const char *root; /* the options' */
	struct bundle bundle;
	struct record *record;
	struct build build;
	struct plan *plan;
	struct executor executor;
};

/* On success the first process waits or, with `start`, its program runs; it is a child of the
 * caller. On failure nothing is left. */
int create(const struct create_options *o, struct creation **ret, struct error *err);
/* Ends nothing. Accepts NULL. */
void creation_free(struct creation *c);

/* Checks that descriptors 3…2+n are there to be handed on, and closes all above: what the engine
 * has open is not the container's, and a name like "/proc/self/fd/7" in config.json would lead to
 * it (CVE-2024-21626). Call it before anything of ours is open. */
int create_take_fds(int n, struct error *err);
/* linux.cgroupsPath, or our own for one of that id: below every tree. -ENOTSUP for systemd's. */
int create_group_path(
        const struct config *c, const char *id, char ret[static PATH_MAX], struct error *err);
/* Writes a pid into a file, as a whole; nothing when `path` is NULL. */
int create_pid_file(const char *path, pid_t pid, struct error *err);
