/* The files of all layers of an image as one tree that remembers, for each path, what each layer
 * says of it: adds, changes or removes.
 *
 * Built from the lowest layer to the topmost, as overlayfs shows them when each is unpacked into a
 * directory of its own (OCI image specification 1.1, layer.md; kernel, overlayfs.rst):
 *
 *   .wh.NAME        a whiteout: what lower layers have under NAME is gone
 *   .wh..wh..opq    an opaque directory: what lower layers have in this one is gone
 *   a file over a directory takes the place of all that was in it
 *
 * whatever order a layer lists them in: a whiteout never hides what its own layer has.
 *
 * Memory is bounded: about 100 bytes a file and layer, no contents. Names are kept as the archive
 * has them, control characters and all: who shows them cleans them (render/glyph.h). Nothing here
 * touches the machine. */
#pragma once

#include "kernel/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FILE_TREE_LAYERS = 60000,
	FILE_PATH_MAX = 4096, /* of a path with its NUL: PATH_MAX */
	FILE_NAME_MAX = 255,
	FILE_ROOT = 0, /* the node of "/" */
};
#define FILE_NONE        UINT32_MAX
#define FILE_TREE_MEMORY ((size_t)128 << 20) /* bytes, then -EFBIG */

enum file_type {
	FILE_REGULAR,
	FILE_DIRECTORY,
	FILE_SYMLINK,
	FILE_CHARACTER,
	FILE_BLOCK,
	FILE_FIFO,
};

enum file_kind {
	FILE_ADDED,
	FILE_CHANGED,
	FILE_REMOVED,
	FILE_SAME, /* a directory that is listed once more, or only something in it */
};

enum file_reason {
	FILE_LISTED,   /* the archive has an entry for it */
	FILE_IMPLIED,  /* a directory on the way to an entry, without one of its own */
	FILE_WHITEOUT, /* removed by the whiteout of `about` */
	FILE_OPAQUE,   /* removed, since the directory `about` is opaque */
	FILE_REPLACED, /* removed, since something else stands at `about` */
};

/* What one layer says of one path. */
struct file_change {
	uint64_t size;  /* bytes of a regular file */
	int64_t mtime;  /* seconds since the epoch */
	uint32_t node;  /* whose */
	uint32_t below; /* the change of the next lower layer that says something, or FILE_NONE */
	uint32_t uid, gid;
	uint32_t about; /* symbolic link: see file_tree_target(); hard link: node of the file that
	                   it shares; removed: node that is the cause; else FILE_NONE */
	uint16_t mode;  /* the permission bits */
	uint16_t layer; /* 0 is the lowest */
	uint8_t type, kind, reason; /* enum file_type, file_kind, file_reason */
	bool hard_link; /* its bytes are counted where the first name of the file stands */
};

/* One path. */
struct file_node {
	uint32_t parent, name;
	uint32_t child, next; /* the first one in it; the next one beside it; or FILE_NONE */
	uint32_t top;         /* the change of the highest layer that says something */
	uint32_t seen;        /* how many of its children are there in the end */
};

struct file_layer {
	uint32_t first, end; /* its changes */
	uint64_t bytes;      /* of the files in it */
	uint32_t count[4];   /* of its changes, by enum file_kind; without directories' FILE_SAME */
	uint32_t stray;      /* whiteouts of what is not there */
};

struct file_tree {
	struct file_node *nodes;
	uint32_t n_nodes, cap_nodes;
	struct file_change *changes;
	uint32_t n_changes, cap_changes;
	struct file_layer *layers;
	uint32_t n_layers, cap_layers;
	char *text; /* names and targets, each with its NUL */
	uint32_t n_text, cap_text;
	uint32_t *slots; /* hash table of nodes */
	uint32_t n_slots;
	uint32_t *hidden; /* whiteouts and opaque directories of the layer being added */
	uint32_t n_hidden, cap_hidden;
	bool open; /* between begin and end of a layer */
};

/* An entry of a layer's archive. */
struct file_entry {
	const char *path; /* as the archive has it */
	const char *link; /* where a symbolic link leads, or the other name of a hard link */
	uint64_t size;
	int64_t mtime;
	uint32_t uid, gid;
	uint16_t mode;
	enum file_type type;
	bool hard_link;
};

int file_tree_init(struct file_tree *t);
void file_tree_release(struct file_tree *t);

/* A layer begins, its entries follow in any order, it ends. -EBADMSG: names that lead out of the
 * layer, a file where a directory is needed, and what else could not be unpacked; -EFBIG: more than
 * the memory there is. The tree is then of no more use. */
int file_tree_begin_layer(struct file_tree *t, struct error *err);
int file_tree_add(struct file_tree *t, const struct file_entry *e, struct error *err);
int file_tree_end_layer(struct file_tree *t, struct error *err);
/* After the last layer: children in the order of their names. */
int file_tree_sort(struct file_tree *t);

const char *file_tree_name(const struct file_tree *t, uint32_t node);
/* Where the symbolic link leads that this change is. */
const char *file_tree_target(const struct file_tree *t, const struct file_change *c);
/* "/usr/bin/env" into `ret`; cut where it does not fit. */
void file_tree_path(const struct file_tree *t, uint32_t node, char ret[FILE_PATH_MAX]);
/* What the layer says of the node; NULL when nothing. */
const struct file_change *file_tree_change(
        const struct file_tree *t, uint32_t node, uint32_t layer);
/* What is there after all layers up to and with this one; NULL when nothing is. */
const struct file_change *file_tree_seen_at(
        const struct file_tree *t, uint32_t node, uint32_t layer);
/* The change whose bytes these are: of a hard link that of the file that it shares, in this layer
 * or below. */
const struct file_change *file_tree_bytes_of(
        const struct file_tree *t, const struct file_change *c);
/* After all of them. */
const struct file_change *file_tree_seen(const struct file_tree *t, uint32_t node);

/* The node of a path, which need not be there any more; FILE_NONE. No link is followed. */
uint32_t file_tree_find(const struct file_tree *t, const char *path);
/* What a process in a container gets that opens this path: symbolic links are followed, ".." is
 * understood. FILE_NONE. */
uint32_t file_tree_resolve(const struct file_tree *t, const char *path);
/* The same without following the last name, as lstat(2). */
uint32_t file_tree_resolve_link(const struct file_tree *t, const char *path);
/* The node that an entry of this path in the archive of this layer became; FILE_NONE. */
uint32_t file_tree_of_entry(const struct file_tree *t, const char *path, uint32_t layer);
