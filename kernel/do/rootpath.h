/* Paths inside a container's root, resolved so that no symbolic link of the image leads out.
 *
 * openat2(2) with RESOLVE_IN_ROOT, Linux 5.6: absolute links and ".." are taken relative to the
 * root's descriptor. All functions are for the child: no stdio, no allocation; they return 0 or a
 * descriptor, or a negative errno. */
#pragma once

#include <sys/types.h>

/* O_CLOEXEC is added. `flags` as open(2), usually O_PATH. */
int root_open(int root, const char *path, int flags);
/* Opens a directory (O_PATH), making what is missing of the path with `mode`. A link to what is not
 * there is followed, and that is made: inside, as all. */
int root_open_dir(int root, const char *path, mode_t mode);
/* Opens a file (O_PATH), making an empty one, and the directories, where it is missing. */
int root_open_file(int root, const char *path, mode_t mode);

enum { FD_PATH_SIZE = 32 };
/* "/proc/self/fd/N": mount(2) takes only paths, and this one cannot be led astray. */
const char *fd_path(int fd, char out[static FD_PATH_SIZE]);
