/* Paths and nodes. */
#include "kernel/contents/file_tree.h"

#include "kernel/contents/file_tree_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int file_walk_begin(struct file_walk *w, const char *path)
{
	size_t n = strnlen(path, FILE_PATH_MAX);

	if (n >= FILE_PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(w->rest, path, n + 1);
	w->at = w->rest;
	w->links = 0;
	return 0;
}

/* Slashes and "." say nothing. */
static const char *skip_nothing(const char *p)
{
	for (;;) {
		if (*p == '/')
			p++;
		else if (p[0] == '.' && (p[1] == '/' || !p[1]))
			p++;
		else
			return p;
	}
}

int file_walk_next(struct file_walk *w, char ret[FILE_NAME_MAX + 1])
{
	size_t n;

	w->at = skip_nothing(w->at);
	n = strcspn(w->at, "/");
	if (n > FILE_NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(ret, w->at, n);
	ret[n] = '\0';
	w->at += n;
	return 0;
}

bool file_walk_more(const struct file_walk *w)
{
	return *skip_nothing(w->at) != '\0';
}

int file_walk_follow(struct file_walk *w, const char *target)
{
	size_t n = strlen(target), left = strlen(w->at);

	if (++w->links > FILE_LINKS_MAX)
		return -ELOOP;
	if (n + 1 + left >= FILE_PATH_MAX)
		return -ENAMETOOLONG;
	memmove(w->rest + n + 1, w->at, left + 1);
	memcpy(w->rest, target, n);
	w->rest[n] = '/';
	w->at = w->rest;
	return 0;
}

const char *file_tree_name(const struct file_tree *t, uint32_t node)
{
	return t->text + t->nodes[node].name;
}

const char *file_tree_target(const struct file_tree *t, const struct file_change *c)
{
	return c->type == FILE_SYMLINK && c->kind != FILE_REMOVED && c->about != FILE_NONE
	               ? t->text + c->about
	               : "";
}

void file_tree_path(const struct file_tree *t, uint32_t node, char ret[FILE_PATH_MAX])
{
	char text[FILE_PATH_MAX];
	size_t at = sizeof text - 1;

	text[at] = '\0';
	for (; node != FILE_ROOT; node = t->nodes[node].parent) {
		const char *name = file_tree_name(t, node);
		size_t n = strlen(name);
		if (n + 1 > at)
			break;
		at -= n;
		memcpy(text + at, name, n);
		text[--at] = '/';
	}
	if (!text[at])
		text[--at] = '/';
	memcpy(ret, text + at, sizeof text - at);
}

const struct file_change *file_tree_change(const struct file_tree *t, uint32_t node, uint32_t layer)
{
	uint32_t i = t->nodes[node].top;

	while (i != FILE_NONE && t->changes[i].layer > layer)
		i = t->changes[i].below;
	return i != FILE_NONE && t->changes[i].layer == layer ? &t->changes[i] : NULL;
}

const struct file_change *file_tree_seen_at(
        const struct file_tree *t, uint32_t node, uint32_t layer)
{
	uint32_t i = t->nodes[node].top;

	while (i != FILE_NONE && t->changes[i].layer > layer)
		i = t->changes[i].below;
	return i != FILE_NONE && t->changes[i].kind != FILE_REMOVED ? &t->changes[i] : NULL;
}

const struct file_change *file_tree_seen(const struct file_tree *t, uint32_t node)
{
	return file_tree_seen_at(t, node, UINT32_MAX);
}

/* Two names may be each other's where one is in a layer twice. */
enum { LINKS_MAX = 128 };

const struct file_change *file_tree_bytes_of(const struct file_tree *t, const struct file_change *c)
{
	const struct file_change *other = c;

	for (int i = 0; i < LINKS_MAX && other && other->hard_link; i++) {
		if (other->about == FILE_NONE)
			return c;
		other = file_tree_seen_at(t, other->about, other->layer);
	}
	return other && !other->hard_link ? other : c;
}

uint32_t file_tree_find(const struct file_tree *t, const char *path)
{
	char name[FILE_NAME_MAX + 1];
	struct file_walk w;
	uint32_t node = FILE_ROOT;

	if (file_walk_begin(&w, path) < 0)
		return FILE_NONE;
	while (node != FILE_NONE && file_walk_more(&w)) {
		if (file_walk_next(&w, name) < 0)
			return FILE_NONE;
		node = file_tree_child(t, node, name);
	}
	return node;
}

/* Follows links of `layer` alone, or of what is seen after all (FILE_NONE). */
static uint32_t resolve(const struct file_tree *t, const char *path, uint32_t layer, bool last)
{
	char name[FILE_NAME_MAX + 1];
	struct file_walk w;
	uint32_t node = FILE_ROOT;

	if (file_walk_begin(&w, path) < 0)
		return FILE_NONE;
	while (file_walk_more(&w)) {
		const struct file_change *c;
		uint32_t child;
		if (file_walk_next(&w, name) < 0)
			return FILE_NONE;
		if (!strcmp(name, "..")) {
			node = node == FILE_ROOT ? node : t->nodes[node].parent;
			continue;
		}
		child = file_tree_child(t, node, name);
		if (child == FILE_NONE)
			return FILE_NONE;
		c = layer == FILE_NONE ? file_tree_seen(t, child)
		                       : file_tree_change(t, child, layer);
		if (!c)
			return FILE_NONE;
		if (c->type == FILE_SYMLINK && (last || file_walk_more(&w))) {
			const char *target = file_tree_target(t, c);
			node = target[0] == '/' ? FILE_ROOT : node;
			if (file_walk_follow(&w, target) < 0)
				return FILE_NONE;
			continue;
		}
		if (c->type != FILE_DIRECTORY && file_walk_more(&w))
			return FILE_NONE;
		node = child;
	}
	return node;
}

uint32_t file_tree_resolve(const struct file_tree *t, const char *path)
{
	return resolve(t, path, FILE_NONE, true);
}

uint32_t file_tree_resolve_link(const struct file_tree *t, const char *path)
{
	return resolve(t, path, FILE_NONE, false);
}

uint32_t file_tree_of_entry(const struct file_tree *t, const char *path, uint32_t layer)
{
	return resolve(t, path, layer, false);
}

/* ---- order ---- */

static int by_name(const void *a, const void *b, void *data)
{
	const struct file_tree *t = data;

	return strcmp(
	        file_tree_name(t, *(const uint32_t *)a), file_tree_name(t, *(const uint32_t *)b));
}

static void sort_children(struct file_tree *t, uint32_t node, uint32_t *room)
{
	uint32_t n = 0, next = FILE_NONE;

	for (uint32_t c = t->nodes[node].child; c != FILE_NONE; c = t->nodes[c].next)
		room[n++] = c;
	if (n > 1)
		qsort_r(room, n, sizeof *room, by_name, t);
	while (n > 0) {
		t->nodes[room[--n]].next = next;
		next = room[n];
	}
	t->nodes[node].child = next;
}

int file_tree_sort(struct file_tree *t)
{
	uint32_t *room = malloc(t->n_nodes * sizeof *room);

	if (!room)
		return -ENOMEM;
	for (uint32_t i = 0; i < t->n_nodes; i++)
		if (t->nodes[i].child != FILE_NONE)
			sort_children(t, i, room);
	free(room);
	return 0;
}
