/* Where facts come from: for each the file in /proc or /sys that the kernel tells it in, and the
 * commands that show the same, so that nobody has to believe a drawing.
 *
 * Named are the facts of query.h, and three families that only people ask for:
 *
 *   pid.PID.ATTRIBUTE     of one process: comm cmdline state parent uid inside (its pid there)
 *                         started ns.TYPE cgroup caps bounding seccomp filters no_new_privs
 *                         mounts mount.PATH links
 *   ns.TYPE.INODE         one namespace: how many processes are in it
 *   cgroup.PATH.ATTRIBUTE of one control group: memory.max, as behind container.NAME.cgroup */
#pragma once

#include "kernel/observe/model.h"

/* Fills *ret; its strings belong to `a`. 0, also when there is nothing of that name now (`there` is
 * false then); -EINVAL when no fact has such a name; -ENOMEM. */
int fact_find(const struct model *m, const char *name, struct arena *a, struct model_fact *ret);
