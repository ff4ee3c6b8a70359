/* `cutaway inspect` of an image.
 *
 * Two files have this function, and the linker takes one: inspect_image.c does the work, with
 * libarchive; inspect_image_apart.c has the program `cutaway-lab` do it, so that the program that
 * starts containers need not load all that. */
#pragma once

#include <stdbool.h>

/* Prints it: text, with `json` JSON, with `format` (may be NULL) one member of that. Returns the
 * exit status. */
int inspect_image(const char *word, const char *format, bool json);
