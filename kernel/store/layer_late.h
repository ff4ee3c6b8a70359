/* Directories of a layer get their mode and their time when everything is in them: one may be
 * read-only, and each new name in it sets its time. */
#pragma once

#include <stddef.h>
#include <sys/types.h>
#include <time.h>

struct late {
	char *path; /* without a '/' at its end */
	mode_t mode;
	struct timespec mtime;
	size_t order;
};

struct late_list {
	struct late *all;
	size_t n, cap;
};

/* -ENOMEM. Of a path that comes twice the last one counts. */
int late_add(struct late_list *l, const char *path, mode_t mode, struct timespec mtime);
/* Calls `apply` for each, what is in a directory before the directory. Its first failure ends it.
 */
int late_each(struct late_list *l, int (*apply)(void *data, const struct late *one), void *data);
void late_release(struct late_list *l);
