/* The image "base-debian": a small Debian of the packages that this machine's own sources offer,
 * made by mmdebstrap(1). That takes the network, so it is made when somebody asks for it, and not
 * when its name is used. */
#pragma once

#include "kernel/store/layout.h"

#define DEBIAN_IMAGE "base-debian"

/* `suite` ("bookworm") NULL: that of this machine, when it is a Debian. `mirror` (a URL, or a file
 * in the form of sources.list(5)) NULL: the sources of this machine. mmdebstrap says on standard
 * error what it does. -ENOENT with the command that installs it. Takes the layout's lock at the
 * end. */
int debian_image_make(
        const struct layout *l, const char *suite, const char *mirror, struct error *err);
