/* What a layer takes away. Only what is still there is walked over, and each removal needs an
 * addition before it: hostile layers cannot make more records than they have entries. Depth is
 * bounded by the length of a path. */
#include "kernel/contents/file_tree_private.h"

#include <errno.h>

int file_tree_remove(struct file_tree *t, uint32_t node, enum file_reason reason, uint32_t cause)
{
	uint8_t type = t->changes[t->nodes[node].top].type;
	struct file_change *c = file_tree_push(t, node, FILE_REMOVED);

	if (!c)
		return -EFBIG;
	c->type = type;
	c->reason = (uint8_t)reason;
	c->about = cause;
	return file_tree_hide(t, node, reason, cause);
}

int file_tree_hide(struct file_tree *t, uint32_t node, enum file_reason reason, uint32_t cause)
{
	uint32_t child = t->nodes[node].seen ? t->nodes[node].child : FILE_NONE;
	int r = 0;

	for (; child != FILE_NONE && r == 0; child = t->nodes[child].next) {
		if (!file_tree_alive(t, child))
			continue;
		if (file_tree_own(t, child))
			r = file_tree_hide(t, child, reason, cause);
		else
			r = file_tree_remove(t, child, reason, cause);
	}
	return r;
}
