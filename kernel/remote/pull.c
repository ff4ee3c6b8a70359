#include "kernel/remote/pull.h"

#include "kernel/base/cleanup.h"
#include "kernel/remote/download.h"
#include "kernel/remote/fetch.h"
#include "kernel/remote/retry.h"
#include "kernel/store/blob.h"
#include "kernel/store/collect.h"
#include "kernel/store/layer_type.h"
#include "kernel/store/store_read.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { DEPTH_MAX = 4, ROUNDS = 3 };

struct pull {
	const struct reference *image;
	const struct pull_options *options;
	const struct progress *progress;
	struct layout layout;
	struct remote *remote;
	struct document documents[DEPTH_MAX + 1]; /* from what the name means to the manifest */
	size_t n_documents;
	struct descriptor *layers;
	size_t n_layers;
	struct transfer_item *items; /* the configuration, then each layer once */
	struct partial **partials;
	size_t n;
	struct error *err;
};

void pulled_release(struct pulled *p)
{
	free(p->items);
	*p = (struct pulled){0};
}

static struct document *manifest_of(struct pull *p)
{
	return &p->documents[p->n_documents - 1];
}

/* --- what the image consists of --- */

static int fetch_chosen(struct pull *p, const struct document *index)
{
	char text[PLATFORM_TEXT];
	struct platform here;
	const struct platform *wanted = p->options->platform;
	struct descriptor entry;
	size_t i = 0;
	int r;

	if (!wanted) {
		platform_here(&here);
		wanted = &here;
	}
	r = platform_choose(
	        json_object_get(index->json, "manifests"), wanted, index->digest, &i, p->err);
	if (r == 0)
		r = document_entry(index, i, &entry, p->err);
	if (r < 0)
		return r;
	platform_format(wanted, text);
	progress_note(p->progress, "index of %zu manifests: for %s %.19s",
	        json_array_size(json_object_get(index->json, "manifests")), text, entry.digest);
	return fetch_document(p->remote, entry.digest, &entry, p->progress,
	        &p->documents[p->n_documents], p->err);
}

static int fetch_documents(struct pull *p)
{
	const char *word = p->image->digest[0] ? p->image->digest : p->image->tag;
	int r = fetch_document(p->remote, word, NULL, p->progress, &p->documents[0], p->err);

	while (r == 0) {
		const struct document *last = &p->documents[p->n_documents++];
		if (!last->is_index)
			return 0;
		if (p->n_documents > DEPTH_MAX)
			return error_set(p->err, ELOOP, "choose platform", p->documents[0].digest,
			        "an index in an index in an index, too deep");
		r = fetch_chosen(p, last);
	}
	return r;
}

/* A blob that stands in the manifest twice is fetched once. */
static int add_item(struct pull *p, const char *name, const struct descriptor *d)
{
	for (size_t i = 0; i < p->n; i++) {
		if (strcmp(p->items[i].digest, d->digest) != 0)
			continue;
		if (p->items[i].size == d->size)
			return 0;
		return error_set(p->err, EBADMSG, "read manifest", manifest_of(p)->digest,
		        "%s is there twice, with two sizes", d->digest);
	}
	snprintf(p->items[p->n].name, sizeof p->items[p->n].name, "%s", name);
	digest_copy(p->items[p->n].digest, d->digest);
	p->items[p->n].size = d->size;
	p->n++;
	return 0;
}

static int list_items(struct pull *p)
{
	struct descriptor config;
	int r = document_config(manifest_of(p), &config, p->err);

	if (r == 0)
		r = document_layers(manifest_of(p), &p->layers, &p->n_layers, p->err);
	if (r < 0)
		return r;
	p->items = calloc(p->n_layers + 1, sizeof *p->items);
	p->partials = calloc(p->n_layers + 1, sizeof *p->partials);
	if (!p->items || !p->partials)
		return error_set(p->err, ENOMEM, "pull image", config.digest, NULL);
	r = add_item(p, "config", &config);
	for (size_t i = 0; i < p->n_layers && r == 0; i++) {
		char name[sizeof p->items->name];
		if (layer_type_compression(p->layers[i].media_type) == LAYER_UNKNOWN)
			return error_set(p->err, EBADMSG, "read manifest", manifest_of(p)->digest,
			        "layers[%zu]: mediaType '%.80s' is no layer", i,
			        p->layers[i].media_type);
		snprintf(name, sizeof name, "layer %zu", i + 1);
		r = add_item(p, name, &p->layers[i]);
	}
	return r;
}

/* --- the bytes --- */

/* A descriptor of the item's file, hidden or not; the caller's. */
static int open_item(struct pull *p, size_t i)
{
	int fd = p->partials[i] ? dup(partial_fd(p->partials[i]))
	                        : layout_open_blob(&p->layout, p->items[i].digest, p->err);

	return fd >= 0 || !p->partials[i]
	               ? fd
	               : error_set(p->err, errno, "read blob", p->items[i].digest, NULL);
}

/* Before layers are fetched for it, the configuration has to be one. */
static int fetch_config(struct pull *p)
{
	auto_buf bytes = BUF_INIT;
	int r = download(p->remote, &p->layout, p->items, 1, p->partials, NULL, p->err);
	auto_close fd = r < 0 ? -1 : open_item(p, 0);
	char chunk[4096];
	off_t at = 0;
	ssize_t n;

	if (fd < 0)
		return r < 0 ? r : fd;
	while ((n = pread(fd, chunk, sizeof chunk, at)) > 0) {
		buf_add_bytes(&bytes, chunk, (size_t)n);
		at += n;
	}
	if (n < 0 || buf_failed(&bytes))
		return error_set(
		        p->err, n < 0 ? errno : ENOMEM, "read config", p->items[0].digest, NULL);
	return document_check_config(&bytes, p->items[0].digest, p->n_layers, p->err);
}

static size_t item_of(const struct pull *p, const char *digest)
{
	size_t i = 0;

	while (strcmp(p->items[i].digest, digest) != 0)
		i++;
	return i;
}

/* That a layer is compressed as its media type says. */
static int check_layers(struct pull *p)
{
	for (size_t i = 0; i < p->n_layers; i++) {
		const struct descriptor *d = &p->layers[i];
		auto_close fd = open_item(p, item_of(p, d->digest));
		enum layer_compression says = layer_type_compression(d->media_type), is;
		if (fd < 0)
			return fd;
		is = layer_file_compression(fd);
		if (is != says)
			return error_set(p->err, EBADMSG, "verify layer", d->digest,
			        "mediaType says %s, the file is %s", layer_compression_name(says),
			        layer_compression_name(is));
	}
	return 0;
}

/* --- the names --- */

static int put_document(struct pull *p, const struct document *d)
{
	struct blob_writer *w = NULL;
	char digest[DIGEST_TEXT];
	int r = blob_writer_new(&p->layout, digest_algorithm(d->digest), &w, p->err);

	if (r == 0)
		r = blob_add(w, d->bytes.data, d->bytes.len, p->err);
	if (r == 0)
		r = blob_finish(w, d->digest, digest, p->err);
	blob_writer_free(w);
	return r;
}

static void name_to_keep(const struct pull *p, char ret[REFERENCE_TEXT])
{
	struct reference name = *p->image;

	name.scheme[0] = '\0';
	if (name.digest[0])
		name.tag[0] = '\0';
	reference_format(&name, ret);
}

/* What was there without us may have been collected meanwhile: -EAGAIN. */
static int publish(struct pull *p)
{
	for (size_t i = 0; i < p->n; i++) {
		char path[DIGEST_TEXT];
		int r = p->partials[i] ? partial_publish(p->partials[i], p->err) : 0;
		if (r < 0)
			return r;
		digest_path(p->items[i].digest, path);
		if (faccessat(p->layout.blobs, path, F_OK, 0) < 0)
			return -EAGAIN;
	}
	return 0;
}

static int enter(struct pull *p, struct pulled *ret)
{
	const struct document *named = p->options->platform ? manifest_of(p) : &p->documents[0];
	struct store_documents read = {0};
	int r = 0;

	for (size_t i = 0; i < p->n_documents && r == 0; i++)
		if (&p->documents[i] >= named)
			r = put_document(p, &p->documents[i]);
	if (r == 0)
		r = store_read(&p->layout, manifest_of(p)->digest, &read, p->err);
	store_documents_release(&read);
	name_to_keep(p, ret->name);
	if (r == 0)
		r = layout_name(&p->layout, ret->name, named->media_type, named->digest,
		        named->bytes.len, p->err);
	if (r < 0)
		return r;
	digest_copy(ret->digest, named->digest);
	digest_copy(ret->manifest, manifest_of(p)->digest);
	memcpy(ret->media_type, named->media_type, sizeof ret->media_type);
	return 0;
}

/* What fails here takes back what it published. */
static int commit(struct pull *p, struct pulled *ret)
{
	auto_close lock = layout_lock(&p->layout, p->err);
	struct collected ignored;
	int r = lock < 0 ? lock : publish(p);

	if (r == 0)
		r = enter(p, ret);
	if (r < 0 && r != -EAGAIN && lock >= 0)
		store_collect(&p->layout, &ignored, NULL);
	return r;
}

static void let_go(struct pull *p, bool keep)
{
	for (size_t i = 0; i < p->n; i++) {
		if (keep && p->partials[i] && partial_size(p->partials[i]) > 0)
			partial_free(p->partials[i]);
		else
			partial_discard(p->partials[i]);
		p->partials[i] = NULL;
	}
}

static int pull_all(struct pull *p, struct pulled *ret)
{
	int r = store_open(&p->layout, p->err);

	if (r == 0)
		r = remote_open(p->image, "pull", NULL, 0, &p->options->remote, &p->remote, p->err);
	if (r == 0)
		r = fetch_documents(p);
	if (r == 0)
		r = list_items(p);
	for (int round = 0; r == 0; round++) {
		r = fetch_config(p);
		if (r == 0)
			r = download(p->remote, &p->layout, p->items, p->n, p->partials,
			        p->progress, p->err);
		if (r == 0)
			r = check_layers(p);
		if (r == 0)
			r = commit(p, ret);
		if (r != -EAGAIN || round == ROUNDS)
			break;
		let_go(p, true);
		r = 0;
	}
	if (r == -EAGAIN)
		r = error_set(p->err, EAGAIN, "pull image", ret->name,
		        "what is fetched is removed again by somebody else");
	return r;
}

/* What came of it, when the line broke, is worth something. */
static bool is_worth_keeping(int r)
{
	return r == 0 || retry_is_worth(r);
}

static void advise(struct pull *p, int r)
{
	uint64_t kept = 0;

	for (size_t i = 0; i < p->n; i++)
		if (p->partials[i])
			kept += partial_size(p->partials[i]);
	if (retry_is_worth(r) && kept > 0)
		error_advise(p->err,
		        "the %llu bytes that came are kept: the next pull goes on behind them",
		        (unsigned long long)kept);
}

int image_pull(const struct reference *image, const struct pull_options *options,
        const struct progress *progress, struct pulled *ret, struct error *err)
{
	struct pull p = {.image = image, .options = options, .progress = progress, .err = err};
	struct pulled pulled = {0};
	int r = pull_all(&p, &pulled);

	if (r < 0)
		advise(&p, r);
	if (r == 0) {
		*ret = pulled;
		ret->items = steal_ptr(p.items);
		ret->n = p.n;
	}
	if (p.partials)
		let_go(&p, is_worth_keeping(r));
	remote_free(p.remote);
	for (size_t i = 0; i < p.n_documents; i++)
		document_release(&p.documents[i]);
	free(p.layers);
	free(p.items);
	free(p.partials);
	layout_release(&p.layout);
	return r;
}
