/* What the upper directory of a container's overlay says of one path: the writable floor above the
 * layers (kernel, overlayfs.rst: whiteouts and opaque directories). Read without following any
 * link. */
#pragma once

#include "kernel/base/error.h"

#include <limits.h>
#include <sys/stat.h>
#include <sys/types.h>

enum upper_word {
	UPPER_NOTHING,
	UPPER_HAS,      /* it is there: new, or copied up when it was first written to */
	UPPER_WHITEOUT, /* removed: a character device 0:0 stands at `at` */
	UPPER_OPAQUE,   /* not there, and the directory `at` hides what lower ones have */
};

struct upper {
	enum upper_word word;
	char at[PATH_MAX]; /* for both forms of hiding, where */
	struct stat stat;  /* UPPER_HAS; owners as the host has them */
};

/* `path` is absolute, as the container names it. -errno when the directory cannot be read. */
int upper_look(const char *directory, const char *path, struct upper *ret, struct error *err);
/* What the kernel shows a process of the container at that path, its last name not followed.
 * -ENOENT: nothing. */
int upper_seen(pid_t pid, const char *path, struct stat *ret, struct error *err);
