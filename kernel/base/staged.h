/* Directories that come and go as a whole. rename(2) is one step for everybody who looks, so a
 * directory is filled under a hidden name before it gets its own, and loses its own before it is
 * emptied: killed at any moment, we leave no half of one under a name that means something.
 *
 * The hidden name is ".new-PID-START" or ".old-PID-START" beside it, after the process that made or
 * removes it: when that process is dead, whoever comes by may remove what is left. */
#pragma once

#include <stdbool.h>

/* Makes the hidden directory of this process in `parent`. *ret is the caller's path of it. */
int staged_make(const char *parent, char **ret);
/* Gives it its name, in the same parent. -EEXIST when something has that name already. */
int staged_publish(const char *staged, const char *path);
/* Removes a directory, contents and all, as dir_remove_tree(). What is not there is success. */
int staged_remove(const char *path);
/* Whether an entry of this name is a hidden one whose process is dead. */
bool staged_abandoned(const char *name);
