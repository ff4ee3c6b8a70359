#include "kernel/contents/file_bytes.h"

#include "kernel/contents/layer_entries.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 64 << 10 };

/* Where the bytes stand: of a hard link, at its other name. */
struct place {
	uint32_t layer, node;
	const struct file_wanted *wanted;
};

struct reading {
	const struct image_contents *contents;
	int (*take)(void *data, const void *bytes, size_t n);
	struct place *places;
	size_t n;
	char *piece;
};

static int by_place(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->layer != y->layer)
		return x->layer < y->layer ? -1 : 1;
	return x->node < y->node ? -1 : x->node > y->node;
}

/* The first place of that node; NULL. */
static const struct place *place_of(const struct reading *r, uint32_t layer, uint32_t node)
{
	struct place key = {.layer = layer, .node = node};
	const struct place *p = bsearch(&key, r->places, r->n, sizeof key, by_place);

	while (p && p > r->places && by_place(p - 1, &key) == 0)
		p--;
	return p;
}

static int give(const struct reading *r, const struct place *p, const void *bytes, size_t n)
{
	const struct place *end = r->places + r->n, *first = p;
	int result = 0;

	for (; p < end && by_place(p, first) == 0 && result == 0; p++)
		result = r->take(p->wanted->data, bytes, n);
	return result;
}

static int read_file(
        const struct reading *r, struct layer_entries *e, const struct place *p, struct error *err)
{
	ssize_t n;
	int result = give(r, p, NULL, 0);

	while (result == 0 && (n = layer_entries_read(e, r->piece, PIECE, err)) != 0)
		result = n < 0 ? (int)n : give(r, p, r->piece, (size_t)n);
	return result;
}

static int read_layer(const struct reading *r, uint32_t layer, struct error *err)
{
	const struct contents_layer *l = &r->contents->layers[layer];
	struct layer_entries *e = NULL;
	struct file_entry entry;
	int result = layer_entries_open(
	        &r->contents->layout, l->digest, l->verified ? NULL : l->diff_id, &e, err);

	while (result == 0 && (result = layer_entries_next(e, &entry, err)) > 0) {
		uint32_t node = FILE_NONE;
		const struct place *p;
		if (entry.path && entry.type == FILE_REGULAR && !entry.hard_link)
			node = file_tree_of_entry(&r->contents->files, entry.path, layer);
		p = node == FILE_NONE ? NULL : place_of(r, layer, node);
		result = p ? read_file(r, e, p, err) : 0;
	}
	layer_entries_free(e);
	return result;
}

static int fill_places(struct reading *r, const struct file_wanted *wanted, size_t n)
{
	r->places = calloc(n + 1, sizeof *r->places);
	r->piece = malloc(PIECE);
	if (!r->places || !r->piece)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct file_change *c =
		        file_tree_bytes_of(&r->contents->files, wanted[i].change);
		r->places[i] =
		        (struct place){.layer = c->layer, .node = c->node, .wanted = &wanted[i]};
	}
	r->n = n;
	qsort(r->places, n, sizeof *r->places, by_place);
	return 0;
}

int file_bytes_read(const struct image_contents *c, const struct file_wanted *wanted, size_t n,
        int (*take)(void *data, const void *bytes, size_t n), struct error *err)
{
	struct reading r = {.contents = c, .take = take};
	int result = fill_places(&r, wanted, n);

	for (size_t i = 0; i < r.n && result == 0; i++)
		if (i == 0 || r.places[i].layer != r.places[i - 1].layer)
			result = read_layer(&r, r.places[i].layer, err);
	free(r.places);
	free(r.piece);
	return result < 0 ? error_set(err, -result, "read file", c->found.name, NULL) : 0;
}
