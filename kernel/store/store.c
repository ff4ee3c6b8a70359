#include "kernel/store/store.h"

#include "kernel/base/cleanup.h"
#include "kernel/store/find.h"
#include "kernel/store/layer_directory.h"
#include "kernel/store/platform.h"
#include "kernel/store/prepare.h"
#include "kernel/store/store_read.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

void image_release(struct image *i)
{
	free(i->name);
	free(i->manifest_digest);
	free(i->config);
	for (size_t n = 0; n < i->n_layers; n++) {
		free(i->layers[n]);
		cleanup_fd(&i->held[n]);
	}
	free(i->layers);
	free(i->held);
	*i = (struct image){0};
}

static int fill_layers(
        const struct store_documents *d, uid_t offset, struct image *i, struct error *err)
{
	struct layer_chain below = {0};
	int r = 0;

	i->layers = calloc(d->n_layers + 1, sizeof *i->layers);
	i->held = calloc(d->n_layers + 1, sizeof *i->held);
	if (!i->layers || !i->held)
		return error_set(err, ENOMEM, "read image", i->name, NULL);
	i->n_layers = d->n_layers;
	for (size_t k = 0; k < d->n_layers; k++)
		i->held[k] = -1;
	/* The manifest lists the lowest first, overlayfs wants the topmost first. */
	for (size_t k = 0; k < d->n_layers && r == 0; k++) {
		size_t at = d->n_layers - 1 - k;
		r = store_layer_find(store_diff_id(d, k), offset, &below, &i->layers[at]);
		r = r < 0 ? error_set(err, -r, "find unpacked layer", store_diff_id(d, k), NULL)
		          : layer_directory_hold(i->layers[at], &i->held[at], err);
		if (r == 0)
			r = layer_chain_add(&below, store_diff_id(d, k));
	}
	return r;
}

static int read_image(const struct layout *l, const char *name, const char *digest, uid_t offset,
        struct image *ret, struct error *err)
{
	struct image i = {.name = strdup(name), .manifest_digest = strdup(digest)};
	struct store_documents d = {0};
	int r = i.name && i.manifest_digest ? store_read(l, digest, &d, err)
	                                    : error_set(err, ENOMEM, "read image", name, NULL);

	if (r == 0)
		r = fill_layers(&d, offset, &i, err);
	if (r == 0 && !(i.config = buf_steal(&d.config_text)))
		r = error_set(err, ENOMEM, "read image", name, NULL);
	store_documents_release(&d);
	if (r < 0)
		image_release(&i);
	else
		*ret = i;
	return r;
}

/* What is here already, complete. */
static int look_up(const char *name, uid_t offset, struct image *ret, struct error *err)
{
	struct found f = {0};
	struct layout l = {0};
	int r = store_open(&l, err);

	if (r == 0)
		r = store_find_to_run(&l, name, &f, err);
	if (r == 0)
		r = read_image(&l, name, f.digest, offset, ret, err);
	found_release(&f);
	layout_release(&l);
	return r;
}

int store_image(const char *name, uid_t uid_offset, struct image *ret, struct error *err)
{
	struct error missing = {0};
	int r = look_up(name, uid_offset, ret, &missing);

	if (r != -ENOENT && r != -EBADMSG) {
		if (r < 0 && err && !err->code)
			*err = missing;
		return r;
	}
	r = store_prepare(name, uid_offset, err);
	return r < 0 ? r : look_up(name, uid_offset, ret, err);
}

static char *copy_string(const json_t *string)
{
	const char *text = json_string_value(string);

	return strdup(text ? text : "");
}

/* The manifest that the figures of an image are those of: of an index the one for this machine.
 * *ret is NULL where it has none for it: then there is not much to say. */
static int manifest_of(const struct layout *l, const char *digest, json_t **ret, struct error *err)
{
	char ours[DIGEST_TEXT];
	json_t *document = NULL;
	int r = layout_get_json(l, digest, &document, err);

	if (r < 0 || !json_object_get(document, "manifests")) {
		*ret = document;
		return r;
	}
	json_decref(document);
	if (platform_pick(l, digest, ours, NULL) == 0)
		return layout_get_json(l, ours, ret, err);
	*ret = NULL;
	return 0;
}

static int fill_entry(
        const struct layout *l, const json_t *descriptor, struct store_entry *e, struct error *err)
{
	json_t *manifest = NULL, *config = NULL, *layer;
	size_t i;
	int r;

	e->manifest_digest = copy_string(json_object_get(descriptor, "digest"));
	e->name = copy_string(
	        json_object_get(json_object_get(descriptor, "annotations"), OCI_REF_NAME));
	r = manifest_of(l, e->manifest_digest, &manifest, err);
	if (r < 0 || !manifest) {
		e->created = strdup("");
		return r;
	}
	json_array_foreach (json_object_get(manifest, "layers"), i, layer) {
		e->size += (uint64_t)json_integer_value(json_object_get(layer, "size"));
		e->n_layers++;
	}
	layer = json_object_get(manifest, "config");
	e->size += (uint64_t)json_integer_value(json_object_get(layer, "size"));
	r = layout_get_json(l, json_string_value(json_object_get(layer, "digest")), &config, err);
	e->created = copy_string(json_object_get(config, "created"));
	json_decref(manifest);
	json_decref(config);
	return r;
}

int store_list(struct store_entry **ret, size_t *ret_n, struct error *err)
{
	struct store_entry *entries = NULL;
	struct layout l = {0};
	json_t *index = NULL, *manifests;
	size_t n = 0;
	int r = store_open(&l, err);

	if (r == 0)
		r = layout_index(&l, &index, err);
	manifests = json_object_get(index, "manifests");
	if (r == 0 && !(entries = calloc(json_array_size(manifests) + 1, sizeof *entries)))
		r = error_set(err, ENOMEM, "list images", l.path, NULL);
	while (r == 0 && n < json_array_size(manifests)) {
		r = fill_entry(&l, json_array_get(manifests, n), &entries[n], err);
		n++;
	}
	json_decref(index);
	layout_release(&l);
	if (r < 0) {
		store_entries_free(entries, n);
		return r;
	}
	*ret = entries;
	*ret_n = n;
	return 0;
}

void store_entries_free(struct store_entry *entries, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(entries[i].name);
		free(entries[i].manifest_digest);
		free(entries[i].created);
	}
	free(entries);
}
