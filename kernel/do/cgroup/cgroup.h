/* Control groups: v2, v1 and hybrid behind one table, chosen by what is mounted (cgroups(7)).
 *
 * As root our groups live in /cutaway/NAME of each hierarchy used; where the runtime directory is
 * not the system's, in a group of its own beside it: /cutaway-1a2b3c4d/NAME (place_name.h). As an
 * ordinary user they live below the user's own delegated v2 group, where there is one; else
 * cgroup_new() says -EACCES and how to get one. Groups that are not ours are only read, with one
 * exception that the ledger records and undoes: enabling a controller in cgroup.subtree_control. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/do/ledger.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum cgroup_mode { CGROUP_NONE, CGROUP_V1, CGROUP_HYBRID, CGROUP_V2 };
enum cgroup_controller { CGROUP_MEMORY = 1, CGROUP_PIDS = 2, CGROUP_CPU = 4, CGROUP_FREEZER = 8 };

#define CGROUP_UNLIMITED UINT64_MAX

struct cgroup;

enum cgroup_mode cgroup_mode_detect(void);
const char *cgroup_mode_name(enum cgroup_mode mode); /* "none" "v1" "hybrid" "v2" */
/* Which controllers we could make groups with here and now, as this user: a mask. */
unsigned cgroup_controllers_usable(void);

/* Names the group and finds its directories; makes nothing. `path` is "/GROUP/NAME", GROUP one of
 * place_name.h, or NAME alone, which is then in the group "cutaway". A controller that is not to be
 * had is -ENOTSUP and named, with advice. */
int cgroup_new(const char *path, unsigned controllers, struct cgroup **ret, struct error *err);
void cgroup_free(struct cgroup *cg); /* does not remove the group; accepts NULL */

/* "/cutaway/NAME" or "/cutaway-1a2b3c4d/NAME" */
const char *cgroup_path(const struct cgroup *cg);
/* Absolute directory that holds the controller's files, for explanations:
 * /sys/fs/cgroup/memory/cutaway/NAME */
const char *cgroup_directory(const struct cgroup *cg, enum cgroup_controller controller);
/* Those it was made with, a mask. */
unsigned cgroup_controllers(const struct cgroup *cg);
const char *cgroup_controller_name(enum cgroup_controller controller); /* "memory" */
/* A mask of one name: "memory"; 0 for one that we do not use. */
unsigned cgroup_controller_parse(const char *name, size_t length);
/* File name of a limit here: "memory.max" on v2, "memory.limit_in_bytes" on v1. */
const char *cgroup_limit_file(const struct cgroup *cg, enum cgroup_controller controller);

int cgroup_create(struct cgroup *cg, struct ledger *ledger, struct error *err);
/* And as much again in swap, as docker and podman have it: memory that is only moved out to a disk
 * would not be limited. Kernels that do not count swap limit memory alone. */
int cgroup_set_memory_max(struct cgroup *cg, uint64_t bytes, struct error *err);
int cgroup_set_pids_max(struct cgroup *cg, uint64_t count, struct error *err);
int cgroup_set_cpu_max(struct cgroup *cg, uint64_t quota_us, uint64_t period_us, struct error *err);
/* Reads a limit back: CGROUP_UNLIMITED when none is set. */
int cgroup_get_memory_max(struct cgroup *cg, uint64_t *ret, struct error *err);
int cgroup_get_pids_max(struct cgroup *cg, uint64_t *ret, struct error *err);
/* The quota in microseconds; the period is not told. */
int cgroup_get_cpu_max(struct cgroup *cg, uint64_t *ret, struct error *err);
int cgroup_attach(struct cgroup *cg, pid_t pid, struct error *err);
/* Whether `pid` is in the group in every hierarchy used. */
bool cgroup_contains(struct cgroup *cg, pid_t pid);
/* Stops all processes in it, or lets them run on; waits until that is so. */
int cgroup_freeze(struct cgroup *cg, bool frozen, struct error *err);
/* The same for a group known by the directory that has the freezer's files. */
int cgroup_directory_freeze(const char *directory, bool frozen, struct error *err);
bool cgroup_directory_frozen(const char *directory);
/* Ends every process in it (cgroup.kill on v2 since Linux 5.14; freeze and signal else). */
int cgroup_kill(struct cgroup *cg, struct error *err);
/* Removes the directories; waits for the last process to leave by event, at most five seconds. */
int cgroup_remove(struct cgroup *cg, struct error *err);
