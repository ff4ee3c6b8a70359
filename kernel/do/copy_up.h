/* Copies what a directory has into another one that is empty: option `tmpcopyup` of a mount.
 *
 * For the child: no stdio, no allocation. */
#pragma once

/* From the directory `from` into `to`, both open to be read, with the top itself: links, modes,
 * owners, times, and extended attributes as far as the new file system takes them. An owner that
 * does not exist in this user namespace becomes its nobody, or the caller without one. Other file
 * systems mounted inside are not entered. -errno; -ELOOP: deeper than 64 directories. */
int copy_up(int from, int to);

/* One file that is no directory: `name` in the directory `from` becomes `name` in `to`. */
int copy_up_file(int from, int to, const char *name);
