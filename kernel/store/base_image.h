/* The image "base": a small userland made of the host's own static busybox. One layer, no network.
 */
#pragma once

#include "kernel/store/layout.h"

/* Finds a busybox that needs no shared library, at the places where distributions put it. *ret is
 * the caller's. -ENOENT with the command that installs it. */
int base_image_find_busybox(char **ret, struct error *err);

/* Makes the image and names it "base". Call under the layout's lock. */
int base_image_make(const struct layout *l, struct error *err);
