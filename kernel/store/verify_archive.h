/* Looking at an archive of images without taking anything of it into the store: its files go into a
 * directory of our own that is gone afterwards. */
#pragma once

#include "kernel/store/verify.h"

/* What layout_verify() says of the layout in an oci-archive, or in what a docker-archive becomes:
 * of the latter the first fault only. `fd` is a file that can be read twice. Needs room for all of
 * it in $TMPDIR, else /var/tmp. */
int archive_verify(int fd, const char *path, struct verdict *ret, struct error *err);
