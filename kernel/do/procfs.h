/* Files of /proc that are proven to be the kernel's own: whoever chose the mounts may have put
 * something else in their place, another file of /proc among it (CVE-2025-52881), and what is
 * written there is meant for the kernel alone. */
#pragma once

/* open(2) of a path below "/proc/", with O_CLOEXEC. -EXDEV when it is not on procfs, or when
 * anything is mounted over it or on the way to it; openat2(2), Linux 5.6. For the child, too. */
int procfs_open(const char *path, int flags);
/* Writes `text` in a single write(2). For the child, too. */
int procfs_write(const char *path, const char *text);
