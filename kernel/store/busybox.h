/* The machine's own static busybox, of which the image "base" is made. Apart from the making, since
 * who only asks whether there is one need not load all that writes archives. */
#pragma once

#include "kernel/base/error.h"

/* Finds a busybox that needs no shared library, at the places where distributions put it. *ret is
 * the caller's. -ENOENT with the command that installs it. */
int busybox_find(char **ret, struct error *err);
