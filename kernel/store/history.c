#include "kernel/store/history.h"

#include "kernel/base/cleanup.h"
#include "kernel/store/find.h"
#include "kernel/store/store_read.h"

#include <errno.h>
#include <string.h>

static char *copy_of(const char *text)
{
	return strdup(text ? text : "");
}

static char *member(const json_t *o, const char *key)
{
	return copy_of(json_string_value(json_object_get(o, key)));
}

static uint64_t layer_size(const struct store_documents *d, size_t i)
{
	const json_t *layer = json_array_get(json_object_get(d->manifest, "layers"), i);

	return (uint64_t)json_integer_value(json_object_get(layer, "size"));
}

/* `entry` is NULL for a layer that the history says nothing of. */
static struct history_line line_of(
        const struct store_documents *d, const json_t *entry, size_t *next_layer)
{
	bool has =
	        !json_is_true(json_object_get(entry, "empty_layer")) && *next_layer < d->n_layers;
	struct history_line line = {
	        .created = member(entry, "created"),
	        .created_by = member(entry, "created_by"),
	        .comment = member(entry, "comment"),
	        .has_layer = has,
	        .digest = copy_of(has ? store_layer_digest(d, *next_layer) : ""),
	        .diff_id = copy_of(has ? store_diff_id(d, *next_layer) : ""),
	        .size = has ? layer_size(d, *next_layer) : 0,
	};

	*next_layer += has;
	return line;
}

static int fill(const struct store_documents *d, struct history_line **ret, size_t *ret_n)
{
	const json_t *history = json_object_get(d->config, "history"), *entry;
	size_t i, n = 0, layer = 0;
	struct history_line *lines =
	        calloc(json_array_size(history) + d->n_layers + 1, sizeof *lines);

	if (!lines)
		return -ENOMEM;
	json_array_foreach (history, i, entry)
		lines[n++] = line_of(d, entry, &layer);
	while (layer < d->n_layers)
		lines[n++] = line_of(d, NULL, &layer);
	*ret = lines;
	*ret_n = n;
	for (i = 0; i < n; i++)
		if (!lines[i].created || !lines[i].created_by || !lines[i].comment ||
		        !lines[i].digest || !lines[i].diff_id)
			return -ENOMEM;
	return 0;
}

int store_history(const char *word, struct history_line **ret, size_t *ret_n, struct error *err)
{
	struct store_documents d = {0};
	struct history_line *lines = NULL;
	struct found f = {0};
	struct layout l = {0};
	size_t n = 0;
	int r = store_open(&l, err);

	if (r == 0)
		r = store_find(&l, word, &f, err);
	if (r == 0)
		r = store_read(&l, f.digest, &d, err);
	if (r == 0) {
		r = fill(&d, &lines, &n);
		if (r < 0)
			error_set(err, -r, "read history", word, NULL);
	}
	store_documents_release(&d);
	found_release(&f);
	layout_release(&l);
	if (r < 0) {
		history_free(lines, n);
		return r;
	}
	*ret = lines;
	*ret_n = n;
	return 0;
}

void history_free(struct history_line *lines, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(lines[i].created);
		free(lines[i].created_by);
		free(lines[i].comment);
		free(lines[i].digest);
		free(lines[i].diff_id);
	}
	free(lines);
}
