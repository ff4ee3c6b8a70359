/* The options of mount(2) for overlayfs. */
#pragma once

#include "kernel/base/buf.h"
#include "kernel/do/build.h"

enum { OVERLAY_OPTIONS_MAX = 4095 }; /* bytes: mount(2) takes one page */

/* Appends "lowerdir=…,upperdir=…,workdir=…". Without an upper directory it can only be read. */
void overlay_options(const struct overlay_source *o, bool userxattr, struct buf *out);
