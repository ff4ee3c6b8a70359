/* Images of this machine, each layer once, however many images have it.
 *
 * All content of the store is named by its digest, so that nothing of an image changes while the
 * index says the same: the documents are read when the index is new, and kept. */
#include "kernel/observe/reading.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "kernel/store/reference.h"
#include "kernel/store/store_read.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

struct image_cache {
	struct stat index; /* index.json that the entries are from; st_ino 0 = none */
	struct kept_image {
		char *name, *digest;
		struct store_documents documents;
		bool whole; /* the documents could be read */
	} * all;
	size_t n;
};

struct image_cache *image_cache_new(void)
{
	return calloc(1, sizeof(struct image_cache));
}

static void forget(struct image_cache *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->all[i].name);
		free(c->all[i].digest);
		store_documents_release(&c->all[i].documents);
	}
	free(c->all);
	*c = (struct image_cache){0};
}

void image_cache_free(struct image_cache *c)
{
	if (c)
		forget(c);
	free(c);
}

static char *copy_of(const char *text)
{
	return strdup(text ? text : "");
}

static int keep(struct image_cache *c, const struct layout *l, const json_t *manifests)
{
	size_t n = json_array_size(manifests);

	n = n < READING_MAX_IMAGES ? n : READING_MAX_IMAGES;
	c->all = calloc(n + 1, sizeof *c->all);
	if (!c->all)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const json_t *descriptor = json_array_get(manifests, i);
		const char *digest = json_string_value(json_object_get(descriptor, "digest"));
		struct kept_image *k = &c->all[c->n];

		if (!digest || !digest_valid(digest))
			continue;
		c->n++;
		k->name = copy_of(layout_name_of(descriptor));
		k->digest = copy_of(digest);
		if (!k->name || !k->digest)
			return -ENOMEM;
		k->whole = store_read(l, digest, &k->documents, NULL) == 0;
	}
	return 0;
}

/* Brings the cache up to date. A store that is not there, or not readable, has no images. */
static int refresh(struct image_cache *c)
{
	auto_free char *path = NULL;
	struct layout l = {0};
	json_t *index = NULL;
	struct stat st;
	int r = 0;

	if (dirs_path(DIRS_DATA, "store/index.json", false, &path, NULL) < 0 ||
	        stat(path, &st) < 0) {
		forget(c);
		return 0;
	}
	if (c->index.st_ino == st.st_ino && c->index.st_size == st.st_size &&
	        c->index.st_mtim.tv_sec == st.st_mtim.tv_sec &&
	        c->index.st_mtim.tv_nsec == st.st_mtim.tv_nsec)
		return 0;
	forget(c);
	if (store_open(&l, NULL) == 0 && layout_index(&l, &index, NULL) == 0) {
		r = keep(c, &l, json_object_get(index, "manifests"));
		c->index = st;
	}
	json_decref(index);
	layout_release(&l);
	return r;
}

/* ---- from documents to the model ---- */

static const char *string_of(struct reading *r, const char *text)
{
	return text ? reading_string(r, text, strlen(text)) : "";
}

static const char *member(struct reading *r, const json_t *object, const char *key)
{
	return string_of(r, json_string_value(json_object_get(object, key)));
}

/* The line of the history that made layer `n`: the n-th that is not said to have made none. */
static const char *created_by(struct reading *r, const json_t *config, size_t n)
{
	json_t *line;
	size_t i;

	json_array_foreach (json_object_get(config, "history"), i, line)
		if (!json_is_true(json_object_get(line, "empty_layer")) && n-- == 0)
			return member(r, line, "created_by");
	return "";
}

/* For uid 0 as the kernel sees it, or else for whichever owner: layers/HEX, layers/HEX.UID. */
static const char *unpacked(struct reading *r, const char *diff_id)
{
	auto_free char *path = NULL, *all = NULL;
	auto_dir dir = NULL;
	size_t n = strlen(digest_hex(diff_id));
	const struct dirent *e;
	auto_buf found = BUF_INIT;

	if (store_layer_path(diff_id, 0, &path, NULL) < 0)
		return "";
	if (access(path, F_OK) == 0)
		return string_of(r, path);
	if (dirs_path(DIRS_DATA, "layers", false, &all, NULL) == 0)
		dir = opendir(all);
	while (dir && (e = readdir(dir)))
		if (!strncmp(e->d_name, digest_hex(diff_id), n) && e->d_name[n] == '.') {
			buf_addf(&found, "%s/%s", all, e->d_name);
			break;
		}
	return string_of(r, buf_text(&found));
}

static int find_layer(const struct model *m, const char *diff_id)
{
	for (size_t i = 0; i < m->n_layers; i++)
		if (!strcmp(m->layers[i].diff_id, diff_id))
			return (int)i;
	return -1;
}

static int layer_of(struct reading *r, const struct store_documents *d, size_t n)
{
	struct model *m = r->model;
	const char *diff_id = store_diff_id(d, n);
	const json_t *descriptor = json_array_get(json_object_get(d->manifest, "layers"), n);
	int at = find_layer(m, diff_id);

	if (at >= 0)
		return at;
	m->layers[m->n_layers] = (struct model_layer){
	        .diff_id = string_of(r, diff_id),
	        .digest = string_of(r, store_layer_digest(d, n)),
	        .created_by = created_by(r, d->config, n),
	        .directory = unpacked(r, diff_id),
	        .size = (uint64_t)json_integer_value(json_object_get(descriptor, "size")),
	};
	return (int)m->n_layers++;
}

/* Two names of one image count once. */
static bool is_first_of_digest(const struct model *m, const struct model_image *i)
{
	for (const struct model_image *before = m->images; before < i; before++)
		if (!strcmp(before->digest, i->digest))
			return false;
	return true;
}

static int add_layers(struct reading *r, const struct store_documents *d, struct model_image *i)
{
	int *list = arena_alloc(&r->model->arena, d->n_layers * sizeof *list);

	if (!list)
		return -ENOMEM;
	for (size_t n = 0; n < d->n_layers; n++) {
		list[n] = layer_of(r, d, n);
		i->size += r->model->layers[list[n]].size;
		if (is_first_of_digest(r->model, i))
			r->model->layers[list[n]].images++;
	}
	i->layers = list;
	i->n_layers = d->n_layers;
	return 0;
}

static void add_words(struct buf *out, const json_t *words)
{
	json_t *word;
	size_t i;

	json_array_foreach (words, i, word)
		if (json_is_string(word))
			buf_addf(out, "%s%s", out->len ? " " : "", json_string_value(word));
}

static void describe(struct reading *r, const struct store_documents *d, struct model_image *i)
{
	const json_t *runs = json_object_get(d->config, "config");
	auto_buf text = BUF_INIT;

	i->config = member(r, json_object_get(d->manifest, "config"), "digest");
	add_words(&text, json_object_get(runs, "Entrypoint"));
	add_words(&text, json_object_get(runs, "Cmd"));
	i->command = string_of(r, buf_text(&text));
	buf_reset(&text);
	buf_addf(&text, "%s/%s", member(r, d->config, "os"), member(r, d->config, "architecture"));
	i->platform = string_of(r, buf_text(&text));
}

/* The parts of the full URL that the name stands for. */
static void take_apart(struct reading *r, struct model_image *i)
{
	struct reference given, full;
	bool added[REFERENCE_PARTS];
	auto_buf text = BUF_INIT;

	i->registry = i->path = i->tag = "";
	if (!*i->name || reference_parse(i->name, &given, NULL, NULL) < 0)
		return;
	reference_complete(&given, &full, added);
	buf_addf(&text, "%s%s%s", full.host, *full.port ? ":" : "", full.port);
	i->registry = string_of(r, buf_text(&text));
	buf_reset(&text);
	buf_addf(&text, "%s%s%s", full.name_space, *full.name_space ? "/" : "", full.repository);
	i->path = string_of(r, buf_text(&text));
	i->tag = string_of(r, full.tag);
}

static int add_image(struct reading *r, const struct kept_image *k)
{
	struct model_image *i = &r->model->images[r->model->n_images++];

	*i = (struct model_image){
	        .name = string_of(r, k->name),
	        .digest = string_of(r, k->digest),
	        .config = "",
	        .platform = "",
	        .command = "",
	};
	take_apart(r, i);
	if (!k->whole)
		return 0;
	describe(r, &k->documents, i);
	return add_layers(r, &k->documents, i);
}

int images_read(struct reading *r)
{
	struct model *m = r->model;
	const struct image_cache *c = r->images;
	size_t layers = 0;
	int result = r->live ? refresh(r->images) : 0;

	for (size_t i = 0; i < c->n; i++)
		layers += c->all[i].documents.n_layers;
	if (result < 0 || !c->n)
		return result;
	m->images = arena_alloc(&m->arena, c->n * sizeof *m->images);
	m->layers = arena_alloc(&m->arena, (layers + 1) * sizeof *m->layers);
	if (!m->images || !m->layers)
		return -ENOMEM;
	for (size_t i = 0; i < c->n && result == 0; i++)
		result = add_image(r, &c->all[i]);
	return result;
}
