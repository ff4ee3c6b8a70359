/* Preparing an image in this very process: making "base", unpacking layers. */
#include "kernel/store/alias.h"
#include "kernel/store/prepare.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "kernel/base/file.h"
#include "kernel/do/subid.h"
#include "kernel/store/base_image.h"
#include "kernel/store/debian_image.h"
#include "kernel/store/find.h"
#include "kernel/store/layer_directory.h"
#include "kernel/store/store_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whom the unpacked layers are for: `key` tells them apart on the disk, `shift` is added to owners.
 * As root both are the same; in a user namespace the map itself does the shifting. */
struct owners {
	uid_t key, shift;
};

/* Unpacks the layer if it is not yet there. Under the lock: nobody else makes it or takes away what
 * it lies on. */
static int want_layer(
        const struct layer_request *q, const struct owners *o, char **ret, struct error *err)
{
	int r = store_layer_find(q->diff_id, o->key, &q->chain, ret);

	if (r != -ENOENT)
		return r;
	r = layer_to_directory(q, o->shift, err);
	return r < 0 ? r : store_layer_find(q->diff_id, o->key, &q->chain, ret);
}

/* From the lowest up. `paths` is filled from its end, so that the topmost comes first. */
static int want_all(const struct layout *l, const struct store_documents *d, const struct owners *o,
        char **paths, struct error *err)
{
	struct layer_request q = {.from = l, .key = o->key};
	auto_close lock = layout_lock(l, err);
	int r = lock < 0 ? lock : 0;

	for (size_t i = 0; r == 0 && i < d->n_layers; i++) {
		q.digest = store_layer_digest(d, i);
		q.diff_id = store_diff_id(d, i);
		q.below = paths + (d->n_layers - i);
		q.n_below = i;
		r = want_layer(&q, o, &paths[d->n_layers - 1 - i], err);
		if (r == 0)
			r = layer_chain_add(&q.chain, q.diff_id);
	}
	return r;
}

static int want_layers(
        const struct layout *l, const char *digest, const struct owners *o, struct error *err)
{
	struct store_documents d = {0};
	int r = store_read(l, digest, &d, err);
	auto_free char **paths = calloc(d.n_layers + 1, sizeof *paths);

	if (r == 0)
		r = paths ? want_all(l, &d, o, paths, err)
		          : error_set(err, ENOMEM, "unpack image", digest, NULL);
	for (size_t i = 0; paths && i < d.n_layers; i++)
		free(paths[i]);
	store_documents_release(&d);
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
	struct found f = {0};
	auto_free char *alias = image_alias(name, NULL);
	int r = store_find_to_run(l, name, &f, &missing);

	if (r == 0)
		memcpy(digest, f.digest, DIGEST_TEXT);
	else if (r == -ENOENT && !strcmp(alias ? alias : name, "base"))
		r = make_base(l, false, digest, err);
	else if (err && !err->code)
		*err = missing;
	if (r == -ENOENT && err && !strcmp(name, DEBIAN_IMAGE))
		snprintf(err->advice, sizeof err->advice,
		        "'cutaway images --make " DEBIAN_IMAGE "' makes it, of packages from the "
		        "network");
	found_release(&f);
	return r;
}

static int prepare(const char *name, const struct owners *o, struct error *err)
{
	char digest[DIGEST_TEXT];
	struct error damage = {0};
	struct layout l = {0};
	int r = store_open(&l, err);

	if (r == 0)
		r = find_or_make(&l, name, digest, err);
	if (r == 0) {
		r = want_layers(&l, digest, o, &damage);
		/* What is damaged and can be made here is made again. */
		if ((r == -EBADMSG || r == -ENOENT) && !strcmp(name, "base")) {
			r = make_base(&l, true, digest, err);
			if (r == 0)
				r = want_layers(&l, digest, o, err);
		} else if (r < 0 && err && !err->code) {
			*err = damage;
		}
	}
	layout_release(&l);
	return r;
}

struct inside {
	const char *name, *data;
	uid_t key;
};

/* As root in a user namespace, where one's home would be looked for in another place. */
static int prepare_inside(void *argument, struct error *err)
{
	const struct inside *in = argument;
	const struct owners o = {.key = in->key, .shift = 0};

	if (setenv("XDG_DATA_HOME", in->data, 1) < 0)
		return error_set(err, errno, "prepare image", in->name, NULL);
	return prepare(in->name, &o, err);
}

int store_prepare(const char *name, uid_t uid_offset, struct error *err)
{
	const struct owners o = {.key = uid_offset, .shift = uid_offset};
	auto_free char *data = NULL;
	struct inside in = {.name = name, .key = uid_offset};
	int r;

	if (geteuid() == 0 || !uid_offset)
		return prepare(name, &o, err);
	r = dirs_path(DIRS_DATA, NULL, true, &data, err);
	if (r < 0)
		return r;
	*strrchr(data, '/') = '\0'; /* what "/cutaway" was joined to */
	in.data = data;
	return subid_run(prepare_inside, &in, err);
}
