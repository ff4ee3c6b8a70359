/* Where this process's containers have their files and control groups: see place_name.h. Apart from
 * that, since it asks for the user's home, which a runtime with a --root has no need of. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/base/place_name.h"

/* place_group() of this process's runtime directory. */
int place_own_group(char ret[static PLACE_GROUP_SIZE], struct error *err);

/* The directory of a container's files in the data directory, of this process's runtime directory;
 * NULL: that of all of them. Created if `create`. *ret is the caller's. */
int place_data(const char *name, bool create, char **ret, struct error *err);
/* To be called when a container's `data` was removed: takes the directory above it away, too, when
 * it is a named one and empty. */
void place_data_removed(const char *data);
