/* One tar into the store, in one pass: what is a blob becomes one as it comes, the few documents
 * that say what it all means are kept in memory, and at the end they decide. All under the layout's
 * lock, so that nothing is collected before it has a name. */
#include "kernel/base/cleanup.h"
#include "kernel/store/collect.h"
#include "kernel/store/image_archive.h"
#include "kernel/store/image_file.h"
#include "kernel/store/store_read.h"
#include "kernel/store/verify.h"

#include <errno.h>
#include <string.h>

void image_loaded_release(struct image_loaded *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->names[i]);
	free(l->names);
	*l = (struct image_loaded){0};
}

static int add_loaded(struct image_loaded *l, const char *name, struct error *err)
{
	void *grown = realloc(l->names, (l->n + 1) * sizeof *l->names);

	if (grown)
		l->names = grown;
	if (!grown || !(l->names[l->n] = strdup(name)))
		return error_set(err, ENOMEM, "load archive", name, NULL);
	l->n++;
	return 0;
}

/* Proves the image and enters it. */
static int enter(const struct layout *l, const char *name, const char *digest,
        struct image_loaded *loaded, struct error *err)
{
	auto_buf text = BUF_INIT;
	json_t *document = NULL;
	int r = image_verify(l, digest, err);

	if (r == 0)
		r = layout_get(l, digest, &text, err);
	if (r == 0) {
		document = json_loadb(buf_text(&text), text.len, 0, NULL);
		r = layout_name(l, name, layout_media_type(document), digest, text.len, err);
	}
	json_decref(document);
	return r < 0 ? r : add_loaded(loaded, name[0] ? name : digest, err);
}

static const char *text_in(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text ? text : "";
}

/* Docker writes the whole name beside the tag. */
static const char *name_in(const json_t *descriptor)
{
	const char *full = json_string_value(json_object_get(
	        json_object_get(descriptor, "annotations"), "io.containerd.image.name"));

	return full ? full : layout_name_of(descriptor);
}

static int check_version(const struct image_archive *c, struct error *err)
{
	json_t *o = image_archive_document(c, "oci-layout", err);
	int r = !o ? -EBADMSG : 0;

	if (o && strcmp(text_in(o, "imageLayoutVersion"), "1.0.0") != 0)
		r = error_set(err, EBADMSG, "load archive", "oci-layout",
		        "imageLayoutVersion is '%.40s', not 1.0.0",
		        text_in(o, "imageLayoutVersion"));
	json_decref(o);
	return r;
}

static int load_oci(const struct layout *l, const struct image_archive *c,
        struct image_loaded *loaded, struct error *err)
{
	json_t *index = NULL, *manifests, *one;
	int r = check_version(c, err);
	size_t i;

	if (r == 0 && !(index = image_archive_document(c, "index.json", err)))
		r = -EBADMSG;
	manifests = json_object_get(index, "manifests");
	if (r == 0 && json_integer_value(json_object_get(index, "schemaVersion")) != 2)
		r = error_set(err, EBADMSG, "load archive", "index.json", "schemaVersion is not 2");
	if (r == 0 && json_array_size(manifests) == 0)
		r = error_set(err, EBADMSG, "load archive", "index.json", "it names no image");
	json_array_foreach (manifests, i, one) {
		if (r < 0)
			break;
		r = descriptor_verify(l, "index.json", one, err);
		if (r == 0)
			r = enter(l, name_in(one), text_in(one, "digest"), loaded, err);
	}
	json_decref(index);
	return r;
}

/* Docker says nothing of media types: the files do. */
static json_t *layer_descriptor(
        const struct layout *l, const struct image_archive *c, const char *path, struct error *err)
{
	static const char *const types[] = {
	        [LAYER_PLAIN] = "application/vnd.oci.image.layer.v1.tar",
	        [LAYER_GZIP] = "application/vnd.oci.image.layer.v1.tar+gzip",
	        [LAYER_ZSTD] = "application/vnd.oci.image.layer.v1.tar+zstd"};
	const struct image_archive_file *f = image_archive_file(c, path, err);
	auto_close fd = f ? layout_open_blob(l, f->digest, err) : -1;

	if (fd < 0)
		return NULL;
	return layout_descriptor(types[layer_file_compression(fd)], f->digest, f->size);
}

static int make_manifest(const struct layout *l, const struct image_archive *c, const json_t *image,
        char ret_digest[DIGEST_TEXT], struct error *err)
{
	const struct image_archive_file *config =
	        image_archive_file(c, text_in(image, "Config"), err);
	json_t *layers = json_array(), *one, *manifest;
	char *text = NULL;
	int r = config ? 0 : -EBADMSG;
	size_t i;

	json_array_foreach (json_object_get(image, "Layers"), i, one) {
		const char *path = json_string_value(one);
		json_t *d = r < 0 ? NULL : layer_descriptor(l, c, path ? path : "", err);
		if (!d || json_array_append_new(layers, d) < 0)
			r = -EBADMSG;
	}
	if (r == 0) {
		manifest = json_pack("{s:i,s:s,s:o,s:O}", "schemaVersion", 2, "mediaType",
		        OCI_MANIFEST, "config",
		        layout_descriptor(OCI_CONFIG, config->digest, config->size), "layers",
		        layers);
		text = json_dumps(manifest, JSON_COMPACT);
		json_decref(manifest);
		r = text ? layout_put(l, text, strlen(text), ret_digest, err)
		         : error_set(err, ENOMEM, "load archive", "manifest.json", NULL);
	}
	free(text);
	json_decref(layers);
	return r;
}

static int load_docker(const struct layout *l, const struct image_archive *c,
        struct image_loaded *loaded, struct error *err)
{
	json_t *list = image_archive_document(c, "manifest.json", err), *image, *name;
	char digest[DIGEST_TEXT];
	int r = list ? 0 : -EBADMSG;
	size_t i, k;

	if (list && json_array_size(list) == 0)
		r = error_set(err, EBADMSG, "load archive", "manifest.json", "it names no image");
	json_array_foreach (list, i, image) {
		const json_t *names = json_object_get(image, "RepoTags");
		if (r == 0)
			r = make_manifest(l, c, image, digest, err);
		if (r == 0 && json_array_size(names) == 0)
			r = enter(l, "", digest, loaded, err);
		json_array_foreach (names, k, name)
			if (r == 0)
				r = enter(l, json_is_string(name) ? json_string_value(name) : "",
				        digest, loaded, err);
	}
	json_decref(list);
	return r;
}

/* What failed leaves names as they were and takes back what came in. */
static int load_locked(const struct layout *l, int fd, struct image_loaded *ret, struct error *err)
{
	struct image_archive c = {0};
	auto_close lock = layout_lock(l, err);
	struct collected ignored;
	json_t *before = NULL;
	int r = lock < 0 ? lock : layout_index(l, &before, err);

	if (r == 0)
		r = image_archive_read(fd, l, &c, err);
	if (r == 0)
		r = image_archive_has(&c, "index.json") ? load_oci(l, &c, ret, err)
		                                        : load_docker(l, &c, ret, err);
	if (r < 0) {
		if (before && ret->n > 0)
			layout_restore(l, before, NULL);
		store_collect(l, &ignored, NULL);
		image_loaded_release(ret);
	}
	json_decref(before);
	image_archive_release(&c);
	return r;
}

int image_load(int fd, struct image_loaded *ret, struct error *err)
{
	struct image_loaded loaded = {0};
	struct layout l = {0};
	int r = store_open(&l, err);

	if (r == 0)
		r = load_locked(&l, fd, &loaded, err);
	if (r == 0)
		*ret = loaded;
	layout_release(&l);
	return r;
}
