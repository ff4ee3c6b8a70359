/* From a stage to an image of the store. All that it is made of is there, and proved, before it
 * gets a name. */
#include "kernel/base/cleanup.h"
#include "kernel/build/place.h"
#include "kernel/build/stage.h"
#include "kernel/store/blob.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int damaged(const char *digest, struct error *err)
{
	error_set(err, EBADMSG, "take layer", digest,
	        "its bytes are not what the digest says: it was changed since it was made");
	error_advise(err, "build again with --no-cache");
	return -EBADMSG;
}

/* A blob of the same bytes has the same name, so one that is there is as good. Else it is summed
 * and gets its name in the store as well, without a copy where the file system can do that. */
static int take_layer(const struct layout *store, const struct build_place *place,
        const struct layer *layer, struct error *err)
{
	struct blob_writer *w = NULL;
	auto_close fd = layout_open_blob(&place->layout, layer->digest, err);
	char digest[DIGEST_TEXT], path[DIGEST_TEXT], bytes[64 << 10];
	struct digest *sum;
	ssize_t n = 0;
	int r;

	if (fd < 0)
		return fd;
	sum = digest_new(DIGEST_SHA256);
	while (sum && (n = read(fd, bytes, sizeof bytes)) > 0)
		digest_add(sum, bytes, (size_t)n);
	if (!sum || n < 0) {
		digest_free(sum);
		return error_set(err, sum ? EIO : ENOMEM, "read layer", layer->digest, NULL);
	}
	digest_finish(sum, digest);
	digest_free(sum);
	if (strcmp(digest, layer->digest) != 0)
		return damaged(layer->digest, err);
	digest_path(layer->digest, path);
	if (linkat(place->layout.blobs, path, store->blobs, path, 0) == 0 || errno == EEXIST)
		return 0;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return error_set(err, errno, "read layer", layer->digest, NULL);
	r = blob_writer_new(store, DIGEST_SHA256, &w, err);
	while (r == 0 && (n = read(fd, bytes, sizeof bytes)) > 0)
		r = blob_add(w, bytes, (size_t)n, err);
	if (r == 0)
		r = n < 0 ? error_set(err, errno, "read layer", layer->digest, NULL)
		          : blob_finish(w, layer->digest, digest, err);
	blob_writer_free(w);
	return r;
}

/* The layers of the base image may have been removed meanwhile. */
static int see_layer(const struct layout *store, const struct layer *layer, struct error *err)
{
	auto_close fd = layout_open_blob(store, layer->digest, NULL);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && (uint64_t)st.st_size == layer->size)
		return 0;
	return error_set(err, ENOENT, "take layer", layer->digest,
	        "the image that it was built from was removed meanwhile");
}

static int put_json(const struct layout *l, json_t *json, char digest[DIGEST_TEXT], size_t *ret,
        struct error *err)
{
	auto_free char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;

	json_decref(json);
	if (!text)
		return error_set(err, ENOMEM, "write image", "", NULL);
	*ret = strlen(text);
	return layout_put(l, text, *ret, digest, err);
}

static json_t *layers_json(const struct stage *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->n_layers; i++)
		json_array_append_new(
		        list, layout_descriptor(s->layers[i].media_type, s->layers[i].layer.digest,
		                      s->layers[i].layer.size));
	return list;
}

static int commit(const struct stage *s, const struct layout *store,
        const struct build_place *place, const char *name, char ret[DIGEST_TEXT], struct error *err)
{
	char config[DIGEST_TEXT];
	size_t size = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->n_layers; i++)
		r = s->layers[i].built ? take_layer(store, place, &s->layers[i].layer, err)
		                       : see_layer(store, &s->layers[i].layer, err);
	if (r == 0)
		r = put_json(store, json_incref(s->image), config, &size, err);
	if (r == 0)
		r = put_json(store,
		        json_pack("{s:i,s:s,s:o,s:o}", "schemaVersion", 2, "mediaType",
		                OCI_MANIFEST, "config", layout_descriptor(OCI_CONFIG, config, size),
		                "layers", layers_json(s)),
		        ret, &size, err);
	return r < 0 ? r : layout_name(store, name, OCI_MANIFEST, ret, size, err);
}

int stage_commit(const struct stage *s, const struct layout *store, const struct build_place *place,
        const char *name, char ret_digest[DIGEST_TEXT], struct error *err)
{
	auto_close lock = -1;

	if (!s->n_layers)
		return error_set(err, EINVAL, "build image", name,
		        "there is nothing in it: an image has one layer at least");
	lock = layout_lock(store, err);
	return lock < 0 ? lock : commit(s, store, place, name, ret_digest, err);
}
