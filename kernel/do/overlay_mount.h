/* Mounting an overlay of any number of layers.
 *
 * mount(2) takes one page of options, which about 35 layers with long paths fill. From Linux 6.8
 * on layers are told one by one instead, fsconfig(2) with "lowerdir+"; before that they are
 * opened, and their names are those of the descriptors, /proc/self/fd/N, which are short. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/do/build.h"

/* Mounts it on `point`. `options` is what overlay_options() made of the same source. For a child as
 * well: no allocation. MS_RDONLY is the only flag. -errno. */
int overlay_mount(const struct overlay_source *o, bool userxattr, const char *options,
        const char *point, unsigned long flags);

/* Appends the calls, for who wants to read them. */
void overlay_mount_explain(
        const struct overlay_source *o, bool userxattr, const char *options, struct buf *out);
