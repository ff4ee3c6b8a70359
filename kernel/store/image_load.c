/* One tar into the store, in one pass: what is a blob becomes one as it comes, the few documents
 * that say what it all means are kept in memory, and at the end they decide. All under the layout's
 * lock, so that nothing is collected before it has a name. */
#include "kernel/base/cleanup.h"
#include "kernel/store/blob.h"
#include "kernel/store/collect.h"
#include "kernel/store/image_archive.h"
#include "kernel/store/image_file.h"
#include "kernel/store/layer_type.h"
#include "kernel/store/store_read.h"
#include "kernel/store/verify.h"

#include <errno.h>
#include <fcntl.h>
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
	char at[40];
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
		snprintf(at, sizeof at, "manifests[%zu]", i);
		r = descriptor_verify(l, "index.json", at, one, err);
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
	const struct image_archive_file *f = image_archive_file(c, path, err);
	auto_close fd = f ? layout_open_blob(l, f->digest, err) : -1;

	if (fd < 0)
		return NULL;
	return layout_descriptor(layer_type_of(layer_file_compression(fd)), f->digest, f->size);
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

int image_load_archive(const struct layout *l, int fd, struct image_loaded *ret, struct error *err)
{
	struct image_archive c = {0};
	int r = image_archive_read(fd, l, &c, err);

	if (r == 0)
		r = image_archive_has(&c, "index.json") ? load_oci(l, &c, ret, err)
		                                        : load_docker(l, &c, ret, err);
	image_archive_release(&c);
	return r;
}

/* ---- a directory ---- */

/* One blob, unless it is here. What is missing there is told of when the image is looked at. */
static int copy_blob(
        const struct layout *from, const struct layout *to, const char *digest, struct error *err)
{
	auto_close have = layout_open_blob(to, digest, NULL), fd = -1;
	struct blob_writer *w = NULL;
	char path[DIGEST_TEXT], got[DIGEST_TEXT];
	int r;

	if (have >= 0 || !digest_valid(digest))
		return 0;
	digest_path(digest, path);
	fd = openat(from->blobs, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return 0;
	r = blob_writer_new(to, digest_algorithm(digest), &w, err);
	if (r == 0)
		r = blob_copy(w, fd, err);
	if (r == 0)
		r = blob_finish(w, digest, got, err);
	blob_writer_free(w);
	return r;
}

static int copy_list(
        const struct layout *from, const struct layout *to, const json_t *list, struct error *err)
{
	const json_t *one;
	size_t i;
	int r = 0;

	json_array_foreach (list, i, one)
		if (r == 0)
			r = copy_blob(from, to, text_in(one, "digest"), err);
	return r;
}

/* A manifest or an index and what they name. `seen` holds the digests that are done. */
static int copy_image(const struct layout *from, const struct layout *to, const char *digest,
        json_t *seen, struct error *err)
{
	json_t *document = NULL, *one;
	size_t i;
	int r;

	if (json_object_get(seen, digest) || json_object_set_new(seen, digest, json_true()) < 0)
		return 0;
	r = copy_blob(from, to, digest, err);
	if (r < 0 || layout_get_json(to, digest, &document, NULL) < 0)
		return r;
	r = copy_blob(from, to, text_in(json_object_get(document, "config"), "digest"), err);
	if (r == 0)
		r = copy_list(from, to, json_object_get(document, "layers"), err);
	json_array_foreach (json_object_get(document, "manifests"), i, one)
		if (r == 0)
			r = copy_image(from, to, text_in(one, "digest"), seen, err);
	json_decref(document);
	return r;
}

static int load_all(const struct layout *from, const struct layout *to, struct image_loaded *ret,
        struct error *err)
{
	json_t *index = NULL, *seen = json_object(), *manifests, *one;
	int r = layout_index(from, &index, err);
	size_t i;

	manifests = json_object_get(index, "manifests");
	if (r == 0 && json_array_size(manifests) == 0)
		r = error_set(err, EBADMSG, "load layout", "index.json", "it names no image");
	json_array_foreach (manifests, i, one) {
		if (r == 0)
			r = copy_image(from, to, text_in(one, "digest"), seen, err);
		if (r == 0)
			r = enter(to, name_in(one), text_in(one, "digest"), ret, err);
	}
	json_decref(seen);
	json_decref(index);
	return r;
}

static int load_directory(
        const struct layout *l, const char *path, struct image_loaded *ret, struct error *err)
{
	struct verdict v = {0};
	struct layout from = {0};
	int r = layout_verify_top(path, &v, err);

	if (r == 0)
		r = verdict_error(&v, err);
	verdict_release(&v);
	if (r == 0)
		r = layout_open_there(path, &from, err);
	if (r == 0)
		r = load_all(&from, l, ret, err);
	layout_release(&from);
	return r;
}

/* ---- both ---- */

/* What failed leaves names as they were and takes back what came in. */
static int load_locked(const struct layout *l, int fd, const char *directory,
        struct image_loaded *ret, struct error *err)
{
	auto_close lock = layout_lock(l, err);
	struct collected ignored;
	json_t *before = NULL;
	int r = lock < 0 ? lock : layout_index(l, &before, err);

	if (r == 0)
		r = directory ? load_directory(l, directory, ret, err)
		              : image_load_archive(l, fd, ret, err);
	if (r < 0 && lock >= 0) {
		if (before && ret->n > 0)
			layout_restore(l, before, NULL);
		store_collect(l, &ignored, NULL);
		image_loaded_release(ret);
	}
	json_decref(before);
	return r;
}

static int load(int fd, const char *directory, struct image_loaded *ret, struct error *err)
{
	struct image_loaded loaded = {0};
	struct layout l = {0};
	int r = store_open(&l, err);

	if (r == 0)
		r = load_locked(&l, fd, directory, &loaded, err);
	if (r == 0)
		*ret = loaded;
	layout_release(&l);
	return r;
}

int image_load(int fd, struct image_loaded *ret, struct error *err)
{
	return load(fd, NULL, ret, err);
}

int image_load_directory(const char *path, struct image_loaded *ret, struct error *err)
{
	return load(-1, path, ret, err);
}
