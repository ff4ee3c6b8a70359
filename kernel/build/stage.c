#include "kernel/build/stage.h"

#include "kernel/base/cleanup.h"
#include "kernel/build/place.h"
#include "kernel/store/find.h"
#include "kernel/store/layer_directory.h"
#include "kernel/store/layer_type.h"
#include "kernel/store/platform.h"
#include "kernel/store/store_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum { LAYERS_MAX = 127 }; /* of an image, see store_read() */

static int no_memory(struct error *err)
{
	return error_set(err, ENOMEM, "build image", "", NULL);
}

static int begin(struct stage *s, json_t *image, struct error *err)
{
	s->image = image;
	s->arguments = json_object();
	s->layers = calloc(LAYERS_MAX, sizeof *s->layers);
	if (s->layers)
		for (size_t i = 0; i < LAYERS_MAX; i++)
			s->layers[i].held = -1;
	if (!s->image || !s->arguments || !s->layers)
		return no_memory(err);
	if (!json_is_object(json_object_get(image, "config")))
		json_object_set_new(image, "config", json_object());
	if (!json_is_array(json_object_get(image, "history")))
		json_object_set_new(image, "history", json_array());
	return 0;
}

int stage_scratch(struct stage *s, const char *platform, struct error *err)
{
	json_t *image = json_pack("{s:s, s:s, s:{s:[s]}, s:{s:s, s:[]}, s:[]}", "architecture",
	        platform_architecture(), "os", "linux", "config", "Env",
	        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "rootfs",
	        "type", "layers", "diff_ids", "history");
	int r;

	if (platform && image) /* "linux/arm64" */
		json_object_set_new(image, "architecture", json_string(strchr(platform, '/') + 1));
	r = begin(s, image, err);
	return r < 0 ? r : stage_advance_key(s, "scratch", 7, err);
}

/* ---- from an image ------------------------------------------------------------------------- */

static const char *media_type(const char *of_manifest)
{
	const char *type = layer_type_of(layer_type_compression(of_manifest ? of_manifest : ""));

	return type ? type : OCI_LAYER;
}

static void take_layers(struct stage *s, const struct store_documents *d, struct image *i)
{
	const json_t *all = json_object_get(d->manifest, "layers");

	for (size_t k = 0; k < d->n_layers && k < LAYERS_MAX; k++) {
		const json_t *one = json_array_get(all, k);
		struct stage_layer *l = &s->layers[s->n_layers++];
		size_t at = d->n_layers - 1 - k; /* there the topmost is first */
		digest_copy(l->layer.digest, store_layer_digest(d, k));
		digest_copy(l->layer.diff_id, store_diff_id(d, k));
		l->layer.size = (uint64_t)json_integer_value(json_object_get(one, "size"));
		snprintf(l->media_type, sizeof l->media_type, "%s",
		        media_type(json_string_value(json_object_get(one, "mediaType"))));
		l->path = steal_ptr(i->layers[at]);
		l->held = steal_fd(&i->held[at]);
	}
}

int stage_from_image(const struct layout *store, const char *name, uid_t uid_offset,
        struct stage *s, struct error *err)
{
	struct store_documents d = {0};
	struct image i = {0};
	const char *config;
	int r = store_image(name, uid_offset, &i, err);

	if (r == 0)
		r = store_read(store, i.manifest_digest, &d, err);
	if (r == 0)
		r = begin(s, json_deep_copy(d.config), err);
	if (r == 0 && i.n_layers != d.n_layers)
		r = error_set(err, EAGAIN, "read image", name, "it was changed meanwhile");
	if (r == 0) {
		take_layers(s, &d, &i);
		config = json_string_value(
		        json_object_get(json_object_get(d.manifest, "config"), "digest"));
		r = stage_advance_key(s, config, strlen(config), err);
	}
	image_release(&i);
	store_documents_release(&d);
	return r;
}

static int copy_layer(struct stage_layer *to, const struct stage_layer *from)
{
	*to = *from;
	to->held = -1;
	to->path = NULL;
	if (!from->path)
		return 0;
	to->path = strdup(from->path);
	to->held = fcntl(from->held, F_DUPFD_CLOEXEC, 3); /* the same lock: flock(2) */
	return to->path && to->held >= 0 ? 0 : -ENOMEM;
}

int stage_from_stage(const struct stage *from, struct stage *s, struct error *err)
{
	int r = begin(s, json_deep_copy(from->image), err);

	memcpy(s->key, from->key, sizeof s->key);
	for (size_t i = 0; r == 0 && i < from->n_layers; i++, s->n_layers++)
		if (copy_layer(&s->layers[i], &from->layers[i]) < 0)
			r = no_memory(err);
	return r;
}

void stage_release(struct stage *s)
{
	for (size_t i = 0; s->layers && i < s->n_layers; i++) {
		free(s->layers[i].path);
		cleanup_fd(&s->layers[i].held);
	}
	free(s->layers);
	free(s->name);
	json_decref(s->image);
	json_decref(s->arguments);
	*s = (struct stage){0};
}

/* ---- the configuration --------------------------------------------------------------------- */

json_t *stage_config(const struct stage *s)
{
	return json_object_get(s->image, "config");
}

const char *stage_variable(const void *data, const char *name, size_t n)
{
	const struct stage *s = data;
	const json_t *one;
	const char *key;
	size_t i;
	json_t *value;

	json_array_foreach (json_object_get(stage_config(s), "Env"), i, one) {
		const char *text = json_string_value(one);
		if (text && !strncmp(text, name, n) && text[n] == '=')
			return text + n + 1;
	}
	json_object_foreach (s->arguments, key, value)
		if (strlen(key) == n && !strncmp(key, name, n))
			return json_string_value(value);
	return NULL;
}

int stage_set_env(struct stage *s, const char *name, const char *value)
{
	json_t *list = json_object_get(stage_config(s), "Env"), *one, *pair;
	size_t n = strlen(name), i;

	pair = json_sprintf("%s=%s", name, value);
	if (!pair)
		return -EILSEQ;
	if (!json_is_array(list)) {
		list = json_array();
		json_object_set_new(stage_config(s), "Env", list);
	}
	json_array_foreach (list, i, one) {
		const char *text = json_string_value(one);
		if (text && !strncmp(text, name, n) && text[n] == '=')
			return json_array_set_new(list, i, pair);
	}
	return json_array_append_new(list, pair) < 0 ? -ENOMEM : 0;
}

static int add_history(struct stage *s, const struct layer *layer, const char *created,
        const char *created_by, struct error *err)
{
	json_t *line = json_pack("{s:s, s:s}", "created", created, "created_by", created_by);

	if (!line)
		return error_set(err, EILSEQ, "write history", created_by,
		        "it is not UTF-8, and the configuration of an image, JSON, can hold "
		        "nothing else");
	if (!layer)
		json_object_set_new(line, "empty_layer", json_true());
	json_array_append_new(json_object_get(s->image, "history"), line);
	return 0;
}

int stage_add(struct stage *s, const struct layer *layer, const char *created,
        const char *created_by, struct error *err)
{
	json_t *ids = json_object_get(json_object_get(s->image, "rootfs"), "diff_ids");
	int r = add_history(s, layer, created, created_by, err);

	if (r < 0)
		return r;
	json_object_set_new(s->image, "created", json_string(created));
	if (!layer)
		return 0;
	if (s->n_layers == LAYERS_MAX)
		return error_set(err, E2BIG, "build image", created_by,
		        "an image has at most %d layers: join some steps", LAYERS_MAX);
	s->layers[s->n_layers] = (struct stage_layer){.layer = *layer, .built = true, .held = -1};
	snprintf(s->layers[s->n_layers].media_type, sizeof s->layers->media_type, "%s", OCI_LAYER);
	s->n_layers++;
	return json_array_append_new(ids, json_string(layer->diff_id)) < 0 ? no_memory(err) : 0;
}

int stage_advance_key(struct stage *s, const char *text, size_t n, struct error *err)
{
	struct digest *d = digest_new(DIGEST_SHA256);

	if (!d)
		return no_memory(err);
	digest_add(d, s->key, strlen(s->key));
	digest_add(d, "\n", 1);
	digest_add(d, text, n);
	digest_finish(d, s->key);
	digest_free(d);
	return 0;
}

/* ---- as a container takes it --------------------------------------------------------------- */

static int want_layer(struct stage_layer *l, const struct layout *store,
        const struct build_place *place, struct layer_request *q, struct error *err)
{
	int r = 0;

	if (!l->path) {
		q->from = l->built ? &place->layout : store;
		q->digest = l->layer.digest;
		q->diff_id = l->layer.diff_id;
		r = layer_directory_want(store, q, &l->path, &l->held, err);
	}
	return r < 0 ? r : layer_chain_add(&q->chain, l->layer.diff_id);
}

static int want_layers(struct stage *s, const struct layout *store, const struct build_place *place,
        uid_t uid_offset, struct error *err)
{
	auto_free char **paths = calloc(s->n_layers + 1, sizeof *paths);
	struct layer_request q = {.key = uid_offset};
	int r = paths ? 0 : error_set(err, ENOMEM, "unpack image", "", NULL);

	for (size_t k = 0; r == 0 && k < s->n_layers; k++) {
		q.below = paths + (s->n_layers - k);
		q.n_below = k;
		r = want_layer(&s->layers[k], store, place, &q, err);
		if (r == 0)
			paths[s->n_layers - 1 - k] = s->layers[k].path;
	}
	return r;
}

/* Overlayfs wants a lower directory even where there is no layer. */
static int add_empty(const struct build_place *place, struct image *i)
{
	if (asprintf(&i->layers[0], "%s/empty", place->path) < 0) {
		i->layers[0] = NULL;
		return -ENOMEM;
	}
	i->held[0] = open(i->layers[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	i->n_layers = 1;
	return i->held[0] < 0 ? -errno : 0;
}

static int fill(struct stage *s, const struct build_place *place, const char *name, struct image *i)
{
	int r = 0;

	i->name = strdup(name);
	i->manifest_digest = strdup("");
	i->config = json_dumps(s->image, JSON_COMPACT);
	i->layers = calloc(s->n_layers + 1, sizeof *i->layers);
	i->held = calloc(s->n_layers + 1, sizeof *i->held);
	if (!i->name || !i->manifest_digest || !i->config || !i->layers || !i->held)
		return -ENOMEM;
	if (!s->n_layers)
		return add_empty(place, i);
	i->n_layers = s->n_layers;
	for (size_t k = 0; k < s->n_layers; k++)
		i->held[k] = -1;
	for (size_t k = 0; r == 0 && k < s->n_layers; k++) {
		struct stage_layer copy;
		size_t at = s->n_layers - 1 - k;
		r = copy_layer(&copy, &s->layers[k]);
		i->layers[at] = copy.path;
		i->held[at] = copy.held;
	}
	return r;
}

int stage_image(struct stage *s, const struct layout *store, const struct build_place *place,
        uid_t uid_offset, const char *name, struct image *ret, struct error *err)
{
	struct image i = {0};
	int r = want_layers(s, store, place, uid_offset, err);

	if (r < 0)
		return r;
	r = fill(s, place, name, &i);
	if (r < 0) {
		image_release(&i);
		return error_set(err, -r, "build image", name, NULL);
	}
	*ret = i;
	return 0;
}
