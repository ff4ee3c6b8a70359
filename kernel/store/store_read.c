#include "kernel/store/store_read.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "kernel/store/digest.h"
#include "kernel/store/platform.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { MAX_LAYERS = 127 }; /* what docker's overlay driver allows; the kernel's own limit is 500 */

int store_open(struct layout *ret, struct error *err)
{
	auto_free char *path = NULL;
	int r = dirs_path(DIRS_DATA, "store", true, &path, err);

	return r < 0 ? r : layout_open(path, ret, err);
}

int store_open_there(struct layout *ret, struct error *err)
{
	auto_free char *path = NULL;
	int r = dirs_path(DIRS_DATA, "store", false, &path, err);

	return r < 0 ? r : layout_open_there(path, ret, err);
}

int store_layer_path(const char *diff_id, uid_t offset, char **ret, struct error *err)
{
	auto_free char *below = NULL;
	int n = offset ? asprintf(&below, "layers/%s.%u", digest_hex(diff_id), (unsigned)offset)
	               : asprintf(&below, "layers/%s", digest_hex(diff_id));

	if (n < 0)
		return error_set(err, ENOMEM, "unpack layer", diff_id, NULL);
	return dirs_path(DIRS_DATA, below, false, ret, err);
}

int layer_chain_add(struct layer_chain *c, const char *diff_id)
{
	auto_buf text = BUF_INIT;

	buf_addf(&text, "%s %s", c->text, diff_id);
	return buf_failed(&text) ? -ENOMEM
	                         : digest_of(DIGEST_SHA256, buf_text(&text), text.len, c->text);
}

/* Half of the sum: 128 bits tell apart what one layer lies on. */
int store_layer_path_on(const char *diff_id, uid_t offset, const struct layer_chain *below,
        char **ret, struct error *err)
{
	auto_free char *plain = NULL;
	int r = store_layer_path(diff_id, offset, &plain, err);

	if (r < 0)
		return r;
	if (asprintf(ret, "%s.on.%.32s", plain, below->text[0] ? digest_hex(below->text) : "") < 0)
		return error_set(err, ENOMEM, "unpack layer", diff_id, NULL);
	return 0;
}

int store_layer_find(const char *diff_id, uid_t offset, const struct layer_chain *below, char **ret)
{
	auto_free char *plain = NULL, *on = NULL;
	int r = store_layer_path(diff_id, offset, &plain, NULL);

	if (r == 0)
		r = store_layer_path_on(diff_id, offset, below, &on, NULL);
	if (r < 0)
		return r;
	if (access(plain, F_OK) == 0)
		*ret = steal_ptr(plain);
	else if (access(on, F_OK) == 0)
		*ret = steal_ptr(on);
	else
		return -ENOENT;
	return 0;
}

static const json_t *layers_of(const struct store_documents *d)
{
	return json_object_get(d->manifest, "layers");
}

static const json_t *ids_of(const struct store_documents *d)
{
	return json_object_get(json_object_get(d->config, "rootfs"), "diff_ids");
}

const char *store_layer_digest(const struct store_documents *d, size_t i)
{
	return json_string_value(json_object_get(json_array_get(layers_of(d), i), "digest"));
}

const char *store_diff_id(const struct store_documents *d, size_t i)
{
	return json_string_value(json_array_get(ids_of(d), i));
}

static int check_layers(struct store_documents *d, const char *name, struct error *err)
{
	size_t n = json_array_size(layers_of(d));

	if (n == 0 || n > MAX_LAYERS || n != json_array_size(ids_of(d)))
		return error_set(err, EBADMSG, "read image", name, "%zu layers and %zu diff ids", n,
		        json_array_size(ids_of(d)));
	for (size_t i = 0; i < n; i++)
		if (!digest_valid(store_layer_digest(d, i)) || !digest_valid(store_diff_id(d, i)))
			return error_set(
			        err, EBADMSG, "read image", name, "layer %zu has no digest", i + 1);
	d->n_layers = n;
	return 0;
}

int store_read(
        const struct layout *l, const char *digest, struct store_documents *ret, struct error *err)
{
	const json_t *config;
	char manifest[DIGEST_TEXT];
	int r = platform_pick(l, digest, manifest, err);

	if (r == 0)
		r = layout_get_json(l, manifest, &ret->manifest, err);

	if (r < 0)
		return r;
	config = json_object_get(ret->manifest, "config");
	r = layout_get(
	        l, json_string_value(json_object_get(config, "digest")), &ret->config_text, err);
	if (r < 0)
		return r;
	ret->config = json_loadb(buf_text(&ret->config_text), ret->config_text.len, 0, NULL);
	if (!ret->config)
		return error_set(err, EBADMSG, "read image", digest, "its config is not JSON");
	return check_layers(ret, digest, err);
}

void store_documents_release(struct store_documents *d)
{
	json_decref(d->manifest);
	json_decref(d->config);
	buf_release(&d->config_text);
	*d = (struct store_documents){0};
}
