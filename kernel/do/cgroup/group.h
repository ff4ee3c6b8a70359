/* The control group that an engine chose: any path, in all trees that are needed for its limits.
 *
 * cgroup.h is for groups of our own below /cutaway, with three limits to explain; this is for
 * linux.cgroupsPath and linux.resources of config.json, cgroups(7). */
#pragma once

#include "kernel/base/error.h"
#include "kernel/do/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { GROUP_PARTS_MAX = 16 };

struct group;

/* Finds the directories for `path` ("/docker/ID"); makes nothing. Memory, processes, the freezer
 * and the processor's time are counted wherever there is a tree for them, all else only where
 * there is a limit. A limit that cannot be set here is -ENOTSUP and named; without the right to
 * make groups -EACCES. */
int group_new(const char *path, const struct config *c, struct group **ret, struct error *err);
void group_free(struct group *g); /* accepts NULL */

size_t group_count(const struct group *g);
const char *group_directory(const struct group *g, size_t i); /* absolute */
/* "memory", "cpu,cpuacct"; "" for version 2. */
const char *group_name(const struct group *g, size_t i);
bool group_is_v2(const struct group *g, size_t i);
/* Whether it was there when the group was looked for: it is not ours to remove. */
bool group_was_there(const struct group *g, size_t i);

/* mkdir -p; a group that is there already is taken. */
int group_make(struct group *g, struct error *err);
/* The i-th alone, for a container that has the others. */
int group_make_part(struct group *g, size_t i, struct error *err);
/* Writes linux.resources. */
int group_limit(struct group *g, const struct config *c, struct error *err);
/* The same where limits are set already. Version 1 refuses some orders (memory above memory and
 * swap, a quota that does not fit the period): what was refused is tried again after the others. */
int group_limit_again(struct group *g, const struct config *c, struct error *err);
/* For a container that runs: by its directories, as they were written down. */
int group_freeze(const char *const *directories, size_t n, bool frozen, struct error *err);
bool group_frozen(const char *const *directories, size_t n);
/* Signals every process in it; SIGKILL waits until all are gone. */
int group_signal(const char *const *directories, size_t n, int signal, struct error *err);
/* Moves all processes of it into one more directory, of another tree. */
int group_move(const char *const *directories, size_t n, const char *to, struct error *err);
/* The processes in it, as we count; at most `max`. Returns how many there are. */
size_t group_processes(const char *const *directories, size_t n, pid_t *ret, size_t max);
/* Ends what is in it, then removes the directories, but for those whose bit is set in `kept`: they
 * were there before, and "resources associated with the container, but not created by this
 * container, MUST NOT be deleted" (runtime.md, Delete). Gone already is success. */
int group_remove(const char *const *directories, size_t n, unsigned kept, struct error *err);
