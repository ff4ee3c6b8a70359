/* Writing whiteouts as overlayfs has them (Linux, Documentation/filesystems/overlayfs.rst): a
 * character device 0:0 is a name that is gone, an attribute on a directory hides all below it. To
 * read them: kernel/base/overlay_look.h. */
#pragma once

/* Both -errno. */
int layer_make_opaque(int directory);
int layer_make_opaque_at(int parent, const char *name);

/* What the entry `name`, one of layer_name.h, stands for. -EBADMSG: for nothing. */
int layer_apply_whiteout(int parent, const char *name);
