/* Names in what the runtime directories of a machine share: the tree of control groups, and the
 * data directory of a user.
 *
 * Two labs may have containers of the same names when each has a runtime directory of its own
 * ($XDG_RUNTIME_DIR). So what is named after a container stands in a directory that is named after
 * the runtime directory:
 *
 *   /cutaway/NAME             containers/NAME             of the one that the system gives
 *   /cutaway-1a2b3c4d/NAME    containers-1a2b3c4d/NAME    of any other
 *
 * That the system gives is /run/cutaway as root, /run/user/UID/cutaway as an ordinary user. */
#pragma once

#include <stdbool.h>

enum { PLACE_SUFFIX_SIZE = 16, PLACE_GROUP_SIZE = 32 };

/* "" or "-1a2b3c4d", from the path of a runtime directory, which need not be there. */
void place_suffix(const char *runtime, char ret[static PLACE_SUFFIX_SIZE]);
/* The control group that those of this runtime directory are in: "cutaway", "cutaway-1a2b3c4d". */
void place_group(const char *runtime, char ret[static PLACE_GROUP_SIZE]);
/* Whether `name` is `stem` with a suffix. */
bool place_is_named(const char *name, const char *stem);
/* Whether place_group() can have given that name. */
bool place_is_group(const char *name);
