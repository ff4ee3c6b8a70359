/* The image "base": a small userland made of the host's own static busybox. One layer, no network.
 */
#pragma once

#include "kernel/store/layout.h"

/* Makes the image and names it "base". Call under the layout's lock. */
int base_image_make(const struct layout *l, struct error *err);
