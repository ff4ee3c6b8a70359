/* Subordinate ids: a range of user and group ids that an administrator has given to an ordinary
 * user in /etc/subuid and /etc/subgid, to be used in user namespaces. The kernel lets a user map
 * only its own id; newuidmap(1) and newgidmap(1), which are set-user-ID root, map the rest for whom
 * the files name.
 *
 * The map is 0 inside = the user outside, 1… inside = the range. Sources: subuid(5), newuidmap(1),
 * user_namespaces(7). */
#pragma once

#include "kernel/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { SUBID_COUNT = 65536 }; /* so many a range must have: ids of an image go up to there */

struct subid {
	bool usable;
	uint32_t uid_first, gid_first; /* SUBID_COUNT from there */
	/* Not usable: what is missing and how to get it; `meant` when somebody has begun to set it
	 * up, so that one would wonder. */
	bool meant;
	char reason[192], how[256];
};

/* Of the calling user, who is an ordinary one. Reads files and starts nothing. */
void subid_find(struct subid *ret);

/* Where newuidmap or newgidmap is: not looked for in $PATH, since what maps our ids is to be the
 * system's. False when there is none. */
bool subid_program(const char *name, char *ret, size_t size);

struct id_map;
/* Has one of the two programs map the ids of process `pid`, as in "newuidmap PID 0 1000 1 1 100000
 * 65536". -EPERM when it refuses, with its own words as cause; -ENOENT when it is not there. */
int subid_map(
        const char *program, pid_t pid, const struct id_map *map, size_t n, struct error *err);

/* Calls work(argument, err) in a child process that is root in a user namespace with the user's
 * range, and returns what that returned. -ENOTSUP when the user has no range. */
int subid_run(int (*work)(void *argument, struct error *err), void *argument, struct error *err);

/* dir_remove_tree() that also gets at what belongs to subordinate ids. */
int subid_remove_tree(int dirfd, const char *path);
