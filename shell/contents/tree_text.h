/* `cutaway tree` without its screen: plain text and JSON, written line by line, so that a large
 * image needs no more memory than its tree. */
#pragma once

#include "kernel/contents/efficiency.h"
#include "kernel/contents/file_view.h"
#include "kernel/contents/image_contents.h"

#include <stdbool.h>

enum { TREE_ALL_LAYERS = -1 };

struct tree_request {
	int layer; /* from 0, or TREE_ALL_LAYERS */
	struct file_view view;
	bool efficiency; /* only the figure and the files that cause it */
};

/* To stdout. -errno. */
int tree_print_text(const struct image_contents *c, const struct tree_request *q);
int tree_print_json(const struct image_contents *c, const struct tree_request *q);
/* "efficiency 87.5 %: 1.2 MB of 9.6 MB are not seen any more"; `ret` has room for 128 bytes. */
void tree_efficiency_text(const struct efficiency *e, char ret[128]);
