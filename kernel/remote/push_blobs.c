#include "kernel/remote/push_blobs.h"

#include "kernel/base/cleanup.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum { DEPTH_MAX = 4 };

void push_blobs_release(struct push_blobs *b)
{
	for (size_t i = 0; i < b->n_documents; i++)
		document_release(&b->documents[i]);
	free(b->items);
	*b = (struct push_blobs){0};
}

/* The blob has to be here, of that size. */
static int check_blob(const struct layout *l, const struct descriptor *d, struct error *err)
{
	auto_close fd = layout_open_blob(l, d->digest, err);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return error_set(err, errno, "read blob", d->digest, NULL);
	if ((uint64_t)st.st_size == d->size)
		return 0;
	return error_set(err, EBADMSG, "read blob", d->digest,
	        "it has %lld bytes, not the %llu that its manifest says", (long long)st.st_size,
	        (unsigned long long)d->size);
}

static int add_item(const struct layout *l, struct push_blobs *b, const char *name,
        const struct descriptor *d, struct error *err)
{
	int r;

	for (size_t i = 0; i < b->n; i++)
		if (!strcmp(b->items[i].digest, d->digest))
			return 0;
	r = check_blob(l, d, err);
	if (r < 0)
		return r;
	if (b->n == b->cap) {
		size_t more = b->cap ? b->cap * 2 : 32;
		void *grown = realloc(b->items, more * sizeof *b->items);
		if (!grown)
			return error_set(err, ENOMEM, "send image", d->digest, NULL);
		b->items = grown;
		b->cap = more;
	}
	b->items[b->n] = (struct transfer_item){.size = d->size};
	snprintf(b->items[b->n].name, sizeof b->items[b->n].name, "%s", name);
	digest_copy(b->items[b->n].digest, d->digest);
	b->n++;
	return 0;
}

static int add_manifest(
        const struct layout *l, struct push_blobs *b, const struct document *d, struct error *err)
{
	struct descriptor *layers = NULL, config;
	size_t n = 0;
	int r = document_config(d, &config, err);

	if (r == 0)
		r = document_layers(d, &layers, &n, err);
	if (r == 0)
		r = add_item(l, b, "config", &config, err);
	for (size_t i = 0; i < n && r == 0; i++) {
		char name[sizeof b->items->name];
		snprintf(name, sizeof name, "layer %zu", i + 1);
		r = add_item(l, b, name, &layers[i], err);
	}
	free(layers);
	return r;
}

static int add_document(const struct layout *l, struct push_blobs *b, const char *digest,
        const char *media_type, int depth, struct error *err);

static int add_entries(const struct layout *l, struct push_blobs *b, const struct document *index,
        int depth, struct error *err)
{
	size_t n = json_array_size(json_object_get(index->json, "manifests"));
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		struct descriptor entry;
		r = document_entry(index, i, &entry, err);
		if (r == 0)
			r = add_document(l, b, entry.digest, entry.media_type, depth + 1, err);
	}
	return r;
}

static int add_document(const struct layout *l, struct push_blobs *b, const char *digest,
        const char *media_type, int depth, struct error *err)
{
	auto_buf bytes = BUF_INIT;
	struct document d = {0};
	int r = layout_get(l, digest, &bytes, err);

	if (r == 0)
		r = document_read(&bytes, digest_algorithm(digest), media_type, digest, &d, err);
	if (r < 0)
		return r;
	if (d.is_index && depth >= DEPTH_MAX)
		r = error_set(err, ELOOP, "send image", digest,
		        "an index in an index in an index, too deep");
	else if (d.is_index)
		r = add_entries(l, b, &d, depth, err);
	else
		r = add_manifest(l, b, &d, err);
	if (r == 0 && b->n_documents == PUSH_DOCUMENTS)
		r = error_set(
		        err, E2BIG, "send image", digest, "more than %d manifests", PUSH_DOCUMENTS);
	if (r == 0)
		b->documents[b->n_documents++] = d;
	else
		document_release(&d);
	return r;
}

int push_blobs_read(
        const struct layout *l, const char *digest, struct push_blobs *ret, struct error *err)
{
	int r = add_document(l, ret, digest, NULL, 0, err);

	if (r < 0)
		push_blobs_release(ret);
	return r;
}

/* --- where else they are --- */

/* "team/shop" when the name is one of the same registry and of another repository. */
static bool other_repository(const char *name, const struct reference *to, struct buf *ret)
{
	struct reference typed, full;
	bool added[REFERENCE_PARTS];

	if (!name[0] || reference_parse(name, &typed, NULL, NULL) < 0)
		return false;
	reference_complete(&typed, &full, added);
	/* A name without a registry says nothing of where the image has been. */
	if (added[REFERENCE_HOST] || strcmp(full.host, to->host) != 0 ||
	        strcmp(full.port, to->port) != 0 ||
	        (!strcmp(full.name_space, to->name_space) &&
	                !strcmp(full.repository, to->repository)))
		return false;
	buf_addf(ret, "%s%s%s", full.name_space, full.name_space[0] ? "/" : "", full.repository);
	return true;
}

static bool is_wanted(const struct push_blobs *b, const char *digest)
{
	for (size_t i = 0; i < b->n; i++)
		if (!strcmp(b->items[i].digest, digest))
			return true;
	return false;
}

json_t *push_blobs_elsewhere(
        const struct layout *l, const struct reference *to, const struct push_blobs *b)
{
	json_t *index = NULL, *one, *found = json_object();
	size_t i;

	if (!found || layout_index(l, &index, NULL) < 0)
		return found;
	json_array_foreach (json_object_get(index, "manifests"), i, one) {
		const char *digest = json_string_value(json_object_get(one, "digest"));
		struct push_blobs *theirs = NULL;
		auto_buf repository = BUF_INIT;
		if (!digest_valid(digest) ||
		        !other_repository(layout_name_of(one), to, &repository))
			continue;
		theirs = calloc(1, sizeof *theirs);
		if (theirs && push_blobs_read(l, digest, theirs, NULL) == 0)
			for (size_t k = 0; k < theirs->n; k++)
				if (is_wanted(b, theirs->items[k].digest))
					json_object_set_new(found, theirs->items[k].digest,
					        json_string(buf_text(&repository)));
		if (theirs)
			push_blobs_release(theirs);
		free(theirs);
	}
	json_decref(index);
	return found;
}
