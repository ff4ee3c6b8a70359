/* Files of /proc that are proven to be the kernel's own: whoever chose the mounts may have put
 * something else in their place, and what is written there is meant for the kernel alone. */
#pragma once

/* open(2) with O_CLOEXEC; -EXDEV when it is not on procfs. For the child, too. */
int procfs_open(const char *path, int flags);
