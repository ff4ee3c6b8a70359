/* Where things are kept: the XDG base directories, and their root counterparts.
 *
 *   data     $XDG_DATA_HOME/cutaway or ~/.local/share/cutaway    images, container layers (big,
 * kept) state    $XDG_STATE_HOME/cutaway or ~/.local/state/cutaway   progress, history (small,
 * kept) runtime  $XDG_RUNTIME_DIR/cutaway; else /run/cutaway as root, /tmp/cutaway-UID as a user
 *            containers/NAME/ and labs/ID/ (gone after a reboot)
 *
 * Source: XDG Base Directory Specification 0.8. */
#pragma once

#include "kernel/base/error.h"

#include <stdbool.h>

enum dirs_kind { DIRS_DATA, DIRS_STATE, DIRS_RUNTIME };

/* The absolute path of a directory of ours joined with `below` (may be NULL), created (mode 0700)
 * if `create`. A /tmp/cutaway-UID that belongs to somebody else is refused. *ret is the caller's.
 */
int dirs_path(enum dirs_kind kind, const char *below, bool create, char **ret, struct error *err);
