/* What a container is to be, read from an OCI runtime configuration (config.json of a bundle).
 *
 * Only plain, checked data: the steps read it in the parent and, after clone3(2), in the child,
 * where nothing may be allocated any more. What the configuration asks for and this program cannot
 * do is an error that names it, never silently left out.
 *
 * Source: OCI runtime specification 1.0.2, config.md and config-linux.md. */
#pragma once

#include "kernel/base/arena.h"
#include "kernel/base/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CONFIG_UNLIMITED UINT64_MAX

/* One line of /proc/PID/uid_map, user_namespaces(7). */
struct id_map {
	uint32_t inside, outside, count;
};

struct mount_spec {
	const char *destination; /* absolute, inside */
	const char *type, *source, *data;
	unsigned long flags; /* MS_* of mount(2) */
};

/* The five sets of capabilities(7), one bit each capability. */
struct capability_sets {
	uint64_t bounding, effective, inheritable, permitted, ambient;
};

struct config {
	struct arena arena; /* owns all below */

	bool terminal;
	uid_t uid;
	gid_t gid;
	const gid_t *groups;
	size_t n_groups;
	char **args; /* ended by NULL, as execve(2) wants them */
	char **env;
	const char *cwd;
	bool has_capabilities;
	struct capability_sets capabilities;
	bool no_new_privs;

	const char *root; /* root.path: where the root file system is found */
	const char *hostname;
	unsigned long namespaces; /* CLONE_NEW* flags of the new ones */
	struct id_map *uid_map, *gid_map;
	size_t n_uid_map, n_gid_map;
	struct mount_spec *mounts;
	size_t n_mounts;
	const char **masked, **readonly;
	size_t n_masked, n_readonly;
	const char *cgroups_path; /* "" = none asked for */
	uint64_t memory_max;      /* bytes, CONFIG_UNLIMITED */
	uint64_t pids_max;
	uint64_t cpu_quota_us, cpu_period_us; /* quota CONFIG_UNLIMITED = none */
	json_t *seccomp; /* linux.seccomp, a reference of our own; NULL = no filter */
};

/* Reads and checks. -EINVAL names the member: "config.json: linux.uidMappings[0].size". */
int config_parse(const json_t *json, struct config **ret, struct error *err);
void config_free(struct config *c);
