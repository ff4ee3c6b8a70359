/* The packages that an image's rpm database lists, rpmdb(8): SQLite, NDB or Berkeley DB. The
 * program rpm reads it, from a copy, in a process of its own: a database is bytes from outside. */
#pragma once

#include "kernel/contents/image_contents.h"

#include <stdbool.h>

/* Whether the image has such a database. */
bool packages_rpm_there(const struct file_tree *t);

/* Calls `take` with a line "NAME\tVERSION-RELEASE\tPATH" for each file of each package. -ENOENT
 * when there is no database, -ENOPKG when there is no program rpm on this machine, -EBADMSG when it
 * cannot read the database. */
int packages_rpm_list(const struct image_contents *c, void (*take)(void *data, const char *line),
        void *data, struct error *err);
