/* A layer: a tar archive, compressed with gzip, that is one floor of an image (OCI image
 * specification 1.1, layer.md). Its digest names the compressed file; its diff id names the tar
 * inside, so that a layer is the same layer however it was compressed. */
#pragma once

#include "kernel/base/error.h"
#include "kernel/store/digest.h"
#include "kernel/store/layout.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct layer {
	char digest[DIGEST_TEXT];
	char diff_id[DIGEST_TEXT];
	uint64_t size; /* bytes of the compressed file */
};

/* --- making one (layer_write.c) --- */

struct layer_writer;

/* Writes a blob of the layout, which is borrowed (blob.h). */
int layer_writer_new(const struct layout *l, struct layer_writer **ret, struct error *err);

/* Of an image that is made here: everything belongs to root and is as old as the epoch. The same
 * content gives the same digest, everywhere. */
int layer_add_directory(struct layer_writer *w, const char *path, mode_t mode, struct error *err);
int layer_add_file(struct layer_writer *w, const char *path, mode_t mode, const void *bytes,
        size_t n, struct error *err);
int layer_add_symlink(
        struct layer_writer *w, const char *path, const char *target, struct error *err);

struct layer_xattr {
	const char *name;
	const void *value;
	size_t n;
};

/* Of a directory on the disk: as it is there. */
struct layer_entry {
	const char *path; /* relative, without "./" */
	mode_t mode;      /* with the type */
	uid_t uid;
	gid_t gid;
	int64_t mtime;        /* seconds since the epoch */
	uint64_t size;        /* of a regular file */
	dev_t device;         /* of a device node */
	const char *symlink;  /* what a symbolic link says */
	const char *hardlink; /* the path of an entry before it that is the same file */
	const struct layer_xattr *xattrs;
	size_t n_xattrs;
};

/* `fd` has the content of a regular file that is no hard link. -EBADMSG when it has become shorter.
 */
int layer_add(struct layer_writer *w, const struct layer_entry *e, int fd, struct error *err);

/* Ends the archive and gives the file its digest as name. */
int layer_writer_finish(struct layer_writer *w, struct layer *ret, struct error *err);
/* Without finish, nothing stays behind. Accepts NULL. */
void layer_writer_free(struct layer_writer *w);

/* A tar that somebody else writes, read to its end from the descriptor: its bytes are the layer's.
 */
int layer_from_tar(const struct layout *l, int fd, struct layer *ret, struct error *err);

/* --- taking one out (layer_unpack.c) --- */

/* Unpacks the layer read from `blob` into the directory `root`, with `uid_offset` added to owners
 * and groups (as root; an ordinary user owns everything). Nothing is written outside of `root`,
 * whatever the archive says: names with ".." and absolute names are -EBADMSG, symbolic links on
 * the way are followed as if `root` were "/". Whiteouts become what overlayfs wants. -EBADMSG too
 * when the bytes are not those that `digest` and `diff_id` name; the directory is then not to be
 * used.
 *
 * What is kept: names byte for byte, owners, modes with the set-user-ID bits (only who may enter
 * our data directory, mode 0700, can reach them, and containers), times, hard links, holes, FIFOs,
 * capabilities of programs and user.* attributes. What is left out: devices (a container has a /dev
 * of its own), sockets, all other attributes: trusted.* and user.overlay.* would tell overlayfs
 * what to do. Of a name that is there twice the last one counts.
 *
 * `below`: the layers below, for what leads into them; NULL = none. */
struct layer_below;
int layer_unpack(int blob, const char *digest, const char *diff_id, int root, uid_t uid_offset,
        struct layer_below *below, struct error *err);

/* --- reading the tar in one (layer_read.c) --- */

/* Calls `take` with all bytes of the plain tar, in order, and proves both sums at the end. A
 * negative errno of `take` ends it. */
int layer_read(int blob, const char *digest, const char *diff_id,
        int (*take)(void *data, const void *bytes, size_t n), void *data, struct error *err);
