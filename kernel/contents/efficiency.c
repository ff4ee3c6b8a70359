#include "kernel/contents/efficiency.h"

#include <errno.h>
#include <stdlib.h>

/* The bytes of a removed name may still be there under another one. */
static void mark_shared(const struct file_tree *t, unsigned char *kept)
{
	for (uint32_t i = 0; i < t->n_nodes; i++) {
		const struct file_change *c = file_tree_seen(t, i);
		if (c)
			kept[file_tree_bytes_of(t, c) - t->changes] = 1;
	}
}

static struct wasted_file measure(
        const struct file_tree *t, uint32_t node, const unsigned char *kept)
{
	struct wasted_file f = {.node = node, .seen = file_tree_seen(t, node) != NULL};

	for (uint32_t i = t->nodes[node].top; i != FILE_NONE; i = t->changes[i].below) {
		const struct file_change *c = &t->changes[i];
		if (c->kind == FILE_REMOVED || c->type != FILE_REGULAR || c->hard_link || !c->size)
			continue;
		f.copies++;
		f.stored += c->size;
		if (!kept[i])
			f.wasted += c->size;
	}
	return f;
}

static int by_waste(const void *a, const void *b)
{
	const struct wasted_file *x = a, *y = b;

	if (x->wasted != y->wasted)
		return x->wasted < y->wasted ? 1 : -1;
	return x->node < y->node ? -1 : x->node > y->node;
}

static int add(struct efficiency *e, size_t *cap, const struct wasted_file *f)
{
	if (e->n_files == *cap) {
		size_t more = *cap ? *cap * 2 : 64;
		void *grown = realloc(e->files, more * sizeof *e->files);
		if (!grown)
			return -ENOMEM;
		e->files = grown;
		*cap = more;
	}
	e->files[e->n_files++] = *f;
	return 0;
}

int efficiency_of(const struct file_tree *t, struct efficiency *ret, struct error *err)
{
	unsigned char *kept = calloc(t->n_changes + 1, 1);
	struct efficiency e = {.part = 1};
	size_t cap = 0;
	int r = kept ? 0 : -ENOMEM;

	if (r == 0)
		mark_shared(t, kept);
	for (uint32_t i = 0; i < t->n_nodes && r == 0; i++) {
		struct wasted_file f = measure(t, i, kept);
		e.stored += f.stored;
		e.wasted += f.wasted;
		if (f.wasted)
			r = add(&e, &cap, &f);
	}
	free(kept);
	if (r < 0) {
		efficiency_release(&e);
		return error_set(err, ENOMEM, "measure efficiency", "", NULL);
	}
	e.seen = e.stored - e.wasted;
	if (e.stored)
		e.part = (double)e.seen / (double)e.stored;
	if (e.n_files)
		qsort(e.files, e.n_files, sizeof *e.files, by_waste);
	*ret = e;
	return 0;
}

void efficiency_release(struct efficiency *e)
{
	free(e->files);
	*e = (struct efficiency){0};
}
