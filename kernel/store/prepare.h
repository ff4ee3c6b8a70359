/* The slow half of having an image: "base" is made, layers are unpacked. Done once an image, while
 * every container needs the quick half, store_image().
 *
 * Two files have this function, and the linker takes one: prepare_here.c does the work, with
 * libarchive; prepare_apart.c has the program `cutaway-lab` do it, so that the program that starts
 * containers need not load libarchive and all that comes with it. */
#pragma once

#include "kernel/base/error.h"

#include <sys/types.h>

/* Makes sure that `name` is here, whole, with its layers unpacked for `uid_offset`; see
 * store_image(). */
int store_prepare(const char *name, uid_t uid_offset, struct error *err);
