/* Extended attributes of the files of a layer: capabilities of programs, and user.* */
#pragma once

#include <sys/types.h>

struct archive_entry;

/* Gives the file `name` in `parent` those of the entry. Capabilities count for whom `shift` is root
 * (capabilities(7), "Namespaced file capabilities"). What the file system or our rights do not
 * allow is left out. Call it after chown(2), which takes capabilities away. -errno. */
int layer_apply_attributes(int parent, const char *name, struct archive_entry *e, uid_t shift);
