/* An upper directory of overlayfs as a layer: all that was written over the layers below it. What
 * overlayfs keeps as devices and attributes becomes what the specification has for it:
 *
 *   a character device 0:0           an empty file ".wh.NAME": the name is gone from here up
 *   the attribute "opaque" is "y"    an empty file ".wh..wh..opq": nothing of below is seen
 *
 * Sources: overlayfs.rst of the kernel, OCI image specification 1.1, layer.md. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/store/layer.h"

#include <stdbool.h>
#include <stdint.h>

struct upper_options {
	uid_t shift; /* what user and group 0 inside are on the disk */
	/* Times after this one become it, seconds since the epoch (SOURCE_DATE_EPOCH); INT64_MAX:
	 * they stay. */
	int64_t not_after;
	bool userxattr; /* it was mounted with that option: overlayfs keeps user.overlay.* */
};

/* Reads all of the directory, which takes the right to: as root, or as root of the user namespace
 * that it was written in. *ret_empty: there is nothing in it, and no layer was written.
 * -EINVAL: a name that no layer can have. -ENOTSUP: overlayfs kept what cannot be read this way. */
int upper_layer(int upper, const struct layout *l, const struct upper_options *o, struct layer *ret,
        bool *ret_empty, struct error *err);

/* What an entry of an upper directory is to overlayfs. */
struct walk_entry;
bool upper_is_whiteout(const struct walk_entry *e);
bool upper_is_opaque(const struct walk_entry *e, bool userxattr);
/* Directories that a container gets to mount on, "proc", "dev" and "sys", when they are empty: they
 * are no change. */
bool upper_is_mount_point(const struct walk_entry *e);
