#include "kernel/store/collect.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "kernel/base/file.h"
#include "kernel/do/subid.h"
#include "kernel/store/blob.h"
#include "kernel/store/partial.h"
#include "kernel/store/repository.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

enum {
	DEPTH_MAX = 8,        /* indexes in indexes; real ones have one or two */
	PUSH_MAX = 24 * 3600, /* seconds: a blob comes before the manifest that needs it */
};

/* What is reachable: sets of hexadecimal digits, as keys of JSON objects. `images` are the
 * manifests and indexes that have been gone into: once each, or eight indexes that name one another
 * a hundred times would keep us for ever. */
struct marks {
	json_t *blobs, *layers, *images;
};

static void mark(json_t *set, const char *digest)
{
	if (digest_valid(digest))
		json_object_set_new(set, digest_hex(digest), json_true());
}

static void mark_config(const struct layout *l, const char *digest, struct marks *m)
{
	json_t *config = NULL, *id;
	size_t i;

	mark(m->blobs, digest);
	if (layout_get_json(l, digest, &config, NULL) < 0)
		return;
	json_array_foreach (json_object_get(json_object_get(config, "rootfs"), "diff_ids"), i, id)
		mark(m->layers, json_string_value(id));
	json_decref(config);
}

static const char *digest_in(const json_t *descriptor)
{
	return json_string_value(json_object_get(descriptor, "digest"));
}

/* A manifest, or an index of such. */
static void mark_image(const struct layout *l, const char *digest, int depth, struct marks *m)
{
	json_t *document = NULL, *one;
	size_t i;

	if (!digest_valid(digest) || json_object_get(m->images, digest))
		return;
	mark(m->blobs, digest);
	json_object_set_new(m->images, digest, json_true());
	if (depth > DEPTH_MAX || layout_get_json(l, digest, &document, NULL) < 0)
		return;
	json_array_foreach (json_object_get(document, "manifests"), i, one)
		mark_image(l, digest_in(one), depth + 1, m);
	json_array_foreach (json_object_get(document, "layers"), i, one)
		mark(m->blobs, digest_in(one));
	one = json_object_get(document, "config");
	if (one)
		mark_config(l, digest_in(one), m);
	json_decref(document);
}

/* What a repository has is needed; but a blob that no manifest has named in a day is one of a push
 * that was given up, or of an image that was deleted. */
static void mark_blobs(const struct repository *r, struct marks *m)
{
	json_t *blobs = repository_blobs(r), *digest;
	size_t i;

	json_array_foreach (blobs, i, digest) {
		const char *text = json_string_value(digest);
		if (!json_object_get(m->blobs, digest_hex(text)) &&
		        time(NULL) - repository_blob_time(r, text) > PUSH_MAX)
			repository_remove_blob(r, text, NULL);
		else
			mark(m->blobs, text);
	}
	json_decref(blobs);
}

static void mark_repositories(const struct layout *l, struct marks *m)
{
	json_t *names = repository_names(l), *name, *digest;
	size_t i, k;

	json_array_foreach (names, i, name) {
		struct repository r = {.layout = l, .name = json_string_value(name)};
		json_t *manifests = repository_manifests(&r);
		json_array_foreach (manifests, k, digest)
			mark_image(l, json_string_value(digest), 0, m);
		json_decref(manifests);
	}
	json_array_foreach (names, i, name) {
		struct repository r = {.layout = l, .name = json_string_value(name)};
		mark_blobs(&r, m);
	}
	json_decref(names);
}

/* How many digits of a sum the name begins with; 0 when it is none. Behind them may stand
 * ".OFFSET", see store.h. */
static size_t sum_digits(const char *name)
{
	size_t n = strspn(name, "0123456789abcdef");

	return (n == 64 || n == 128) && (!name[n] || name[n] == '.') ? n : 0;
}

static bool is_marked(const json_t *set, const char *name)
{
	char hex[DIGEST_TEXT];

	snprintf(hex, sizeof hex, "%.*s", (int)sum_digits(name), name);
	return json_object_get(set, hex);
}

/* A hidden file that nobody has locked is what a killed writer left; layer_write.c has only one,
 * and that under the layout's lock, which is ours. */
static bool is_abandoned(int blobs, const char *name)
{
	auto_close fd = -1;

	if (file_abandoned(name) || !strcmp(name, ".layer.tmp"))
		return true;
	if (strncmp(name, BLOB_HIDDEN, strlen(BLOB_HIDDEN)) != 0)
		return false;
	fd = openat(blobs, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
}

static int sweep_blobs(const struct layout *l, enum digest_algorithm algorithm,
        const struct marks *m, struct collected *c, struct error *err)
{
	auto_dir d = NULL;
	int fd = openat(
	        l->blobs, digest_algorithm_name(algorithm), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *e;

	if (fd < 0 && errno == ENOENT && algorithm != DIGEST_SHA256)
		return 0; /* made when the first of its kind comes */
	if (fd < 0 || !(d = fdopendir(fd)))
		return error_set(err, errno, "look through blobs", l->path, NULL);
	while ((e = readdir(d))) {
		struct stat st;
		if (!is_abandoned(fd, e->d_name) &&
		        (!sum_digits(e->d_name) || is_marked(m->blobs, e->d_name)))
			continue;
		if (fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		        unlinkat(fd, e->d_name, 0) < 0)
			return error_set(err, errno, "remove blob", e->d_name, NULL);
		c->blobs++;
		c->bytes += (uint64_t)st.st_size;
	}
	return 0;
}

/* A name that nobody finds, then the files: who looks meanwhile sees all of it or none. */
static int remove_layer(int layers, const char *name, struct collected *c, struct error *err)
{
	static const char hidden[] = ".removing";
	auto_close fd = openat(layers, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	int r;

	if (fd < 0)
		return error_set(err, errno, "remove layer", name, NULL);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		c->in_use++;
		return 0;
	}
	r = subid_remove_tree(layers, hidden);
	if (r == 0 && renameat(layers, name, layers, hidden) < 0)
		r = -errno;
	if (r == 0)
		r = subid_remove_tree(layers, hidden);
	if (r < 0)
		return error_set(err, -r, "remove layer", name, NULL);
	c->layers++;
	return 0;
}

static int sweep_layers(const struct marks *m, struct collected *c, struct error *err)
{
	static const char *const left[] = {".unpacking", ".removing"};
	auto_free char *path = NULL;
	auto_dir d = NULL;
	struct dirent *e;
	int r = dirs_path(DIRS_DATA, "layers", true, &path, err);

	if (r < 0)
		return r;
	d = opendir(path);
	if (!d)
		return error_set(err, errno, "look through layers", path, NULL);
	while (r == 0 && (e = readdir(d)))
		if (sum_digits(e->d_name) && !is_marked(m->layers, e->d_name))
			r = remove_layer(dirfd(d), e->d_name, c, err);
	/* Left by one of us who was killed: whoever fills or empties them has the lock. */
	for (size_t i = 0; r == 0 && i < sizeof left / sizeof *left; i++) {
		r = subid_remove_tree(dirfd(d), left[i]);
		if (r < 0)
			error_set(err, -r, "remove unfinished layer", left[i], NULL);
	}
	return r;
}

/* Of index.json, replaced as a whole. */
static void sweep_documents(const struct layout *l)
{
	auto_dir d = fdopendir(openat(l->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (file_abandoned(e->d_name))
			unlinkat(l->dir, e->d_name, 0);
}

static int collect(
        const struct layout *l, bool with_layers, struct collected *ret, struct error *err)
{
	struct marks m = {.blobs = json_object(), .layers = json_object(), .images = json_object()};
	json_t *index = NULL, *descriptor;
	struct collected c = {0};
	size_t i;
	int r = m.blobs && m.layers && m.images ? layout_index(l, &index, err)
	                                        : error_set(err, ENOMEM, "collect", l->path, NULL);

	json_array_foreach (json_object_get(index, "manifests"), i, descriptor)
		mark_image(l, digest_in(descriptor), 0, &m);
	if (r == 0)
		mark_repositories(l, &m);
	for (enum digest_algorithm a = 0; r == 0 && a < DIGEST_ALGORITHMS; a++)
		r = sweep_blobs(l, a, &m, &c, err);
	if (r == 0) {
		repository_prune(l);
		sweep_documents(l);
	}
	if (r == 0)
		r = partial_collect(l, PARTIAL_KEPT, &c, err);
	if (r == 0 && with_layers)
		r = sweep_layers(&m, &c, err);
	if (r == 0)
		*ret = c;
	json_decref(index);
	json_decref(m.blobs);
	json_decref(m.layers);
	json_decref(m.images);
	return r;
}

int store_collect(const struct layout *l, struct collected *ret, struct error *err)
{
	return collect(l, true, ret, err);
}

int store_collect_blobs(const struct layout *l, struct collected *ret, struct error *err)
{
	return collect(l, false, ret, err);
}
