/* What a container is to be, read from an OCI runtime configuration (config.json of a bundle).
 *
 * Only plain, checked data: the steps read it in the parent and, after clone3(2), in the child,
 * where nothing may be allocated any more. What the configuration asks for and this program cannot
 * do is an error that names it, never silently left out.
 *
 * Source: OCI runtime specification 1.1, config.md and config-linux.md. */
#pragma once

#include "kernel/base/arena.h"
#include "kernel/base/buf.h"
#include "kernel/base/error.h"
#include "kernel/do/schedule.h"

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CONFIG_UNLIMITED      UINT64_MAX
#define CONFIG_NO_PERSONALITY ULONG_MAX

/* One line of /proc/PID/uid_map, user_namespaces(7). */
struct id_map {
	uint32_t inside, outside, count;
};

/* Whether the owners of its files are shown as others, mount_setattr(2) MOUNT_ATTR_IDMAP. */
enum mount_ids { MOUNT_IDS_KEEP, MOUNT_IDS_MAP, MOUNT_IDS_MAP_DEEP };

struct mount_spec {
	const char *destination; /* absolute, inside */
	const char *type, *source, *data;
	unsigned long flags;       /* MS_* of mount(2) */
	unsigned long propagation; /* MS_PRIVATE and its like, with MS_REC; 0 = leave it */
	uint64_t set, clear;       /* MOUNT_ATTR_* for all mounts below it: rro, rnosuid, … */
	bool copy_up;              /* a tmpfs that begins with what the directory below it has */
	enum mount_ids ids;
	const char *id_words; /* "uids=0-1000-1;gids=…", of the option "idmap="; else NULL */
	struct id_map *uid_map, *gid_map; /* of its owners; when it is mapped, never empty */
	size_t n_uid_map, n_gid_map;
};

/* A namespace that is there already, to be entered: setns(2). */
struct namespace_path {
	unsigned long flag; /* CLONE_NEW* */
	const char *path;
};

struct resource_limit {
	int resource; /* RLIMIT_*, getrlimit(2) */
	uint64_t soft, hard;
};

struct key_value {
	const char *key, *value;
};

/* A device node to be made, mknod(2). */
struct device_node {
	const char *path; /* absolute, inside */
	mode_t mode;      /* type and permissions */
	unsigned major, minor;
	uid_t uid;
	gid_t gid;
};

/* Who may use which device: a line of the v1 controller "devices". */
struct device_rule {
	bool allow;
	char type;        /* 'a', 'b' or 'c' */
	int major, minor; /* -1: every one */
	char access[4];   /* of "rwm" */
};

/* A limit as control groups want it: one number, two file names. NULL: that version has no such;
 * "": it needs nothing written. */
struct resource {
	const char *member;     /* "linux.resources.memory.limit" */
	const char *controller; /* "memory"; "" = any group of version 2 will do */
	const char *v1_file, *v1_value;
	const char *v2_file, *v2_value;
};

/* A program that the engine wants run at a point of the container's life. */
struct hook {
	const char *path;
	char **args, **env; /* ended by NULL */
	int timeout_ms;     /* -1 = none */
};
enum hook_kind {
	HOOK_PRESTART,
	HOOK_CREATE_RUNTIME,
	HOOK_CREATE_CONTAINER,
	HOOK_START_CONTAINER,
	HOOK_POSTSTART,
	HOOK_POSTSTOP,
	HOOK_KINDS
};
struct hook_list {
	struct hook *hooks;
	size_t n;
};

/* The five sets of capabilities(7), one bit each capability. */
struct capability_sets {
	uint64_t bounding, effective, inheritable, permitted, ambient;
};

struct config {
	struct arena arena;  /* owns all below */
	struct buf warnings; /* what was left out in reading, a line each */

	bool terminal;
	uid_t uid;
	gid_t gid;
	bool keep_groups; /* those of the caller stay: annotation run.oci.keep_original_groups */
	const gid_t *groups;
	size_t n_groups;
	char **args; /* ended by NULL, as execve(2) wants them */
	char **env;  /* ended by NULL, with room for one more */
	size_t n_env;
	const char *cwd;
	bool has_capabilities;
	struct capability_sets capabilities;
	bool no_new_privs;
	mode_t umask;                           /* 022 when nobody says otherwise */
	unsigned console_width, console_height; /* 0 = not said */
	struct resource_limit *limits;
	size_t n_limits;
	struct schedule *scheduler;                     /* NULL = not said */
	int io_priority;                                /* of ioprio_set(2); IO_PRIORITY_NOT_SAID */
	cpu_set_t *exec_cpus_initial, *exec_cpus_final; /* of `exec`: before it is in the control
	                                                   group, and then; NULL = not said */
	const char *apparmor; /* "exec PROFILE", as the kernel wants it; "" = not said */
	const char *selinux;  /* label; "" = not said */
	bool has_oom_score;
	int oom_score_adj;

	const char *root; /* root.path: where the root file system is found */
	bool root_readonly;
	unsigned long root_propagation; /* MS_PRIVATE and its like; 0 = not said */
	const char *mount_label;        /* "" = not said */
	const char *hostname, *domainname;
	const json_t *annotations;     /* of the JSON that was read; may be NULL */
	unsigned long namespaces;      /* CLONE_NEW* flags of the new ones */
	struct namespace_path *joined; /* and those entered instead */
	size_t n_joined;
	const char *time_offsets;  /* as written to /proc/PID/timens_offsets; NULL = none */
	unsigned long personality; /* CONFIG_NO_PERSONALITY = leave it */
	struct key_value *sysctl;
	size_t n_sysctl;
	struct device_node *devices;
	size_t n_devices;
	struct hook_list hooks[HOOK_KINDS];
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
	struct resource *resources;           /* all limits, memory and pids among them */
	size_t n_resources;
	struct device_rule *device_rules;
	size_t n_device_rules;
	bool devices_by_default; /* nobody asked for them: a machine may have no such limit */
	json_t *seccomp;         /* linux.seccomp, a reference of our own; NULL = no filter */
};

/* Reads and checks. -EINVAL, and -ENOTSUP for what this program does not do, name the member:
 * "config.json: linux.uidMappings[0].size". `json` stays there as long as the configuration. */
int config_parse(const json_t *json, struct config **ret, struct error *err);
void config_free(struct config *c);

/* The CLONE_NEW* flags of the namespaces that are entered by path. */
unsigned long config_joined(const struct config *c);
