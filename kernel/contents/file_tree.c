/* Arrays of small records that point to each other by number: half the memory of pointers, and one
 * block each. Paths are found through a hash table of parent and name. */
#include "kernel/contents/file_tree.h"

#include "kernel/contents/file_tree_private.h"
#include "kernel/store/layer_name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Whether the entry in `hidden` is an opaque directory; else it is a whiteout. */
#define OPAQUE_BIT (UINT32_C(1) << 31)

static size_t memory_of(const struct file_tree *t)
{
	return t->cap_nodes * sizeof *t->nodes + t->cap_changes * sizeof *t->changes +
	       t->cap_layers * sizeof *t->layers + t->cap_text + t->n_slots * sizeof *t->slots +
	       t->cap_hidden * sizeof *t->hidden;
}

/* Room for `more` records. Grows by a quarter: what is not used yet is not much. */
static int reserve(
        struct file_tree *t, void *array, uint32_t *cap, uint32_t n, size_t size, uint32_t more)
{
	uint64_t wanted = (uint64_t)n + more, next = *cap + *cap / 4 + 64;
	void **slot = array, *grown;

	if (wanted <= *cap)
		return 0;
	if (next < wanted)
		next = wanted;
	if (memory_of(t) + (next - *cap) * size > FILE_TREE_MEMORY || next >= OPAQUE_BIT)
		return -EFBIG;
	grown = realloc(*slot, next * size);
	if (!grown)
		return -ENOMEM;
	*slot = grown;
	*cap = (uint32_t)next;
	return 0;
}

static int add_text(struct file_tree *t, const char *text, uint32_t *ret)
{
	uint32_t n = (uint32_t)strnlen(text, 2 * FILE_PATH_MAX) + 1;
	int r = reserve(t, &t->text, &t->cap_text, t->n_text, 1, n);

	if (r < 0)
		return r;
	memcpy(t->text + t->n_text, text, n - 1);
	t->text[t->n_text + n - 1] = '\0';
	*ret = t->n_text;
	t->n_text += n;
	return 0;
}

/* FNV-1a, begun with the parent. */
static uint32_t hash_of(uint32_t parent, const char *name)
{
	uint32_t h = UINT32_C(2166136261) ^ (parent * UINT32_C(2654435761));

	while (*name)
		h = (h ^ (unsigned char)*name++) * UINT32_C(16777619);
	return h ^ h >> 15;
}

static uint32_t *slot_of(const struct file_tree *t, uint32_t parent, const char *name)
{
	uint32_t mask = t->n_slots - 1, i = hash_of(parent, name) & mask;

	while (t->slots[i] != FILE_NONE) {
		const struct file_node *n = &t->nodes[t->slots[i]];
		if (n->parent == parent && !strcmp(t->text + n->name, name))
			break;
		i = (i + 1) & mask;
	}
	return &t->slots[i];
}

uint32_t file_tree_child(const struct file_tree *t, uint32_t parent, const char *name)
{
	return *slot_of(t, parent, name);
}

static int grow_slots(struct file_tree *t)
{
	uint32_t n = t->n_slots ? t->n_slots * 2 : 1024;
	uint32_t *old = t->slots;

	if (t->n_nodes + 1 < t->n_slots / 4 * 3)
		return 0;
	if (memory_of(t) + n * sizeof *old > FILE_TREE_MEMORY)
		return -EFBIG;
	t->slots = malloc(n * sizeof *old);
	if (!t->slots) {
		t->slots = old;
		return -ENOMEM;
	}
	free(old);
	t->n_slots = n;
	memset(t->slots, 0xff, n * sizeof *old);
	for (uint32_t i = FILE_ROOT + 1; i < t->n_nodes; i++)
		*slot_of(t, t->nodes[i].parent, t->text + t->nodes[i].name) = i;
	return 0;
}

static int add_node(struct file_tree *t, uint32_t parent, const char *name, uint32_t *ret)
{
	struct file_node *n;
	uint32_t at;
	int r = reserve(t, &t->nodes, &t->cap_nodes, t->n_nodes, sizeof *t->nodes, 1);

	if (r == 0)
		r = grow_slots(t);
	if (r == 0)
		r = add_text(t, name, &at);
	if (r < 0)
		return r;
	n = &t->nodes[t->n_nodes];
	*n = (struct file_node){.parent = parent,
	        .name = at,
	        .child = FILE_NONE,
	        .next = FILE_NONE,
	        .top = FILE_NONE};
	if (t->n_nodes != FILE_ROOT) {
		n->next = t->nodes[parent].child;
		t->nodes[parent].child = t->n_nodes;
		*slot_of(t, parent, name) = t->n_nodes;
	}
	*ret = t->n_nodes++;
	return 0;
}

int file_tree_init(struct file_tree *t)
{
	uint32_t root;
	int r;

	*t = (struct file_tree){0};
	r = add_node(t, FILE_NONE, "", &root);
	if (r < 0)
		file_tree_release(t);
	return r;
}

void file_tree_release(struct file_tree *t)
{
	free(t->nodes);
	free(t->changes);
	free(t->layers);
	free(t->text);
	free(t->slots);
	free(t->hidden);
	*t = (struct file_tree){0};
}

/* ---- changes ---- */

bool file_tree_alive(const struct file_tree *t, uint32_t node)
{
	uint32_t top = t->nodes[node].top;

	return node == FILE_ROOT || (top != FILE_NONE && t->changes[top].kind != FILE_REMOVED);
}

struct file_change *file_tree_own(const struct file_tree *t, uint32_t node)
{
	uint32_t top = t->nodes[node].top;

	return top != FILE_NONE && t->changes[top].layer == t->n_layers - 1 ? &t->changes[top]
	                                                                    : NULL;
}

struct file_change *file_tree_push(struct file_tree *t, uint32_t node, enum file_kind kind)
{
	struct file_node *n = &t->nodes[node];
	bool was = file_tree_alive(t, node), is = kind != FILE_REMOVED;
	struct file_change *c;

	if (reserve(t, &t->changes, &t->cap_changes, t->n_changes, sizeof *c, 1) < 0)
		return NULL;
	c = &t->changes[t->n_changes];
	*c = (struct file_change){.node = node,
	        .below = n->top,
	        .layer = (uint16_t)(t->n_layers - 1),
	        .kind = (uint8_t)kind,
	        .about = FILE_NONE};
	n->top = t->n_changes++;
	if (was != is && node != FILE_ROOT)
		t->nodes[n->parent].seen += is ? 1 : UINT32_MAX;
	return c;
}

/* The record of this layer, made with what the layers below make of the kind. NULL: no memory. */
static struct file_change *own_or_new(struct file_tree *t, uint32_t node)
{
	struct file_change *c = file_tree_own(t, node);

	if (c)
		return c;
	return file_tree_push(t, node,
	        node != FILE_ROOT && !file_tree_alive(t, node) ? FILE_ADDED : FILE_CHANGED);
}

/* A directory that a lower layer has as well: what is in it is merged, so being listed again
 * changes nothing unless the metadata differ. */
static bool same_directory(const struct file_tree *t, const struct file_change *c)
{
	const struct file_change *low = c->below == FILE_NONE ? NULL : &t->changes[c->below];

	return low && low->kind != FILE_REMOVED && low->type == FILE_DIRECTORY &&
	       c->type == FILE_DIRECTORY && low->mode == c->mode && low->uid == c->uid &&
	       low->gid == c->gid;
}

static int fault(struct error *err, int r, const char *path)
{
	switch (-r) {
	case EFBIG:
		return error_set(err, EFBIG, "read layer", path,
		        "more files than %zu MiB of memory hold", FILE_TREE_MEMORY >> 20);
	case ENOTDIR:
		return error_set(err, EBADMSG, "read layer", path,
		        "something else stands where this layer needs a directory");
	case ELOOP:
		return error_set(
		        err, EBADMSG, "read layer", path, "its symbolic links go in a circle");
	case ENAMETOOLONG:
		return error_set(err, EBADMSG, "read layer", path, "the name is too long");
	case EBADMSG:
		return error_set(
		        err, EBADMSG, "read layer", path, "the name leads out of the layer");
	default:
		return error_set(err, -r, "read layer", path, NULL);
	}
}

/* A directory on the way: as it is below, or new. */
static int imply_directory(struct file_tree *t, uint32_t node)
{
	const struct file_change *own = file_tree_own(t, node);
	struct file_change *c, low = {0};
	uint32_t top = t->nodes[node].top;
	bool merged;

	if (own)
		return 0;
	merged = top != FILE_NONE && t->changes[top].kind != FILE_REMOVED &&
	         t->changes[top].type == FILE_DIRECTORY;
	if (merged)
		low = t->changes[top];
	c = own_or_new(t, node);
	if (!c)
		return -EFBIG;
	c->type = FILE_DIRECTORY;
	c->mode = merged ? low.mode : 0755;
	c->uid = low.uid;
	c->gid = low.gid;
	c->mtime = low.mtime;
	c->reason = FILE_IMPLIED;
	if (merged)
		c->kind = FILE_SAME;
	return 0;
}

/* Goes to the directory that the last name of the path is in. Links that this layer made itself are
 * followed, since the layer is unpacked into a directory of its own; links of lower layers are not
 * there when that is done. */
static int walk_to_parent(
        struct file_tree *t, const char *path, uint32_t *ret_parent, char name[FILE_NAME_MAX + 1])
{
	struct file_walk w;
	uint32_t node = FILE_ROOT, child;
	int r = file_walk_begin(&w, path);

	while (r == 0 && (r = file_walk_next(&w, name)) == 0 && file_walk_more(&w)) {
		const struct file_change *own;
		if (!strcmp(name, "..")) { /* of a link; the path itself has none */
			node = node == FILE_ROOT ? node : t->nodes[node].parent;
			continue;
		}
		child = file_tree_child(t, node, name);
		if (child == FILE_NONE)
			r = add_node(t, node, name, &child);
		if (r < 0)
			break;
		own = file_tree_own(t, child);
		if (own && own->type == FILE_SYMLINK) {
			const char *target = file_tree_target(t, own);
			node = target[0] == '/' ? FILE_ROOT : node;
			r = file_walk_follow(&w, target);
			continue;
		}
		if (own && own->type != FILE_DIRECTORY)
			r = -ENOTDIR;
		else
			r = imply_directory(t, child);
		node = child;
	}
	*ret_parent = node;
	return r;
}

static int remember_hidden(struct file_tree *t, uint32_t node, bool opaque)
{
	int r = reserve(t, &t->hidden, &t->cap_hidden, t->n_hidden, sizeof *t->hidden, 1);

	if (r == 0)
		t->hidden[t->n_hidden++] = node | (opaque ? OPAQUE_BIT : 0);
	return r;
}

static int add_whiteout(
        struct file_tree *t, uint32_t parent, enum layer_whiteout kind, const char *hidden)
{
	uint32_t node;

	if (kind == WHITEOUT_OPAQUE)
		return remember_hidden(t, parent, true);
	if (kind == WHITEOUT_IGNORED)
		return 0;
	if (kind == WHITEOUT_BAD)
		return -EBADMSG;
	node = file_tree_child(t, parent, hidden);
	if (node == FILE_NONE || !file_tree_alive(t, node)) {
		t->layers[t->n_layers - 1].stray++;
		return 0;
	}
	return remember_hidden(t, node, false);
}

/* A hard link shares all with the file whose other name it is: one of this layer, or else one of
 * those below, which is then copied up. */
static void take_hard_link(struct file_tree *t, struct file_change *c, const char *target)
{
	uint32_t node = file_tree_of_entry(t, target, t->n_layers - 1);
	const struct file_change *other = node == FILE_NONE ? NULL : file_tree_own(t, node);

	c->hard_link = true;
	if (!other) {
		node = file_tree_find(t, target);
		other = node == FILE_NONE ? NULL : file_tree_seen(t, node);
	}
	if (!other || other->type == FILE_DIRECTORY || other->kind == FILE_REMOVED)
		return;
	c->about = other->hard_link ? other->about : node;
	c->size = other->size;
	c->mode = other->mode;
	c->uid = other->uid;
	c->gid = other->gid;
	c->mtime = other->mtime;
	c->type = other->type;
}

static int fill_change(struct file_tree *t, uint32_t node, const struct file_entry *e)
{
	struct file_change *c = own_or_new(t, node);
	uint32_t at;
	int r;

	if (!c)
		return -EFBIG;
	if (!file_tree_alive(t, node))
		return -EBADMSG; /* cannot be: only the end of a layer removes */
	c->type = (uint8_t)e->type;
	c->size = e->type == FILE_REGULAR ? e->size : 0;
	c->mtime = e->mtime;
	c->uid = e->uid;
	c->gid = e->gid;
	c->mode = e->mode;
	c->reason = FILE_LISTED;
	c->hard_link = false;
	c->about = FILE_NONE;
	if (c->kind == FILE_SAME)
		c->kind = FILE_CHANGED;
	if (same_directory(t, c) || (node == FILE_ROOT && c->below == FILE_NONE))
		c->kind = FILE_SAME;
	if (e->hard_link) {
		take_hard_link(t, c, e->link ? e->link : "");
	} else if (e->type == FILE_SYMLINK) {
		r = add_text(t, e->link ? e->link : "", &at);
		if (r < 0)
			return r;
		c->about = at;
	}
	return 0;
}

int file_tree_add(struct file_tree *t, const struct file_entry *e, struct error *err)
{
	char name[FILE_NAME_MAX + 1];
	const char *path = e->path ? e->path : "(no name)", *hidden;
	uint32_t parent, node = FILE_ROOT;
	enum layer_whiteout whiteout;
	int r = layer_inner_name(e->path) ? walk_to_parent(t, e->path, &parent, name) : -EBADMSG;

	whiteout = r == 0 ? layer_whiteout_of(name, &hidden) : WHITEOUT_NONE;
	if (whiteout != WHITEOUT_NONE) {
		r = add_whiteout(t, parent, whiteout, hidden);
		return r < 0 ? fault(err, r, path) : 0;
	}
	if (r == 0 && *name) {
		node = file_tree_child(t, parent, name);
		if (node == FILE_NONE)
			r = add_node(t, parent, name, &node);
	}
	if (r == 0 && node == FILE_ROOT && e->type != FILE_DIRECTORY)
		r = -ENOTDIR;
	if (r == 0)
		r = fill_change(t, node, e);
	return r < 0 ? fault(err, r, path) : 0;
}

int file_tree_begin_layer(struct file_tree *t, struct error *err)
{
	int r = t->n_layers < FILE_TREE_LAYERS
	                ? reserve(t, &t->layers, &t->cap_layers, t->n_layers, sizeof *t->layers, 1)
	                : -EFBIG;

	if (r < 0)
		return error_set(err, -r, "read layer", "", "%u layers are too many",
		        (unsigned)t->n_layers + 1);
	t->layers[t->n_layers++] = (struct file_layer){.first = t->n_changes};
	t->n_hidden = 0;
	t->open = true;
	return 0;
}

/* Something that is no directory any more: what was in it is gone, and nothing of its own layer may
 * be in it. */
static int replace_directories(struct file_tree *t, struct file_layer *layer, uint32_t end)
{
	for (uint32_t i = layer->first; i < end; i++) {
		uint32_t node = t->changes[i].node;
		int r;
		if (t->changes[i].type == FILE_DIRECTORY || !t->nodes[node].seen)
			continue;
		for (uint32_t c = t->nodes[node].child; c != FILE_NONE; c = t->nodes[c].next)
			if (file_tree_own(t, c) && file_tree_alive(t, c))
				return -ENOTDIR;
		r = file_tree_hide(t, node, FILE_REPLACED, node);
		if (r < 0)
			return r;
	}
	return 0;
}

static int hide_all(struct file_tree *t)
{
	int r = 0;

	for (uint32_t i = 0; i < t->n_hidden && r == 0; i++) {
		uint32_t node = t->hidden[i] & ~OPAQUE_BIT;
		bool opaque = t->hidden[i] & OPAQUE_BIT;
		struct file_change *own = file_tree_own(t, node);
		if (own && own->kind == FILE_SAME && node != FILE_ROOT)
			own->kind = FILE_CHANGED; /* not merged with what is below */
		if (opaque)
			r = file_tree_hide(t, node, FILE_OPAQUE, node);
		else if (own)
			r = own->kind == FILE_REMOVED
			            ? 0
			            : file_tree_hide(t, node, FILE_WHITEOUT, node);
		else if (file_tree_alive(t, node))
			r = file_tree_remove(t, node, FILE_WHITEOUT, node);
	}
	return r;
}

int file_tree_end_layer(struct file_tree *t, struct error *err)
{
	struct file_layer *layer = &t->layers[t->n_layers - 1];
	uint32_t end = t->n_changes;
	int r = hide_all(t);

	if (r == 0)
		r = replace_directories(t, layer, end);
	if (r < 0)
		return fault(err, r, "");
	layer->end = t->n_changes;
	for (uint32_t i = layer->first; i < layer->end; i++) {
		const struct file_change *c = &t->changes[i];
		layer->count[c->kind]++;
		if (!c->hard_link && c->kind != FILE_REMOVED)
			layer->bytes += c->size;
	}
	t->open = false;
	return 0;
}
