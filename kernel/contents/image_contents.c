#include "kernel/contents/image_contents.h"

#include "kernel/base/cleanup.h"
#include "kernel/contents/layer_entries.h"
#include "kernel/store/base_image.h"
#include "kernel/store/history.h"

#include <errno.h>
#include <string.h>

static int read_entries(struct image_contents *c, struct layer_entries *e, struct error *err)
{
	struct file_entry entry;
	int r = file_tree_begin_layer(&c->files, err);

	if (r < 0)
		return r;
	while ((r = layer_entries_next(e, &entry, err)) > 0) {
		r = file_tree_add(&c->files, &entry, err);
		if (r < 0)
			return r;
	}
	return r < 0 ? r : file_tree_end_layer(&c->files, err);
}

static int read_layer(struct image_contents *c, size_t i, struct error *err)
{
	struct contents_layer *layer = &c->layers[i];
	struct layer_entries *e = NULL;
	int r = layer_entries_open(&c->layout, layer->digest, layer->diff_id, &e, err);

	if (r == 0)
		r = read_entries(c, e, err);
	if (r == 0)
		r = layer_entries_finish(e, &layer->tar, err);
	layer->verified = r == 0;
	layer_entries_free(e);
	return r;
}

static int fill_layers(struct image_contents *c, struct error *err)
{
	const json_t *layers = json_object_get(c->documents.manifest, "layers");
	struct history_line *lines = NULL;
	size_t n_lines = 0, at = 0;
	int r = store_history(c->found.digest, &lines, &n_lines, err);

	c->layers = calloc(c->documents.n_layers, sizeof *c->layers);
	if (r == 0 && !c->layers)
		r = error_set(err, ENOMEM, "read image", c->found.name, NULL);
	for (; r == 0 && c->n_layers < c->documents.n_layers; c->n_layers++) {
		struct contents_layer *layer = &c->layers[c->n_layers];
		const json_t *size = json_object_get(json_array_get(layers, c->n_layers), "size");
		layer->digest = store_layer_digest(&c->documents, c->n_layers);
		layer->diff_id = store_diff_id(&c->documents, c->n_layers);
		layer->size = (uint64_t)json_integer_value(size);
		while (at < n_lines && !lines[at].has_layer)
			at++;
		layer->created_by = strdup(at < n_lines ? lines[at++].created_by : "");
		if (!layer->created_by)
			r = error_set(err, ENOMEM, "read image", c->found.name, NULL);
	}
	history_free(lines, n_lines);
	return r;
}

/* "base" is always there: it is made when somebody first looks. */
static int find(struct image_contents *c, const char *word, struct error *err)
{
	struct error missing = {0};
	int r = store_find(&c->layout, word, &c->found, &missing);

	if (r == -ENOENT && !strcmp(word, "base")) {
		auto_close lock = layout_lock(&c->layout, err);
		r = lock < 0 ? lock : base_image_make(&c->layout, err);
		return r < 0 ? r : store_find(&c->layout, word, &c->found, err);
	}
	if (r < 0 && err && !err->code)
		*err = missing;
	return r;
}

static int open_documents(struct image_contents *c, const char *word, struct error *err)
{
	int r = store_open(&c->layout, err);

	if (r == 0)
		r = find(c, word, err);
	if (r == 0)
		r = store_read(&c->layout, c->found.digest, &c->documents, err);
	if (r == 0)
		r = fill_layers(c, err);
	if (r == 0 && file_tree_init(&c->files) < 0)
		r = error_set(err, ENOMEM, "read image", word, NULL);
	return r;
}

int image_contents_open(const char *word, struct image_contents **ret, struct error *err)
{
	struct image_contents *c = calloc(1, sizeof *c);
	int r;

	if (!c)
		return error_set(err, ENOMEM, "read image", word, NULL);
	c->layout.dir = c->layout.blobs = -1;
	r = open_documents(c, word, err);
	if (r < 0) {
		image_contents_free(c);
		return r;
	}
	for (size_t i = 0; i < c->n_layers && r == 0; i++)
		r = read_layer(c, i, err);
	if (r == 0 && file_tree_sort(&c->files) < 0)
		r = error_set(err, ENOMEM, "read image", word, NULL);
	*ret = c;
	return r;
}

void image_contents_free(struct image_contents *c)
{
	if (!c)
		return;
	file_tree_release(&c->files);
	for (size_t i = 0; i < c->n_layers; i++)
		free(c->layers[i].created_by);
	free(c->layers);
	store_documents_release(&c->documents);
	found_release(&c->found);
	layout_release(&c->layout);
	free(c);
}
