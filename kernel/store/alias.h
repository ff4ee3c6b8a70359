/* Names that stand for images of this machine: a course wants "nginx", the class has no network,
 * and the instructor says which local image serves instead.
 *
 *   {"nginx": "base", "docker.io/library/redis:7": "shop:1.4"}
 *
 * Read from $CUTAWAY_IMAGES (in a lab the images.json of the lesson's folder), else from
 * images.json in $XDG_CONFIG_HOME/cutaway or ~/.config/cutaway. Of this program alone: docker and
 * podman have mirrors and short-name-aliases.conf(5) of their own. */
#pragma once

#include <stdbool.h>

/* The name that stands for `word` (which may be short: "nginx" is
 * "docker.io/library/nginx:latest"), looked for in the file `also` first (may be NULL). The
 * caller's; NULL when there is none, or the files cannot be read. */
char *image_alias(const char *word, const char *also);
