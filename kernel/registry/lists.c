/* Lists, whole or page by page: the tags of a repository, all repositories, and what refers to a
 * manifest (OCI distribution specification 1.1, "Listing Tags" and "Listing Referrers"). */
#include "kernel/base/cleanup.h"
#include "kernel/registry/exchange.h"
#include "kernel/registry/manifest_check.h"
#include "kernel/registry/own_images.h"
#include "kernel/registry/state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- pages ---- */

/* The specification's order: without regard to case; among equals, as the bytes are. */
static int compare(const char *a, const char *b)
{
	int order = strcasecmp(a, b);

	return order ? order : strcmp(a, b);
}

static int compare_strings(const void *a, const void *b)
{
	return compare(*(const char *const *)a, *(const char *const *)b);
}

/* "n": how many at most; without it all. */
static bool page_size(const struct exchange *e, size_t *ret)
{
	const char *text = exchange_parameter(e, "n");
	unsigned long long n;
	char *end;

	*ret = SIZE_MAX;
	if (!text)
		return true;
	if (!text[0] || strspn(text, "0123456789") != strlen(text))
		return false;
	n = strtoull(text, &end, 10);
	*ret = n < SIZE_MAX ? (size_t)n : SIZE_MAX;
	return true;
}

/* Those behind "last", "n" of them, each once; whether there are more is in *ret_more. */
static json_t *page(const struct exchange *e, const json_t *all, size_t n, bool *ret_more)
{
	const char *last = exchange_parameter(e, "last");
	size_t total = json_array_size(all), i;
	auto_free const char **texts = calloc(total + 1, sizeof *texts);
	json_t *out = json_array(), *one;

	*ret_more = false;
	if (!texts)
		return out;
	json_array_foreach (all, i, one)
		texts[i] = json_string_value(one);
	qsort(texts, total, sizeof *texts, compare_strings);
	for (i = 0; i < total; i++) {
		if ((i > 0 && !strcmp(texts[i - 1], texts[i])) ||
		        (last && compare(texts[i], last) <= 0))
			continue;
		if (json_array_size(out) == n) {
			*ret_more = n > 0;
			break;
		}
		json_array_append_new(out, json_string(texts[i]));
	}
	return out;
}

/* Answers with a page of `all` as the member `key` of `document`. */
static void answer_page(
        struct exchange *e, json_t *document, const char *key, json_t *all, const char *path)
{
	json_t *out;
	size_t n;
	bool more;

	if (!page_size(e, &n)) {
		reply_fault(&e->reply, FAULT_PARAMETER, "n is no number");
		json_decref(document);
		return;
	}
	out = page(e, all, n, &more);
	if (more)
		reply_header(&e->reply, "Link", "<%s?n=%zu&last=%s>; rel=\"next\"", path, n,
		        json_string_value(json_array_get(out, json_array_size(out) - 1)));
	json_object_set_new(document, key, out);
	reply_json(&e->reply, 200, "application/json", document);
}

static bool is_read(struct exchange *e)
{
	if (e->method == METHOD_GET || e->method == METHOD_HEAD)
		return true;
	reply_fault(&e->reply, FAULT_METHOD, NULL);
	return false;
}

/* ---- tags ---- */

void answer_tags(struct exchange *e)
{
	struct repository r = {.layout = &e->registry->layout, .name = e->route.name};
	char path[REPOSITORY_NAME_MAX + 32];
	json_t *tags;

	if (!is_read(e))
		return;
	tags = repository_tags(&r);
	own_tags(&r, tags);
	if (json_array_size(tags) == 0 && !repository_exists(&r)) {
		reply_fault(&e->reply, FAULT_NAME_UNKNOWN, r.name);
	} else {
		snprintf(path, sizeof path, "/v2/%s/tags/list", r.name);
		answer_page(e, json_pack("{s:s}", "name", r.name), "tags", tags, path);
	}
	json_decref(tags);
}

/* ---- repositories ---- */

void answer_catalog(struct exchange *e)
{
	json_t *names;

	if (!is_read(e))
		return;
	names = repository_names(&e->registry->layout);
	own_names(&e->registry->layout, names);
	answer_page(e, json_object(), "repositories", names, "/v2/_catalog");
	json_decref(names);
}

/* ---- referrers ---- */

/* What the list says of one: enough to choose by. NULL when it is not to be in it. */
static json_t *describe(const struct repository *r, const char *digest, const char *wanted_type)
{
	char media_type[MEDIA_TYPE_MAX + 1];
	auto_buf text = BUF_INIT;
	json_t *document = NULL, *out = NULL, *annotations;
	const char *type;

	if (repository_find_manifest(r, digest, media_type) < 0 ||
	        layout_get(r->layout, digest, &text, NULL) < 0 ||
	        !(document = json_loadb(buf_text(&text), text.len, 0, NULL)))
		return NULL;
	type = manifest_artifact_type(document);
	if (!wanted_type || !strcmp(type, wanted_type))
		out = layout_descriptor(media_type, digest, text.len);
	if (out && type[0])
		json_object_set_new(out, "artifactType", json_string(type));
	annotations = json_object_get(document, "annotations");
	if (out && annotations)
		json_object_set(out, "annotations", annotations);
	json_decref(document);
	return out;
}

/* A repository without any, even one that nobody knows, has an empty list. */
void answer_referrers(struct exchange *e)
{
	struct repository r = {.layout = &e->registry->layout, .name = e->route.name};
	const char *type = exchange_parameter(e, "artifactType");
	json_t *digests, *digest, *manifests = json_array();
	size_t i;

	if (!is_read(e)) {
		json_decref(manifests);
		return;
	}
	digests = repository_referrers(&r, e->route.reference);
	json_array_foreach (digests, i, digest) {
		json_t *one = describe(&r, json_string_value(digest), type);
		if (one)
			json_array_append_new(manifests, one);
	}
	json_decref(digests);
	if (type)
		reply_header(&e->reply, "OCI-Filters-Applied", "artifactType");
	reply_json(&e->reply, 200, OCI_INDEX,
	        json_pack("{s:i,s:s,s:o}", "schemaVersion", 2, "mediaType", OCI_INDEX, "manifests",
	                manifests));
}
