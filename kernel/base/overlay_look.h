/* What one floor of an overlay, a layer or an upper directory, says of a path (Linux,
 * Documentation/filesystems/overlayfs.rst): that it has it, that it is gone from here up (a
 * whiteout, a character device 0:0), or that nothing below is to be seen (an opaque directory).
 *
 * The files are somebody else's: no link is followed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

bool overlay_is_whiteout(const struct stat *st);
/* Open, O_PATH will do. */
bool overlay_is_opaque(int directory);

enum overlay_word {
	OVERLAY_NOTHING,  /* the floor below is to be asked */
	OVERLAY_HAS,      /* it is here */
	OVERLAY_WHITEOUT, /* it, or a directory on the way, is gone: at `at` */
	OVERLAY_OPAQUE,   /* not here, and the directory at `at` hides what is below */
	OVERLAY_OTHER     /* something that is no directory is on the way */
};

struct overlay_look {
	enum overlay_word word;
	size_t at;        /* so many bytes of the path */
	struct stat st;   /* OVERLAY_HAS */
	int parent;       /* OVERLAY_HAS: the directory that it is in, the caller's; else -1 */
	const char *name; /* its last part, in the path */
};

/* `path` may begin with '/'. -errno. */
int overlay_look(int floor, const char *path, struct overlay_look *ret);
