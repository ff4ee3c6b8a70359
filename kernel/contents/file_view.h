/* The files of an image as a list to be shown: one layer's changes, or all that layers up to one
 * have made; filtered; with directories closed or open. Pure: a function of the tree and of what is
 * asked. */
#pragma once

#include "kernel/contents/file_tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FILE_VIEW_NAME = 128, FILE_VIEW_ALL_KINDS = 15 };

struct file_view {
	uint32_t layer; /* 0 is the lowest */
	bool together;  /* all layers up to this one, each file as the last of them left it; else
	                   this layer against those below */
	unsigned kinds; /* which to show, a bit for each enum file_kind */
	char name[FILE_VIEW_NAME];   /* only names that contain it, letters of ASCII in either case;
	                                with a '/' in it, paths. "" = all */
	const unsigned char *closed; /* a byte for each node: 1 = what is in it is not listed. NULL:
	                                all open. Borrowed */
};

/* A line of the list. A directory is in it, too, when something in it is. */
struct file_row {
	uint64_t size; /* bytes; of a directory, of all that is shown in it */
	uint32_t node;
	uint32_t change; /* number in the tree's changes: what is shown of it, maybe a lower layer's
	                  */
	uint32_t below;  /* lines in it, listed or not */
	uint16_t depth;  /* 1 = in "/" */
	uint8_t kind;    /* enum file_kind */
	bool closed;
	bool passage; /* only there for what is in it */
};

struct file_rows {
	struct file_row *rows;
	size_t n, cap;
};

/* Fills `ret` anew, in the order of paths; the tree has to be sorted. -ENOMEM. */
int file_view_rows(const struct file_tree *t, const struct file_view *v, struct file_rows *ret);
void file_rows_release(struct file_rows *r);
/* What the view shows of a node, and of which kind it then is; NULL when nothing. */
const struct file_change *file_view_change(const struct file_tree *t, const struct file_view *v,
        uint32_t node, enum file_kind *ret_kind);
