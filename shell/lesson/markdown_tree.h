/* The inside of a parsed page, shared by markdown.c (makes it), markdown_layout.c (draws it)
 * and lint_words.c (reads its words). */
#pragma once

#include "shell/lesson/markdown.h"

#include <cmark.h>
#include <stdint.h>

struct markdown {
	cmark_node *root; /* no HTML and no action marks are left in it */
	struct arena arena;
	struct md_block *blocks;
	size_t n_blocks, blocks_room;
	const char **links;
	size_t n_links, links_room;
};

/* The command that a code node holds: its index in blocks, -1 = none. */
static inline int markdown_node_block(cmark_node *node)
{
	return (int)(intptr_t)cmark_node_get_user_data(node) - 1;
}
