/* What the steps of our own groups (limit.c) and those of a group that an engine chose
 * (group_step.c) have in common: a list of directories, one on version 2, one a controller on
 * version 1, cgroups(7). */
#pragma once

#include "kernel/base/error.h"
#include "kernel/do/build.h"

struct directories {
	const char *paths[BUILD_CGROUP_FDS]; /* another's */
	bool v2[BUILD_CGROUP_FDS];
	size_t n;
};

/* Adds one that is not in it yet. */
void directories_add(struct directories *d, const char *path, bool v2);

/* mkdir, for a plan; without the sentence on why. */
void directories_explain(const struct directories *d, struct explanation *e);
/* Entering them, for a plan; `pid` is who does, 0 = not known yet. */
void directories_explain_join(const struct directories *d, pid_t pid, struct explanation *e);
/* That each is there, a line each into `seen`. */
int directories_verify(
        const struct directories *d, const struct step *s, struct buf *seen, struct error *err);

/* Opens the files through which a process joins, into b->cgroup_fds. On failure those that are
 * open stay in there. */
int directories_open_join(const char *const *paths, size_t n, struct build *b, struct error *err);
void directories_close_join(struct build *b);
/* In the child: into all that were opened. `d` names them and may be NULL. */
int directories_join(const struct build *b, const struct directories *d, struct child_error *fail);
