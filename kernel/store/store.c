#include "kernel/store/store.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "kernel/base/file.h"
#include "kernel/store/base_image.h"
#include "kernel/store/layer.h"
#include "kernel/store/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_LAYERS = 127 }; /* what docker's overlay driver allows; the kernel's own limit is 500 */

void image_release(struct image *i)
{
	free(i->name);
	free(i->manifest_digest);
	free(i->config);
	for (size_t n = 0; n < i->n_layers; n++)
		free(i->layers[n]);
	free(i->layers);
	*i = (struct image){0};
}

static int open_store(struct layout *ret, struct error *err)
{
	auto_free char *path = NULL;
	int r = dirs_path(DIRS_DATA, "store", true, &path, err);

	return r < 0 ? r : layout_open(path, ret, err);
}

/* DATA/layers/HEX or DATA/layers/HEX.OFFSET */
static int layer_path(const char *diff_id, uid_t offset, char **ret, struct error *err)
{
	auto_free char *below = NULL;
	int n = offset ? asprintf(&below, "layers/%s.%u", digest_hex(diff_id), (unsigned)offset)
	               : asprintf(&below, "layers/%s", digest_hex(diff_id));

	if (n < 0)
		return error_set(err, ENOMEM, "unpack layer", diff_id, NULL);
	return dirs_path(DIRS_DATA, below, false, ret, err);
}

static int unpack_into(const struct layout *l, const char *digest, const char *diff_id,
        const char *path, uid_t offset, struct error *err)
{
	auto_close blob = layout_open_blob(l, digest, err);
	auto_close root = -1;

	if (blob < 0)
		return blob;
	if (mkdir(path, 0755) < 0)
		return error_set(err, errno, "unpack layer", path, NULL);
	root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0 || (geteuid() == 0 && fchown(root, offset, offset) < 0) ||
	        fchmod(root, 0755) < 0)
		return error_set(err, errno, "unpack layer", path, NULL);
	return layer_unpack(blob, digest, diff_id, root, offset, err);
}

/* Under the lock, so the temporary name is nobody else's; one that a crash left is removed. */
static int unpack(const struct layout *l, const char *digest, const char *diff_id, const char *path,
        uid_t offset, struct error *err)
{
	auto_free char *temporary = NULL, *layers = NULL;
	int r = dirs_path(DIRS_DATA, "layers", true, &layers, err);

	if (r < 0)
		return r;
	if (asprintf(&temporary, "%s/.unpacking", layers) < 0)
		return error_set(err, ENOMEM, "unpack layer", path, NULL);
	r = dir_remove_tree(AT_FDCWD, temporary);
	if (r < 0)
		return error_set(err, -r, "remove unfinished layer", temporary, NULL);
	r = unpack_into(l, digest, diff_id, temporary, offset, err);
	if (r == 0 && rename(temporary, path) < 0)
		r = error_set(err, errno, "unpack layer", path, NULL);
	if (r < 0)
		dir_remove_tree(AT_FDCWD, temporary);
	return r;
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* The layer's directory, unpacked if it is not yet there. */
static int want_layer(const struct layout *l, const char *digest, const char *diff_id, uid_t offset,
        char **ret, struct error *err)
{
	auto_free char *path = NULL;
	auto_close lock = -1;
	int r;

	if (!digest_valid(digest) || !digest_valid(diff_id))
		return error_set(err, EBADMSG, "read image", digest ? digest : "(none)",
		        "a layer has no sha256 digest");
	r = layer_path(diff_id, offset, &path, err);
	if (r < 0)
		return r;
	if (!exists(path)) {
		lock = layout_lock(l, err);
		if (lock < 0)
			return lock;
		if (!exists(path)) /* nobody else made it while we waited */
			r = unpack(l, digest, diff_id, path, offset, err);
	}
	if (r == 0)
		*ret = steal_ptr(path);
	return r;
}

static int want_layers(const struct layout *l, const json_t *manifest, const json_t *config,
        uid_t offset, struct image *i, struct error *err)
{
	const json_t *layers = json_object_get(manifest, "layers");
	const json_t *ids = json_object_get(json_object_get(config, "rootfs"), "diff_ids");
	size_t n = json_array_size(layers);
	int r = 0;

	if (n == 0 || n > MAX_LAYERS || n != json_array_size(ids))
		return error_set(err, EBADMSG, "read image", i->name, "%zu layers and %zu diff ids",
		        n, json_array_size(ids));
	i->layers = calloc(n, sizeof *i->layers);
	if (!i->layers)
		return error_set(err, ENOMEM, "read image", i->name, NULL);
	i->n_layers = n;
	/* The manifest lists the lowest first, overlayfs wants the topmost first. */
	for (size_t k = 0; k < n && r == 0; k++)
		r = want_layer(l,
		        json_string_value(json_object_get(json_array_get(layers, k), "digest")),
		        json_string_value(json_array_get(ids, k)), offset, &i->layers[n - 1 - k],
		        err);
	return r;
}

static int read_image(const struct layout *l, const char *digest, uid_t offset, struct image *i,
        struct error *err)
{
	json_t *manifest = NULL, *config = NULL;
	auto_buf text = BUF_INIT;
	int r = layout_get_json(l, digest, &manifest, err);

	if (r == 0)
		r = layout_get(l,
		        json_string_value(
		                json_object_get(json_object_get(manifest, "config"), "digest")),
		        &text, err);
	if (r == 0) {
		config = json_loadb(buf_text(&text), text.len, 0, NULL);
		if (!config)
			r = error_set(
			        err, EBADMSG, "read image", i->name, "its config is not JSON");
	}
	if (r == 0)
		r = want_layers(l, manifest, config, offset, i, err);
	json_decref(manifest);
	json_decref(config);
	if (r == 0 && !(i->config = buf_steal(&text)))
		r = error_set(err, ENOMEM, "read image", i->name, NULL);
	return r;
}

/* Makes "base" unless another process did while we waited; `again` makes it in any case. */
static int make_base(
        const struct layout *l, bool again, char digest[DIGEST_TEXT], struct error *err)
{
	auto_close lock = layout_lock(l, err);
	int r;

	if (lock < 0)
		return lock;
	if (!again && layout_find(l, "base", digest, NULL) == 0)
		return 0;
	r = base_image_make(l, err);
	return r < 0 ? r : layout_find(l, "base", digest, err);
}

static int find_or_make(
        const struct layout *l, const char *name, char digest[DIGEST_TEXT], struct error *err)
{
	struct error missing = {0};
	int r = layout_find(l, name, digest, &missing);

	if (r == 0)
		return 0;
	if (r == -ENOENT && !strcmp(name, "base"))
		return make_base(l, false, digest, err);
	if (err && !err->code)
		*err = missing;
	error_advise(err, "'cutaway images' lists what is here; 'base' is always there");
	return r;
}

static int read_named(const struct layout *l, const char *name, const char *digest, uid_t offset,
        struct image *ret, struct error *err)
{
	struct image i = {.name = strdup(name), .manifest_digest = strdup(digest)};
	int r = i.name && i.manifest_digest ? read_image(l, digest, offset, &i, err)
	                                    : error_set(err, ENOMEM, "read image", name, NULL);

	if (r < 0)
		image_release(&i);
	else
		*ret = i;
	return r;
}

int store_image(const char *name, uid_t uid_offset, struct image *ret, struct error *err)
{
	char digest[DIGEST_TEXT];
	struct error damage = {0};
	struct layout l = {0};
	int r = open_store(&l, err);

	if (r == 0)
		r = find_or_make(&l, name, digest, err);
	if (r == 0) {
		r = read_named(&l, name, digest, uid_offset, ret, &damage);
		/* What is damaged and can be made here is made again. */
		if ((r == -EBADMSG || r == -ENOENT) && !strcmp(name, "base")) {
			r = make_base(&l, true, digest, err);
			if (r == 0)
				r = read_named(&l, name, digest, uid_offset, ret, err);
		} else if (r < 0 && err && !err->code) {
			*err = damage;
		}
	}
	layout_release(&l);
	return r;
}

static char *copy_string(const json_t *string)
{
	const char *text = json_string_value(string);

	return strdup(text ? text : "");
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
	r = layout_get_json(l, e->manifest_digest, &manifest, err);
	if (r < 0)
		return r;
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
	int r = open_store(&l, err);

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
