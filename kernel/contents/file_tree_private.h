/* What the files of the tree share: file_tree.c adds, file_tree_hide.c hides, file_tree_find.c
 * finds. */
#pragma once

#include "kernel/contents/file_tree.h"

enum {
	FILE_LINKS_MAX = 40
}; /* symbolic links on one way, as the kernel has it: path_resolution(7)
    */

/* A way that is being walked: what is left of the path grows when a link is followed. */
struct file_walk {
	char rest[2 * FILE_PATH_MAX];
	const char *at; /* in rest */
	int links;
};

/* 0; -ENAMETOOLONG. */
int file_walk_begin(struct file_walk *w, const char *path);
/* The next component, "" at the end. -ENAMETOOLONG. */
int file_walk_next(struct file_walk *w, char ret[FILE_NAME_MAX + 1]);
/* Whether there is one more. */
bool file_walk_more(const struct file_walk *w);
/* Goes on with the target of a link. -ELOOP, -ENAMETOOLONG. */
int file_walk_follow(struct file_walk *w, const char *target);

/* The child of that name, FILE_NONE. */
uint32_t file_tree_child(const struct file_tree *t, uint32_t parent, const char *name);
/* Adds a record on top of the node and returns it; NULL: no memory. */
struct file_change *file_tree_push(struct file_tree *t, uint32_t node, enum file_kind kind);
bool file_tree_alive(const struct file_tree *t, uint32_t node);
/* What the layer that is being added says of it; NULL. */
struct file_change *file_tree_own(const struct file_tree *t, uint32_t node);
/* Removes what lower layers have at `node`, or in it. */
int file_tree_remove(struct file_tree *t, uint32_t node, enum file_reason reason, uint32_t cause);
int file_tree_hide(struct file_tree *t, uint32_t node, enum file_reason reason, uint32_t cause);
