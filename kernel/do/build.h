/* What the steps work on: one container while it is being made.
 *
 * The parent fills it before clone3(2). The child gets a copy with the rest of the memory and only
 * reads it, but for the members marked `child`: there it keeps what its own steps have opened. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/base/process_id.h"
#include "kernel/do/cgroup/cgroup.h"
#include "kernel/do/config.h"
#include "kernel/do/ledger.h"
#include "kernel/do/mount_join.h"
#include "kernel/do/namespace_kind.h"
#include "kernel/do/step.h"

#include <limits.h>
#include <linux/filter.h>
#include <stdbool.h>
#include <sys/types.h>

enum { BUILD_CGROUP_FDS = 16, BUILD_HIDDEN_MAX = 256 };

/* Where an overlay is made of what, overlayfs(5): absolute paths on the host. */
struct overlay_source {
	char *const *layers; /* topmost first */
	size_t n_layers;
	const char *upper, *work, *merged;
	bool is_volatile; /* what is written need not outlive a crash of the machine */
};

struct build {
	const char *name;
	const struct config *config;
	const struct step *steps; /* the plan, ended by one without ops */
	struct overlay_source overlay;
	struct ledger *ledger;

	/* The root is a directory that an engine has made ready (an OCI bundle) and nobody stays
	 * behind to watch: the first process waits to be started, and outlives who made it. */
	bool bundle;
	struct group *group; /* linux.cgroupsPath; NULL = none */
	/* The container's state as JSON, for hooks; `state_of` is what it is made of. */
	int (*state_text)(const struct build *b, const char *status, struct buf *out);
	const void *state_of;
	int start_fd;        /* the socket on which the first process waits; -1 = it does not */
	bool starts_at_once; /* who makes it starts it too: it waits for us, and on no socket */
	bool new_keyring;
	/* One a namespace of config->joined; -1 = we are in it. And the process that enters them
	 * first, as long as it is there. */
	int joined_fds[NAMESPACE_KINDS];
	bool no_setgroups;       /* it is switched off in its user namespace; child */
	bool old_user_namespace; /* one of them is a user namespace: its maps are made */
	int joiner, joiner_pidfd;
	struct mount_id
	        root_before;        /* what the root was on in a mount namespace that was entered */
	struct mount_id root_mount; /* of the root in a mount namespace that was entered */
	int preserve_fds;           /* so many descriptors above 2 are the program's */
	struct buf *warnings;       /* one line each; may be NULL */
	bool no_pivot;              /* the new root is moved over the old one */
	int *trees;                 /* bind_sources.h; one a mount, or none at all */
	size_t n_trees;
	int device_tree; /* device_sources.h; -1 = none */

	struct network *network; /* its place on the lab's bridge; NULL = it has none */

	/* the control group; NULL = the plan has none, and `cgroup_reason` says why */
	struct cgroup *cgroup;
	const char *cgroup_reason;
	bool limits_optional;             /* else a limit that cannot be set is an error */
	int cgroup_fds[BUILD_CGROUP_FDS]; /* open for the child to write itself into */
	size_t n_cgroup_fds;

	struct sock_fprog filter; /* compiled before the clone; len 0 = none */
	unsigned filter_flags;    /* of seccomp(2) */
	bool in_directory;        /* the child is in process.cwd already */
	char **programs;          /* paths to try for args[0], ended by NULL */
	int stdio[3];             /* what the program gets as 0, 1, 2 */

	/* the first process */
	struct process_id process; /* pid 0 = none */
	int pidfd;
	int control;    /* our end of its control socket */
	int root_fd;    /* its root directory, O_PATH, in its mount namespace */
	int console_fd; /* the terminal it made for itself, our end; -1 = none */

	/* child */
	int child_control;
	int slave_fd;
	bool hidden[BUILD_HIDDEN_MAX]; /* which of masked + readonly were covered */
	char old_hostname[65];
};

void build_init(struct build *b);
/* Closes the descriptors and frees the filter and the paths; ends no process, undoes nothing. */
void build_release(struct build *b);
/* The CLONE_NEW* flags of those namespaces of its first process that are said, new or entered, and
 * can be entered from here. */
unsigned long build_namespaces(const struct build *b);
