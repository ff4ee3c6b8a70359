/* What control groups use: input and output, pressure, and how that goes from one look to the next.
 * Internal to kernel/observe. */
#pragma once

#include "kernel/observe/reading.h"

/* A number, or "max", out of a file of a group. `key`: the line that starts with it
 * ("usage_usec 17"); NULL = the first. MODEL_UNKNOWN when it is not there. */
uint64_t cgroup_value(struct reading *r, int fd, const char *file, const char *key);

/* Fills in io and pressure; `fd` is the group's directory. */
void cgroup_use_v2(struct reading *r, struct model_cgroup *g, int fd, bool io);
void cgroup_use_v1(struct reading *r, struct model_cgroup *g, int fd);

/* Readings of the past, kept by an observer from one observation to the next. */
struct cgroup_past *cgroup_past_new(void);
void cgroup_past_free(struct cgroup_past *p);
/* Fills in rates and the past of all groups of the model. `now_ms` must not go backwards; looks
 * that are less than a second apart count as one. `counted` are microseconds of processor time of
 * each group that stand in where its own are unknown; may be NULL. 0 or -ENOMEM. */
int cgroup_past_take(
        struct cgroup_past *p, struct model *m, const uint64_t *counted, uint64_t now_ms);
/* The processor time of the processes that are in each group or below it now: of groups that are
 * not in the hierarchy that counts it (cpuacct of v1). The caller's to free; NULL when all groups
 * tell their own, or memory is out. Wants r->extra. */
uint64_t *cgroup_counted(const struct reading *r);
